"""Whether what is applied still is what the code says: a plan of this checkout with the images that run."""

from __future__ import annotations

from dataclasses import dataclass, replace

from environments.settings import Settings
from ops.core.aws import Aws
from ops.delivery import deployed
from ops.state import lock
from ops.terraform.events import Changes
from ops.terraform.steps import Steps
from ops.terraform.synthesized import S3Backend


@dataclass(frozen=True)
class Planned:
    """What the plan would do, and Terraform's rendering of it."""

    changes: Changes
    text: str


def plan_now(steps: Steps, aws: Aws, settings: Settings) -> Planned:
    """Synthesize, init and plan; raises CommandError. Nothing is applied, no plan is kept, and no lock is taken.

    A lock that somebody else has is told: half of what an apply makes would be shown as a change.
    """
    lock.require_free(aws, S3Backend.of(settings.backend))
    steps = replace(steps, variables=deployed.variables(aws, settings, steps.variables))
    steps.prepare()
    with steps.planned(lock=False) as (terraform, plan, changes):
        return Planned(changes, terraform.show(plan) if changes.any else "")
