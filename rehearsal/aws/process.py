"""Starts and stops the emulator's background process."""

from __future__ import annotations

from ops.core.emulator_record import Record, answers, find, forget, of_account
from ops.core.paths import Work
from rehearsal import background

START_SECONDS = 60
STOP_SECONDS = 10


def start(work: Work, account_id: str, port: int = 0) -> Record:
    """Start the emulator, or give the running one; port 0 is any free one. Raises CommandError, UserError."""
    running = find(work)
    if running is not None:
        return of_account(running, account_id)
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
