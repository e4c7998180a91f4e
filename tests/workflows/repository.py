"""What a test gives: the repository that a workflow runs in, and stand-ins of remote actions."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any


@dataclass(frozen=True)
class Repository:
    """Where workflows run. A process gets `env` and what the workflow sets, nothing else of this machine's."""

    checkout: Path
    env: Mapping[str, str]
    secrets: Mapping[str, str] = field(default_factory=dict)
    vars: Mapping[str, str] = field(default_factory=dict)
    environments: Mapping[str, Environment] = field(default_factory=dict)
    actions: Mapping[str, StandIn] = field(default_factory=dict)  # by name without ref
    github: Mapping[str, Any] = field(default_factory=dict)  # overrides of the github context


@dataclass(frozen=True)
class Environment:
    """What a GitHub environment adds for the jobs that name it."""

    secrets: Mapping[str, str] = field(default_factory=dict)
    vars: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Call:
    """A step's use of a remote action."""

    inputs: Mapping[str, str]
    workspace: Path


@dataclass(frozen=True)
class Reply:
    """What an action does to the job."""

    outputs: Mapping[str, str] = field(default_factory=dict)
    env: Mapping[str, str] = field(default_factory=dict)


class ActionFailed(Exception):
    """Raised by a stand-in whose action would fail."""


StandIn = Callable[[Call], Reply | None]
