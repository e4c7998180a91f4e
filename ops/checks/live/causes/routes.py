"""The way out of the subnets that the tasks are in."""

from __future__ import annotations

from collections.abc import Iterator

from ops.checks.facts.facts import Facts
from ops.checks.facts.tasks import Death
from ops.checks.live.findings import NOT_STARTED, Cause, Finding

REGISTRY = {"ecr.api", "ecr.dkr", "logs"}
"""Interface endpoints that stand for a way out; the layers come from S3, by its gateway endpoint."""


def no_route(facts: Facts) -> Iterator[Finding]:
    """Whether tasks run already or not: the next one that starts cannot get its image."""
    services = [each for each in facts.services if each.desired > 0]
    shut = [
        subnet
        for subnet in facts.network.subnets({subnet for each in services for subnet in each.subnets})
        if subnet.way_out is None
    ]
    for vpc in sorted({subnet.vpc for subnet in shut}):
        needed = {*REGISTRY, "s3"}
        needed |= {"secretsmanager"} if any(each.container().get("secrets") for each in services) else set()
        lacking = needed - facts.network.endpoints(vpc)
        if not lacking:
            continue
        here = [subnet for subnet in shut if subnet.vpc == vpc]
        yield Finding(
            subject="network",
            what="no route to ECR from "
            f"{', '.join(subnet.id for subnet in here)}: no way out, and no endpoints in place of one",
            where=f"route tables {', '.join(sorted({subnet.table for subnet in here}))}",
            evidence=(
                *(f"subnet {subnet.id} ({subnet.cidr}): {subnet.dead_end}" for subnet in here),
                f"{vpc} has no endpoint for {', '.join(sorted(lacking))}",
            ),
            fix=(
                f"apply again with {facts.apply}; nat_gateways in environments/{facts.settings.environment}.tfvars is "
                f"{facts.settings.nat_gateways}, and has to be at least 1 while tasks run",
            ),
            affects=tuple(each.name for each in services if {*each.subnets} & {subnet.id for subnet in here}),
        )


NO_ROUTE = Cause(
    "no-route",
    "No route to ECR",
    no_route,
    symptom="New tasks do not start; those that run go on serving.",
    evidence="The subnets' route tables: no living route to 0.0.0.0/0, and no endpoints for ECR, its layers in S3, "
    "logs and secrets in place of one.",
    fix="Apply again; `nat_gateways` is at least 1 while tasks run.",
    explains=("cannot-pull", "secret-unreadable", *NOT_STARTED),
    deaths=(Death.PULL, Death.START, Death.OTHER),
)
