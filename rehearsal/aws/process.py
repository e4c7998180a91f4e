"""Starts, finds and stops the emulator's background process."""

from __future__ import annotations

import shutil

from ops.core.errors import CommandError, UserError
from ops.core.paths import Work
from rehearsal import background
from rehearsal.aws.record import Record, answers

START_SECONDS = 60
STOP_SECONDS = 10


def find(work: Work) -> Record | None:
    """The running emulator of the work directory; a record whose process is gone is cleared away."""
    record = Record.read(work.emulator_record)
    if record is not None and record.is_running():
        # Busy with a large request it may be late; only a process that is gone is given up.
        if any(answers(record) for _ in range(3)):
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
    arguments = {"record": work.emulator_record, "account-id": account_id, "port": port}
    program = background.Program("the emulator", "rehearsal.aws.server", arguments, work.log("emulator"), START_SECONDS)
    try:
        return program.start(Record, work.emulator_record, answers)
    except BaseException:
        forget(work)
        raise


def stop(work: Work) -> bool:
    """Stop the emulator and forget what belonged to it; False if none was running."""
    was_running = background.stop(Record.read(work.emulator_record), STOP_SECONDS)
    forget(work)
    return was_running


def forget(work: Work) -> None:
    """Remove the record and the states of the emulated account, which lived in the process's memory."""
    shutil.rmtree(work.emulator, ignore_errors=True)
