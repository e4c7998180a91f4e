"""`down`: stop the embedded AWS."""

from __future__ import annotations

from ops.emulator import process
from ops.session import Session


def run(session: Session) -> None:
    """Stop the emulator's process; what was deployed lived in its memory."""
    with session.display.step("emulator: stop") as step:
        step.note = "stopped, everything in it is gone" if process.stop(session.work) else "was not running"
