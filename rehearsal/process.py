"""Starts, finds and stops the supervisor of an environment's rehearsal in the background."""

from __future__ import annotations

import contextlib
import json
import shutil
from dataclasses import dataclass
from pathlib import Path
from typing import Any, cast

from ops.core.paths import ROOT, Work
from ops.core.process_record import ProcessRecord
from rehearsal import background, children
from rehearsal.pace import DEFAULT_FACTOR

Status = dict[str, Any]
"""What the supervisor writes of everything that runs; made by `rehearsal/status.py`."""
START_SECONDS = 30
STOP_SECONDS = 45
"""Longer than the deregistration delay and stop timeout of tasks that need all of it."""


@dataclass(frozen=True)
class Setup:
    """What to rehearse, and with which programs."""

    cluster: str
    region: str
    emulator: str
    app: Path = ROOT / "app"
    images: Path = ROOT / ".work" / "images"
    factor: float = DEFAULT_FACTOR


@dataclass(frozen=True)
class Record(ProcessRecord):
    """The supervisor; its process id is its session's id too."""

    pid: int
    instance: str
    emulator: str


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

    @property
    def tasks(self) -> Path:
        return self.directory / "tasks"


def files(work: Work, name: str) -> Files:
    return Files(work.rehearsal(name).resolve())


def running(work: Work) -> list[str]:
    """The environments with a rehearsal."""
    return sorted(path.parent.name for path in (work.directory / "rehearsal").glob("*/process.json"))


def find(work: Work, name: str) -> Record | None:
    """The running supervisor."""
    found = Record.read(files(work, name).record)
    return found if found and found.is_running() else None


def read_status(work: Work, name: str) -> Status | None:
    """What the supervisor wrote last."""
    with contextlib.suppress(OSError, ValueError):
        return cast("Status", json.loads(files(work, name).status.read_text(encoding="utf-8")))
    return None


def start(work: Work, name: str, setup: Setup, *, anew: bool = False) -> bool:
    """Start the supervisor; False if one runs already, unless that is to be started anew. Raises CommandError.

    A supervisor keeps the code and the PATH that it was started with, and what it found out about a deployment.
    """
    own = files(work, name)
    found = find(work, name)
    if found is not None and found.emulator == setup.emulator and not anew:
        return False
    _end(own)
    own.status.unlink(missing_ok=True)
    arguments = {
        "directory": own.directory,
        "work": work.directory.resolve(),
        "cluster": setup.cluster,
        "region": setup.region,
        "emulator": setup.emulator,
        "app": setup.app.resolve(),
        "images": setup.images.resolve(),
        "factor": setup.factor,
    }
    program = background.Program("the rehearsal", "rehearsal.supervisor", arguments, own.log, START_SECONDS)
    try:
        program.start(Record, own.record, lambda _: read_status(work, name) is not None)
    except BaseException:
        stop(work, name)
        raise
    return True


def stop(work: Work, name: str) -> bool:
    """Stop the supervisor and whatever is left of an earlier one, and forget it; False if nothing ran."""
    own = files(work, name)
    was_running = _end(own)
    status = read_status(work, name) or {"databases": []}
    for database in status["databases"]:
        directory = Path(database["directory"])
        shutil.rmtree(directory, ignore_errors=True)
        # The folder that root's databases are in, unless another rehearsal has one there.
        with contextlib.suppress(OSError):
            directory.parent.rmdir()
    shutil.rmtree(own.directory, ignore_errors=True)
    return was_running


def _end(own: Files) -> bool:
    """End the supervisor, and what a killed one left if its guard was killed too; the data stay."""
    found = Record.read(own.record)
    if found is None or found.id_is_reused():
        return False
    was_running = background.stop(found, STOP_SECONDS)
    left = children.of_session(found.pid)
    children.kill_session(found.pid)
    shutil.rmtree(own.tasks, ignore_errors=True)
    return was_running or bool(left)
