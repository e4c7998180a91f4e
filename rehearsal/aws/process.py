"""Starts, finds and stops the emulator's background process."""

from __future__ import annotations

import contextlib
import os
import secrets
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

from ops.core.errors import CommandError, UserError
from ops.core.paths import ROOT, Work
from rehearsal.aws import record as records
from rehearsal.aws.record import Record

START_SECONDS = 60
STOP_SECONDS = 10


def find(work: Work) -> Record | None:
    """The running emulator of the work directory; a record whose process is gone is cleared away."""
    record = records.read(work.emulator_record)
    if record is not None and records.is_process(record):
        # Busy with a large request it may be late; only a process that is gone is given up.
        if any(records.answers(record) for _ in range(3)):
            return record
        raise CommandError(
            f"the emulator (pid {record.pid}) does not answer on {record.url}; "
            f"its log is {work.log('emulator')}; `make down` stops it"
        )
    forget(work)
    return None


def require(work: Work, account_id: str) -> Record:
    """The running emulator; raises UserError where there is none, or one that plays another account."""
    record = find(work)
    if record is None:
        raise UserError("the emulator is not running, so nothing is deployed: `make up` starts it and deploys")
    return _of_account(record, account_id)


def _of_account(record: Record, account_id: str) -> Record:
    if record.account_id != account_id:
        raise UserError(
            f"the running emulator plays account {record.account_id}, the settings say {account_id}: "
            "`make down` stops it, `make up` starts one of the other account"
        )
    return record


def start(work: Work, account_id: str, port: int = 0) -> Record:
    """Start the emulator, or give the running one; port 0 is any free one. Raises CommandError, UserError."""
    running = find(work)
    if running is not None:
        return _of_account(running, account_id)
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
        forget(work)
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
    forget(work)
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


def forget(work: Work) -> None:
    """Remove the record and the states of the emulated account, which lived in the process's memory."""
    shutil.rmtree(work.emulator, ignore_errors=True)
