"""`unlock`: remove a state lock whose holder is dead."""

from __future__ import annotations

from ops import command_line
from ops.session import Session
from ops.state import lock as state_lock


def run(session: Session, older_than: int) -> None:
    """Remove a state lock that is older than a limit.

    A younger one is left alone, because the command that holds it may still run: code 1 names its holder.
    """
    lock = state_lock.remove_dead(session.account, session.backend, session.name, older_than)
    if lock is None:
        session.display.line(f"{session.name}: the state is not locked")
        session.answer({"unlocked": False})
        return
    session.display.line(f"{session.name}: unlocked; it was held by {lock}")
    session.display.line(
        "If that command was killed in an apply, what was created in its last 20 s may exist without being in the "
        f"state: `python -m ops recover --env {session.name}` finds it."
    )
    session.answer({"unlocked": True, "who": lock.who, "id": lock.id})


command = command_line.delivery(run, command_line.OLDER_THAN)
