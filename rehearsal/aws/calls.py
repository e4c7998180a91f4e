"""The operations that were called, by the name of the caller: what the roles of the pipeline have to be allowed.

A caller gives itself a name in its user agent, Terraform and its AWS provider by TF_APPEND_USER_AGENT ("Custom
User-Agent Information" in the provider's documentation).
"""

from __future__ import annotations

import re
from typing import NamedTuple

from rehearsal.aws.ask import ask

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
    """Keep a call; in the emulator's process."""
    if named := NAME.search(agent):
        _asked.add(Call(named[1], service, operation))


def asked() -> list[Call]:
    """Return the calls that were kept; in the emulator's process."""
    return sorted(_asked)


def read(endpoint: str) -> list[Call]:
    """Ask the emulator for the calls; raises OSError."""
    return [Call(*each) for each in ask(endpoint, "GET", CALLS_PATH)]
