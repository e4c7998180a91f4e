"""`status`: whether the embedded AWS runs, what is deployed on it, what runs of it, state locks, and codes it sent."""

from __future__ import annotations

import time

from ops import command_line
from ops.core import emulator_record
from ops.core.aws import Aws
from ops.core.paths import STACKS
from ops.session import Session
from ops.state import file as state
from ops.state import lock
from ops.terraform import synthesized
from ops.terraform.environment import for_emulator
from ops.terraform.synthesized import S3Backend
from rehearsal import door

SHOWN = 5
"""Newest messages; who waits for a code waits for one of them."""


def run(session: Session) -> None:
    """Show what runs on the embedded AWS, what is applied, locks, and codes that were sent."""
    display = session.display
    record = emulator_record.find(session.work)
    if record is None:
        display.line("emulator: not running; `make up` starts it")
        return
    display.line(f"emulator: {record.url}, account {record.account_id}, pid {record.pid}")
    aws = Aws(for_emulator(record.url, session.work), session.settings.aws_region)
    rows: list[tuple[str, str, str]] = []
    for directory in sorted(path.parent for path in STACKS.glob("*/cdk.tf.json")):
        backend = synthesized.backend(directory)
        found = state.remote(aws, backend)
        applied = f"{found.resources} resources, serial {found.serial}" if found else "not applied"
        rows.append((directory.name, applied, _lock(aws, backend)))
    display.table("Stack, state, lock:", rows)
    door.show_running(display, session.work, session.name)
    messages = door.read_mail(record.url)[:SHOWN]
    if messages:
        display.table("Codes that Cognito would have mailed, newest first:", [_message(each) for each in messages])


def _message(message: door.MailMessage) -> tuple[str, str, str]:
    clock = time.strftime("%H:%M:%S", time.localtime(message.at))
    return clock, message.to, f"{message.code} {message.subject}"


def _lock(aws: Aws, backend: S3Backend) -> str:
    try:
        return str(lock.read(aws, backend) or "free")
    except lock.UnknownLock:
        return "held by an item that is no lock of Terraform: `python -m ops lock --target emulator`"


command = command_line.rehearsal(run)
