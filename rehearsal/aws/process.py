"""Starts and stops the emulator's background process."""

from __future__ import annotations

import contextlib
import os
import secrets
import signal
import subprocess
import sys
import time
from pathlib import Path

from ops.core import emulator_record as records
from ops.core.emulator_record import Record
from ops.core.errors import CommandError
from ops.core.paths import ROOT, Work

START_SECONDS = 60
STOP_SECONDS = 10


def start(work: Work, account_id: str, port: int = 0) -> Record:
    """Start the emulator, or give the running one; port 0 is any free one. Raises CommandError, UserError."""
    running = records.find(work)
    if running is not None:
        return records.of_account(running, account_id)
    log = work.log("emulator")
    log.parent.mkdir(parents=True, exist_ok=True)
    instance = secrets.token_hex(8)
    command = [sys.executable, "-m", "rehearsal.aws.server", "--record", str(work.emulator_record)]
    command += ["--instance", instance, "--account-id", account_id, "--port", str(port)]
    with log.open("wb") as output:
        process = subprocess.Popen(
            command, cwd=ROOT, stdin=subprocess.DEVNULL, stdout=output, stderr=output, start_new_session=True
        )
    try:
        return _wait_for(process, work.emulator_record, instance)
    except BaseException as error:
        process.kill()
        process.wait()
        records.forget(work)
        if isinstance(error, TimeoutError):
            tail = "\n".join(log.read_text(encoding="utf-8", errors="replace").splitlines()[-5:])
            raise CommandError(f"the emulator did not start: {error}\n{tail}\nlog: {log}") from None
        raise


def _wait_for(process: subprocess.Popen[bytes], path: Path, instance: str) -> Record:
    deadline = time.monotonic() + START_SECONDS
    while time.monotonic() < deadline:
        record = records.read(path)
        if record is not None and record.instance == instance and records.answers(record):
            return record
        if process.poll() is not None:
            raise TimeoutError(f"its process ended with code {process.returncode}")
        time.sleep(0.1)
    raise TimeoutError(f"no answer within {START_SECONDS} s")


def stop(work: Work) -> bool:
    """Stop the emulator and forget what belonged to it; False if none was running."""
    record = records.read(work.emulator_record)
    running = record is not None and records.is_process(record)
    if record is not None and running:
        with contextlib.suppress(ProcessLookupError):
            os.kill(record.pid, signal.SIGTERM)
        if not _ended(record, STOP_SECONDS):
            with contextlib.suppress(ProcessLookupError):
                os.kill(record.pid, signal.SIGKILL)
            _ended(record, STOP_SECONDS)
    records.forget(work)
    return running


def _ended(record: Record, seconds: float) -> bool:
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        # A child of this very process stays listed until it is waited for.
        with contextlib.suppress(ChildProcessError):
            os.waitpid(record.pid, os.WNOHANG)
        if not records.is_process(record):
            return True
        time.sleep(0.05)
    return False
