"""`plan`: what the settings as they are now would change on the embedded AWS."""

from __future__ import annotations

from environments.rules.production import accepted
from ops import command_line
from ops.checks.offline import changes
from ops.core.errors import UserError
from ops.session import Session


def run(session: Session) -> None:
    """Show what the settings would change on the embedded AWS."""
    steps = session.steps()
    steps.prepare()
    if refused := changes.told(session.aws, session.settings, steps.directory):
        raise UserError("\n".join(refused))
    with steps.planned() as (terraform, plan, planned):
        for key, text in accepted(session.settings):
            session.display.line(f"warning: {key}: {text}")
        if planned.any:
            session.display.line(terraform.show(plan))
            environment = f"ENV={session.name} " if session.name != "staging" else ""
            session.display.line(f"`{environment}make up` applies it.")


command = command_line.rehearsal(run)
