"""What is kept of a running rehearsal."""

from __future__ import annotations

import contextlib
import json
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, cast

from ops.core.pids import command_line


@dataclass(frozen=True)
class Files:
    """The files of one rehearsal."""

    directory: Path

    @property
    def record(self) -> Path:
        return self.directory / "process.json"

    @property
    def status(self) -> Path:
        return self.directory / "status.json"

    @property
    def log(self) -> Path:
        return self.directory / "supervisor.log"

    @property
    def databases(self) -> Path:
        return self.directory / "databases"


@dataclass(frozen=True)
class Record:
    """The supervisor: its pid is its session's id too; the instance is on its command line."""

    pid: int
    instance: str
    emulator: str

    def to_json(self) -> str:
        return json.dumps(asdict(self), indent=2) + "\n"

    def is_running(self) -> bool:
        """Whether the pid still belongs to this supervisor and not to a later process."""
        return self.instance in command_line(self.pid)

    def pid_is_reused(self) -> bool:
        """Whether a later process took the pid: then the session of that id is not the supervisor's."""
        command = command_line(self.pid)
        return bool(command) and self.instance not in command


def read(path: Path) -> Record | None:
    """The record in the file; None if there is none or it is damaged."""
    with contextlib.suppress(OSError, ValueError, TypeError, KeyError):
        found = cast("dict[str, Any]", json.loads(path.read_text(encoding="utf-8")))
        record = Record(int(found["pid"]), str(found["instance"]), str(found["emulator"]))
        return record if record.pid > 1 else None
    return None


def read_status(path: Path) -> dict[str, Any] | None:
    """What the supervisor last wrote."""
    with contextlib.suppress(OSError, ValueError):
        return cast("dict[str, Any]", json.loads(path.read_text(encoding="utf-8")))
    return None
