"""Autoscaling that wants more tasks than it may start."""

from __future__ import annotations

from collections.abc import Iterator

from ops.checks.facts import scaling
from ops.checks.facts.facts import Facts
from ops.checks.live.findings import Cause, Finding


def pinned_at_maximum(facts: Facts) -> Iterator[Finding]:
    """The maximum alone is no fault: only with a CPU that stays above what autoscaling holds."""
    for service in facts.services:
        found = scaling.read(facts.looking, service)
        if found is None or service.desired < found.maximum or not found.cpu:
            continue
        if any(value <= found.wanted for _, value in found.cpu):
            continue
        readings = ", ".join(f"{at:%H:%M} {value:.0f} %" for at, value in found.cpu)
        yield Finding(
            subject=service.name,
            what=f"autoscaling pinned at its maximum of {found.maximum} tasks",
            where=f"service {service.description['serviceName']}",
            evidence=(
                f"desired count {service.desired}, limits {found.minimum} to {found.maximum}",
                f"CPU: {readings}; autoscaling holds {found.wanted:.0f} %",
            ),
            fix=(
                f"raise ecs.{service.name}.max_capacity (or ecs.{service.name}.cpu) in "
                f"environments/{facts.settings.environment}.tfvars and apply with {facts.apply}; for the backend also "
                "look at db_connections_alarm, from which the size of the tasks' pools follows",
            ),
        )


AUTOSCALING_PINNED = Cause(
    "autoscaling-pinned",
    "Autoscaling pinned at its maximum",
    pinned_at_maximum,
    symptom="Slow answers; CPU stays above the 70 % that autoscaling holds.",
    evidence="The desired count is the maximum, and every reading of the last quarter of an hour is above.",
    fix="Raise `ecs.<service>.max_capacity` or `ecs.<service>.cpu`.",
)
