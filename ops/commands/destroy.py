"""`destroy`: take one environment down on the embedded AWS."""

from __future__ import annotations

import os

from ops import command_line
from ops.core.errors import UserError
from ops.recovery import log_groups
from ops.session import Session
from ops.terraform.plan_file import protected
from rehearsal import process as rehearsal
from rehearsal.aws import process


def run(session: Session) -> None:
    """Take an environment down on the embedded AWS; its bootstrap stack stays."""
    record = process.require(session.work, session.settings.account_id)
    name = session.name
    variables = session.emulator_environment(record)
    with session.prepare_alone():
        session.synthesize()
        session.init(variables)
    plan = session.work.plan(f"{name}-destroy-{os.getpid()}")
    try:
        with session.display.step(f"{name}: plan destroy") as step:
            terraform = session.terraform(name, variables, step)
            changes = terraform.plan(plan, destroy=True)
            step.note = str(changes) if changes.any else "nothing exists"
            planned = terraform.show_json(plan)
            _refuse_protected(session, protected(planned))
        rehearsal.stop(session.work, name)
        if changes.any:
            with session.display.step(f"{name}: destroy") as step:
                session.terraform(name, variables, step).apply(plan, changes)
                step.note = f"{changes.remove} resources"
            for group in log_groups.remove(session.aws(variables), log_groups.deleted(planned)):
                session.display.line(f"RDS had made {group} anew for its last lines: deleted, or the next apply fails.")
    finally:
        plan.unlink(missing_ok=True)
    session.display.line(
        f"{name} is gone. The state bucket, image repositories and roles are the bootstrap stack's and stay; "
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
