"""Starts, finds and stops the rehearsal of an environment in the background."""

from __future__ import annotations

import contextlib
import os
import secrets
import shutil
import signal
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ops.core.errors import CommandError
from ops.core.files import write_atomically
from ops.core.paths import ROOT, Work
from ops.core.pids import of_session
from rehearsal import processes, record
from rehearsal.pace import DEFAULT_FACTOR
from rehearsal.record import Files, Record

START_SECONDS = 30
STOP_SECONDS = 45
"""Longer than the deregistration delay and stop timeout of tasks that need all of it."""


@dataclass(frozen=True)
class Plan:
    """What to rehearse, and with which programs."""

    cluster: str
    region: str
    emulator: str
    app: Path = ROOT / "app"
    images: Path = ROOT / ".work" / "images"
    factor: float = DEFAULT_FACTOR


def files(work: Work, name: str) -> Files:
    return Files(work.rehearsal(name).resolve())


def running(work: Work) -> list[str]:
    """The environments with a rehearsal."""
    return sorted(path.parent.name for path in (work.directory / "rehearsal").glob("*/process.json"))


def find(work: Work, name: str) -> Record | None:
    """The running supervisor."""
    found = record.read(files(work, name).record)
    return found if found and found.is_running() else None


def start(work: Work, name: str, plan: Plan, *, anew: bool = False) -> bool:
    """Start the supervisor; False if one runs already, unless that is to be started anew. Raises CommandError.

    A supervisor keeps the code and the PATH that it was started with, and what it found out about a deployment.
    """
    own = files(work, name)
    found = find(work, name)
    if found is not None and found.emulator == plan.emulator and not anew:
        return False
    _reap(own)
    own.status.unlink(missing_ok=True)
    own.directory.mkdir(parents=True, exist_ok=True)
    instance = secrets.token_hex(8)
    command = [sys.executable, "-m", "rehearsal.supervisor", "--directory", str(own.directory)]
    command += ["--work", str(work.directory.resolve()), "--instance", instance, "--factor", str(plan.factor)]
    command += ["--cluster", plan.cluster, "--region", plan.region, "--emulator", plan.emulator]
    command += ["--app", str(plan.app.resolve()), "--images", str(plan.images.resolve())]
    with own.log.open("wb") as output:
        process = subprocess.Popen(
            command, cwd=ROOT, stdin=subprocess.DEVNULL, stdout=output, stderr=output, start_new_session=True
        )
    write_atomically(own.record, Record(process.pid, instance, plan.emulator).to_json())
    try:
        deadline = time.monotonic() + START_SECONDS
        while record.read_status(own.status) is None:
            if process.poll() is not None or time.monotonic() > deadline:
                tail = "\n".join(own.log.read_text(encoding="utf-8", errors="replace").splitlines()[-5:])
                raise CommandError(f"the rehearsal did not start\n{tail}\nlog: {own.log}")
            time.sleep(0.1)
    except BaseException:
        stop(work, name)
        raise
    return True


def stop(work: Work, name: str) -> bool:
    """Stop the supervisor and whatever is left of an earlier one, and forget it; False if nothing ran."""
    own = files(work, name)
    was_running = _reap(own)
    status = record.read_status(own.status)
    databases: list[dict[str, Any]] = status["databases"] if status else []
    for database in databases:
        directory = Path(database["directory"])
        shutil.rmtree(directory, ignore_errors=True)
        # The folder that root's databases are in, unless another rehearsal has one there.
        with contextlib.suppress(OSError):
            directory.parent.rmdir()
    shutil.rmtree(own.directory, ignore_errors=True)
    return was_running


def _reap(own: Files) -> bool:
    """End the supervisor, and what a killed one left if its guard was killed too; the data stay."""
    found = record.read(own.record)
    if found is None or found.pid_is_reused():
        return False
    was_running = found.is_running()
    if was_running:
        with contextlib.suppress(ProcessLookupError):
            os.kill(found.pid, signal.SIGTERM)
        _wait(found)
    left = of_session(found.pid)
    processes.kill_session(found.pid)
    shutil.rmtree(own.directory / "tasks", ignore_errors=True)
    return was_running or bool(left)


def _wait(found: Record) -> None:
    deadline = time.monotonic() + STOP_SECONDS
    while time.monotonic() < deadline and found.is_running():
        # A child of this very process stays listed until it is waited for.
        with contextlib.suppress(ChildProcessError):
            os.waitpid(found.pid, os.WNOHANG)
        time.sleep(0.05)
