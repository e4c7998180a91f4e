"""Asks a running emulator on the paths that it has besides those of AWS."""

from __future__ import annotations

import http.client
import json
from typing import Any
from urllib.parse import urlsplit


def ask(endpoint: str, method: str, path: str, body: object = None, timeout: float = 5) -> Any:
    """Return the JSON of the answer; raises OSError where there is none, or a refusal."""
    connection = http.client.HTTPConnection(urlsplit(endpoint).netloc, timeout=timeout)
    try:
        connection.request(method, path, None if body is None else json.dumps(body))
        answer = connection.getresponse()
        content = answer.read()
    except http.client.HTTPException as error:
        raise OSError(f"the emulator did not answer to {method} {path}: {error!r}") from None
    finally:
        connection.close()
    if answer.status != 200:
        raise OSError(f"the emulator refused {method} {path}: {answer.status} {content.decode()}")
    return json.loads(content)
