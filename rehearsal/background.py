"""A process in the background that writes its record into a file once it is at work."""

from __future__ import annotations

import contextlib
import os
import secrets
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

from ops.core.errors import CommandError
from ops.core.paths import ROOT
from ops.core.process_record import ProcessRecord

LOOK_SECONDS = 0.05
Record = TypeVar("Record", bound=ProcessRecord)


@dataclass(frozen=True)
class Program:
    """A module of this project that is run in the background; it takes --instance besides its arguments."""

    name: str
    """As a person knows it."""
    module: str
    arguments: Mapping[str, object]
    """By name of the option."""
    log: Path
    start_seconds: float

    def start(self, kind: type[Record], path: Path, serves: Callable[[Record], bool]) -> Record:
        """Start it in a session of its own and wait until it serves; raises CommandError with the end of its log.

        It keeps a record of this kind at the path. Whatever ends the wait too early ends the process too.
        """
        instance = secrets.token_hex(8)
        command = [sys.executable, "-m", self.module, "--instance", instance]
        command += [part for name, value in self.arguments.items() for part in (f"--{name}", str(value))]
        self.log.parent.mkdir(parents=True, exist_ok=True)
        with self.log.open("wb") as output:
            process = subprocess.Popen(
                command, cwd=ROOT, stdin=subprocess.DEVNULL, stdout=output, stderr=output, start_new_session=True
            )
        deadline = time.monotonic() + self.start_seconds
        try:
            while True:
                record = kind.read(path)
                if record is not None and record.instance == instance and serves(record):
                    return record
                if process.poll() is not None:
                    raise self._not_started(f"its process ended with code {process.returncode}")
                if time.monotonic() > deadline:
                    raise self._not_started(f"no answer within {self.start_seconds} s")
                time.sleep(LOOK_SECONDS)
        except BaseException:
            process.kill()
            process.wait()
            raise

    def _not_started(self, why: str) -> CommandError:
        tail = "\n".join(self.log.read_text(encoding="utf-8", errors="replace").splitlines()[-5:])
        return CommandError(f"{self.name} did not start: {why}\n{tail}\nlog: {self.log}")


def stop(record: ProcessRecord | None, seconds: float) -> bool:
    """Ask the process of a record to end, and kill it after so many seconds; False if it did not run."""
    if record is None or not record.is_running():
        return False
    for number in (signal.SIGTERM, signal.SIGKILL):
        with contextlib.suppress(ProcessLookupError):
            os.kill(record.pid, number)
        if _ends(record, seconds):
            break
    return True


def _ends(record: ProcessRecord, seconds: float) -> bool:
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        if not record.is_running():
            # A child of this very process stays a zombie until it is waited for.
            with contextlib.suppress(ChildProcessError):
                os.waitpid(record.pid, os.WNOHANG)
            return True
        time.sleep(LOOK_SECONDS)
    return False
