"""`unlock`: remove a state lock whose holder is dead."""

from __future__ import annotations

import click

from ops import command_line
from ops.core.errors import CommandError
from ops.session import Session
from ops.state import lock as state_lock
from ops.state.lock import StateLock
from ops.terraform.synthesized import S3Backend

LIMIT_MINUTES = 60
"""Longer than any apply of the platform: its longest waits, a Multi-AZ database of RDS, take about 25 min."""


OLDER_THAN = click.option(
    "--older-than",
    type=click.IntRange(min=0),
    default=LIMIT_MINUTES,
    show_default=True,
    metavar="MINUTES",
    help="Age from which a lock counts as dead.",
)


def run(session: Session, older_than: int) -> None:
    """Remove a state lock that is older than a limit.

    A younger one is left alone, because the command that holds it may still run: code 1 names its holder.
    """
    lock = remove_dead(session, session.backend, older_than)
    if lock is None:
        session.display.line(f"{session.name}: the state is not locked")
        session.answer({"unlocked": False})
        return
    session.display.line(
        "If that command was killed in an apply, what was created in its last 20 s may exist without being in the "
        f"state: `python -m ops recover --env {session.name}` finds it."
    )
    session.answer({"unlocked": True, "who": lock.who, "id": lock.id})


def remove_dead(session: Session, backend: S3Backend, older_than: int) -> StateLock | None:
    """Remove the lock if it is so many minutes old, and tell whose it was; raises CommandError for a younger one."""
    aws = session.account
    lock = state_lock.read(aws, backend)
    if lock is None:
        return None
    if lock.age.total_seconds() < older_than * 60:
        raise CommandError(
            f"{session.name}: not unlocked, the lock is younger than {older_than} min: {lock}. Its command may still "
            "run: wait for it. If it is surely dead, lower --older-than"
        )
    state_lock.clear(aws, backend, lock)
    session.display.line(f"{session.name}: unlocked; it was held by {lock}")
    return lock


command = command_line.delivery(run, OLDER_THAN)
