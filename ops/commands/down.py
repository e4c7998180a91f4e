"""`down`: stop what runs, and the embedded AWS."""

from __future__ import annotations

from ops import command_line
from ops.session import Session
from rehearsal import door


def run(session: Session) -> None:
    """Stop what runs and the embedded AWS; everything in it is gone."""
    with session.display.step("tasks and databases: stop") as step:
        step.note = ", ".join(door.stop_all(session.work)) or "none were running"
    with session.display.step("emulator: stop") as step:
        step.note = "stopped, everything in it is gone" if door.stop_emulator(session.work) else "was not running"


command = command_line.rehearsal(run)
