"""`plan`: what the settings as they are now would change on the embedded AWS."""

from __future__ import annotations

import os

from environments.rules.production import accepted
from ops import command_line
from ops.checks.offline import changes
from ops.core.errors import UserError
from ops.session import Session
from ops.terraform import synthesized
from rehearsal import door


def run(session: Session) -> None:
    """Show what the settings would change on the embedded AWS."""
    record = door.require_emulator(session.work, session.settings.account_id)
    variables = session.emulator_environment(record)
    with session.prepare_alone():
        session.synthesize()
        session.init(variables)
    if refused := changes.told(session.aws(variables), session.settings, synthesized.directory(session.name)):
        raise UserError("\n".join(refused))
    plan = session.work.plan(f"{session.name}-{os.getpid()}")
    try:
        with session.display.step(f"{session.name}: plan") as step:
            terraform = session.terraform(session.name, variables, step)
            planned = terraform.plan(plan)
            step.note = str(planned) if planned.any else "no changes"
        for key, text in accepted(session.settings):
            session.display.line(f"warning: {key}: {text}")
        if planned.any:
            session.display.line(terraform.show(plan))
            environment = f"ENV={session.name} " if session.name != "staging" else ""
            session.display.line(f"`{environment}make up` applies it.")
    finally:
        plan.unlink(missing_ok=True)


command = command_line.rehearsal(run)
