"""`status`: whether the embedded AWS runs, what is deployed on it, who holds a state lock, and what runs of it."""

from __future__ import annotations

from ops import state, synthesized
from ops.emulator import process
from ops.paths import STACKS
from ops.rehearsal import command as rehearsal
from ops.session import Session


def run(session: Session) -> None:
    """Print one line for the emulator and one for each synthesized stack."""
    display = session.display
    record = process.find(session.work)
    if record is None:
        display.line("emulator: not running; `make up` starts it")
        return
    display.line(f"emulator: {record.url}, account {record.account_id}, pid {record.pid}")
    aws = session.aws(session.emulator_environment(record))
    rows: list[tuple[str, str, str]] = []
    for directory in sorted(path.parent for path in STACKS.glob("*/cdk.tf.json")):
        backend = synthesized.backend(directory)
        found = state.remote(aws, backend)
        applied = f"{found.resources} resources, serial {found.serial}" if found else "not applied"
        rows.append((directory.name, applied, state.lock_holder(aws, backend) or "free"))
    display.table("Stack, state, lock:", rows)
    rehearsal.show_running(session)
