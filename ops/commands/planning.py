"""A plan of an environment as it is: the code of this checkout, the images that run, the target's state."""

from __future__ import annotations

import os
from collections.abc import Generator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from ops.core.errors import CommandError
from ops.delivery import deployed
from ops.session import Session
from ops.state import lock as state_lock
from ops.terraform import synthesized
from ops.terraform.events import Changes
from ops.terraform.run import Terraform

NOT_COMPARED = "not-compared-by-a-plan"


@dataclass(frozen=True)
class Planned:
    """What the plan would do, and Terraform's rendering of it."""

    changes: Changes
    text: str


def plan_now(session: Session) -> Planned:
    """Synthesize, init and plan; raises CommandError. Nothing is applied, no plan is kept, and no lock is taken.

    A lock that somebody else has is told: half of what an apply makes would be shown as a change.
    """
    holder = state_lock.read(session.account, session.backend)
    if holder is not None:
        raise CommandError(f"the state is locked by {holder}: wait until that is done, then repeat")
    variables = variables_now(session)
    prepare(session, variables)
    with planned(session, variables, lock=False) as (terraform, plan, changes):
        return Planned(changes, terraform.show(plan) if changes.any else "")


def variables_now(session: Session) -> dict[str, str]:
    """The environment for a Terraform that deploys nothing new."""
    images = deployed.images(session.account, session.settings)
    # Required, but only compared by its version: db_password_version.
    password = {} if session.settings.password_from_rds else {"TF_VAR_db_password": NOT_COMPARED}
    return {
        **password,
        **session.variables,
        **{f"TF_VAR_{service}_image": image for service, image in images.items()},
    }


def prepare(session: Session, variables: Mapping[str, str]) -> None:
    """Synthesize and init."""
    with session.prepare_alone():
        session.synthesize()
        session.init(variables)


@contextmanager
def planned(
    session: Session, variables: Mapping[str, str], *, lock: bool = True
) -> Generator[tuple[Terraform, Path, Changes]]:
    """A plan file as long as the body lasts, and what it would do."""
    plan = session.work.plan(f"{session.name}-now-{os.getpid()}")
    try:
        with session.display.step(f"{session.name}: plan") as step:
            terraform = Terraform(synthesized.directory(session.name), variables, session.work, step.progress)
            changes = terraform.plan(plan, lock=lock)
            step.note = str(changes) if changes.any else "no changes"
        yield terraform, plan, changes
    finally:
        plan.unlink(missing_ok=True)
