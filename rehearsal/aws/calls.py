"""Which operations were asked for in whose name: what the roles of the pipeline have to be allowed.

A caller gives itself a name in its user agent, Terraform and its AWS provider by TF_APPEND_USER_AGENT ("Custom
User-Agent Information" in the provider's documentation).
"""

from __future__ import annotations

import http.client
import json
import re
from typing import NamedTuple
from urllib.parse import urlsplit

CALLS_PATH = "/_emulator/calls"
NAME = re.compile(r"(?:^| )called-for/(\S+)")


class Call(NamedTuple):
    """An operation, by botocore's names of it and of its service."""

    name: str
    service: str
    operation: str


_asked: set[Call] = set()


def user_agent(name: str) -> str:
    """What has to be in the user agent of calls in this name."""
    return f"called-for/{name}"


def note(agent: str, service: str, operation: str) -> None:
    """Keep a call, in the emulator's process."""
    if named := NAME.search(agent):
        _asked.add(Call(named[1], service, operation))


def asked() -> list[Call]:
    """What the emulator answers."""
    return sorted(_asked)


def read(endpoint: str) -> list[Call]:
    """Ask the emulator for the calls; raises OSError."""
    connection = http.client.HTTPConnection(urlsplit(endpoint).netloc, timeout=5)
    try:
        connection.request("GET", CALLS_PATH)
        return [Call(*each) for each in json.loads(connection.getresponse().read())]
    except http.client.HTTPException as error:
        raise OSError(f"the emulator did not tell of its calls: {error!r}") from None
    finally:
        connection.close()
