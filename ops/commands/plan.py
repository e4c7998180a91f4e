"""`plan`: what the settings as they are now would change on the embedded AWS."""

from __future__ import annotations

import os
from collections.abc import Mapping

from ops import command_line, synthesized
from ops.emulator import process
from ops.errors import UserError
from ops.paths import ROOT
from ops.preflight import changes
from ops.preflight.subjects import Stack
from ops.session import Session


def run(session: Session) -> None:
    """Show what the settings would change on the embedded AWS."""
    record = process.require(session.work, session.settings.account_id)
    variables = session.emulator_environment(record)
    with session.prepare_alone():
        session.synthesize()
        session.init(variables)
    _refuse(session, variables)
    plan = session.work.plan(f"{session.name}-{os.getpid()}")
    try:
        with session.display.step(f"{session.name}: plan") as step:
            terraform = session.terraform(session.name, variables, step)
            planned = terraform.plan(plan)
            step.note = str(planned) if planned.any else "no changes"
        if planned.any:
            session.display.line(terraform.show(plan))
            environment = f"ENV={session.name} " if session.name != "staging" else ""
            session.display.line(f"`{environment}make up` applies it.")
    finally:
        plan.unlink(missing_ok=True)


def _refuse(session: Session, variables: Mapping[str, str]) -> None:
    """Raise UserError for what cannot be changed on what is deployed."""
    stack = Stack.read(synthesized.directory(session.name))
    there = changes.deployed(session.aws(variables), session.settings)
    found = [f"{each.where}: {each.why}" for each in changes.judged(session.settings, stack, there, ROOT)]
    if found:
        raise UserError("\n".join(found))


command = command_line.rehearsal(run)
