"""`status`: whether the embedded AWS runs, what is deployed on it, who holds a state lock, and what runs of it."""

from __future__ import annotations

from ops import command_line, state, state_lock, synthesized
from ops.aws import Aws
from ops.emulator import process
from ops.paths import STACKS
from ops.rehearsal import command as rehearsal
from ops.session import Session
from ops.synthesized import S3Backend


def run(session: Session) -> None:
    """Show what runs on the embedded AWS, what is applied, and who holds a lock."""
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
        rows.append((directory.name, applied, _lock(aws, backend)))
    display.table("Stack, state, lock:", rows)
    rehearsal.show_running(session)


def _lock(aws: Aws, backend: S3Backend) -> str:
    try:
        return str(state_lock.read(aws, backend) or "free")
    except state_lock.UnknownLock:
        return "held by an item that is no lock of Terraform: `python -m ops lock --target emulator`"


command = command_line.rehearsal(run)
