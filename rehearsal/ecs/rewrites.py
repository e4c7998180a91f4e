"""The one table of what is changed in a container definition: addresses that cannot exist on this machine."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from urllib.parse import urlsplit

from ops.core.endpoint import EMULATOR_CREDENTIALS, ENDPOINT


@dataclass(frozen=True)
class Launch:
    """What a container gets."""

    environment: dict[str, str]
    health_command: tuple[str, ...] = ()

    def set(self, **variables: str) -> Launch:
        return replace(self, environment={**self.environment, **variables})


@dataclass(frozen=True)
class StandIns:
    """What stands on this machine for what is in the account."""

    emulator: str
    ports: Mapping[int, int]
    """Container port to loopback port."""
    databases: Mapping[str, int]
    """Host name of an RDS instance to the loopback port of its PostgreSQL."""


def _port(launch: Launch, stand_ins: StandIns) -> Launch:
    port = launch.environment.get("PORT", "")
    if port.isdigit() and int(port) in stand_ins.ports:
        return launch.set(PORT=str(stand_ins.ports[int(port)]))
    return launch


def _health_command(launch: Launch, stand_ins: StandIns) -> Launch:
    def local(match: re.Match[str]) -> str:
        port = stand_ins.ports.get(int(match[2]), int(match[2]))
        return f"{match[1]}:{port}"

    command = tuple(re.sub(r"\b(localhost|127\.0\.0\.1):(\d+)", local, part) for part in launch.health_command)
    return replace(launch, health_command=command)


def is_database_url(value: str) -> bool:
    return value.startswith(("postgresql://", "postgres://"))


def database_prefix(name: str, environment: Mapping[str, str]) -> str | None:
    """Return what the variables that give a connection in parts begin with, if this is the one of the host."""
    prefix = name.removesuffix("_HOST")
    return prefix if prefix != name and f"{prefix}_PORT" in environment else None


def _database_parts(launch: Launch, stand_ins: StandIns) -> Launch:
    changed: dict[str, str] = {}
    for name, value in launch.environment.items():
        prefix = database_prefix(name, launch.environment)
        if prefix is not None and value in stand_ins.databases:
            changed |= {name: "127.0.0.1", f"{prefix}_PORT": str(stand_ins.databases[value])}
    return launch.set(**changed)


def _database(launch: Launch, stand_ins: StandIns) -> Launch:
    changed: dict[str, str] = {}
    for name, value in launch.environment.items():
        url = urlsplit(value) if is_database_url(value) else None
        if url is not None and url.hostname and url.hostname in stand_ins.databases:
            user, at, _ = url.netloc.rpartition("@")
            changed[name] = url._replace(netloc=f"{user}{at}127.0.0.1:{stand_ins.databases[url.hostname]}").geturl()
    return launch.set(**changed)


def _emulator(launch: Launch, stand_ins: StandIns) -> Launch:
    return launch.set(**{ENDPOINT: stand_ins.emulator}, **EMULATOR_CREDENTIALS)


def _jwks(launch: Launch, stand_ins: StandIns) -> Launch:
    pool = launch.environment.get("COGNITO_USER_POOL_ID")
    return launch.set(COGNITO_JWKS_URI=f"{stand_ins.emulator}/{pool}/.well-known/jwks.json") if pool else launch


@dataclass(frozen=True)
class Rewrite:
    what: str
    reason: str
    apply: Callable[[Launch, StandIns], Launch]


TABLE = (
    Rewrite("PORT", "every task has its own address on AWS; here they share one and each gets a free port", _port),
    Rewrite("localhost:<port> in the health check's command", "the same port", _health_command),
    Rewrite("host of a postgresql:// URL", "the RDS instance is a PostgreSQL on loopback here", _database),
    Rewrite("<NAME>_HOST and <NAME>_PORT", "the same, where a connection is given in parts", _database_parts),
    Rewrite(f"{ENDPOINT} and credentials", "AWS is the emulator, and no task role hands out credentials", _emulator),
    Rewrite("COGNITO_JWKS_URI", "the user pool's keys are the emulator's; the issuer stays Cognito's", _jwks),
)


def rewrite(launch: Launch, stand_ins: StandIns) -> Launch:
    """Everything else stays exactly as in the container definition."""
    for row in TABLE:
        launch = row.apply(launch, stand_ins)
    return launch


def as_on_aws(line: str, stand_ins: StandIns) -> str:
    """A line that a program wrote, with the container's ports for those it was given instead."""
    for port, given in stand_ins.ports.items():
        line = re.sub(rf"(?<![\d.]){given}(?![\d.])", str(port), line)
    return line
