"""`lock`: who holds the state's lock."""

from __future__ import annotations

from ops import command_line
from ops.session import Session
from ops.state import lock as state_lock


def run(session: Session) -> None:
    """Tell who holds the state's lock, and since when; nothing is changed."""
    backend = session.backend
    lock = state_lock.read(session.account, backend)
    session.display.line(f"{session.name}: {lock or 'free'}, in table {backend.dynamodb_table}")
    if lock is not None:
        session.display.line(
            "While that command runs, wait. Once it is dead and the lock older than the limit, "
            f"`python -m ops unlock {session.options}` removes it."
        )
    session.answer(
        {"locked": False}
        if lock is None
        else {
            "locked": True,
            "id": lock.id,
            "who": lock.who,
            "operation": lock.operation,
            "created": lock.created.isoformat(),
            "age_minutes": round(lock.age.total_seconds() / 60, 1),
        }
    )


command = command_line.delivery(run)
