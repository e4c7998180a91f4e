"""`destroy`: take one environment down on the embedded AWS."""

from __future__ import annotations

from ops import command_line
from ops.core.errors import UserError
from ops.recovery import log_groups
from ops.session import Session
from ops.terraform.plan_file import protected
from rehearsal import door


def run(session: Session) -> None:
    """Take an environment down on the embedded AWS; its bootstrap stack stays."""
    steps = session.steps()
    steps.prepare()
    with steps.planned(destroy=True) as (terraform, plan, changes):
        planned = terraform.show_json(plan)
        _refuse_protected(session, protected(planned))
        door.stop(session.work, session.name)
        if changes.any:
            steps.apply(plan, changes, "destroy")
            for group in log_groups.remove(session.aws, log_groups.deleted(planned)):
                session.display.line(f"RDS had made {group} anew for its last lines: deleted, or the next apply fails.")
    session.display.line(
        f"{session.name} is gone. The state bucket, image repositories and roles are the bootstrap stack's and stay; "
        "`make down` stops the embedded AWS and with it everything that is left."
    )


def _refuse_protected(session: Session, addresses: list[str]) -> None:
    """Before the first resource goes: AWS refuses only these, when most of the rest is gone."""
    if addresses:
        name = session.name
        raise UserError(
            f"{name} is protected from deletion, nothing was destroyed. Protected: {', '.join(addresses)}. "
            "Take the protection off, then repeat: deletion_protection = false in "
            f"environments/{name}.tfvars and `ENV={name} make up`; where the file may not say so, take it off each "
            "of these with the aws CLI. To end the rehearsal of all environments: `make down`"
        )


command = command_line.rehearsal(run)
