"""The record of a running emulator, and whether that one answers."""

from __future__ import annotations

import http.client
import json
from dataclasses import dataclass
from typing import cast

from ops.core.process_record import ProcessRecord

HEALTH_PATH = "/_emulator/health"


@dataclass
class Record(ProcessRecord):
    """One emulator process."""

    pid: int
    port: int
    instance: str
    """In its health answer as well: another server on a reused port is not mistaken for it."""
    account_id: str

    @property
    def url(self) -> str:
        # An IP: with a host name the SDKs put the bucket into it (bucket.localhost).
        return f"http://127.0.0.1:{self.port}"


def answers(record: Record, timeout: float = 5.0) -> bool:
    """Whether this very instance answers on its port within so many seconds."""
    connection = http.client.HTTPConnection("127.0.0.1", record.port, timeout=timeout)
    try:
        connection.request("GET", HEALTH_PATH)
        answer = cast("object", json.loads(connection.getresponse().read()))
    except (OSError, http.client.HTTPException, ValueError):
        return False
    finally:
        connection.close()
    return answer == {"instance": record.instance, "account_id": record.account_id}
