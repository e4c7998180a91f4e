"""What becomes of targets whose tasks fail the health checks: given up and registered again, or none at all."""

from __future__ import annotations

from collections.abc import Iterator

from ops.checks.facts import events
from ops.checks.facts.facts import Facts
from ops.checks.facts.service import Service
from ops.checks.facts.tasks import Death
from ops.checks.live.findings import Cause, Finding

ROUNDS = 3
"""Targets that were given up since the service was last steady, from which it counts as a cycle."""


def deregistration_cycle(facts: Facts) -> Iterator[Finding]:
    for service in facts.services:
        if service.settled and service.gave_up is None:
            continue
        told = events.unsteady(service.events, service.gave_up.event if service.gave_up else None)
        given_up = [each for each in told if events.UNHEALTHY.search(each.message)]
        left = [each for each in told if events.DEREGISTERED.search(each.message)]
        rounds = [each for each in told if each in left or events.REGISTERED.search(each.message)]
        if len(given_up) < ROUNDS or len(left) < ROUNDS:
            continue
        seconds = (given_up[0].at - given_up[-1].at).total_seconds() / (len(given_up) - 1)
        yield Finding(
            subject=service.name,
            what=f"deregistration cycle: tasks are registered and given up again, one every {seconds:.0f} s",
            where=f"service {service.description['serviceName']}",
            evidence=tuple(str(each) for each in sorted([*rounds[:4], given_up[0]], key=lambda each: each.at)),
            fix=(
                "see what the health check gets: `curl -i` the path of the target group in a task, and "
                f"{facts.aws(f'logs tail {service.names.log_group}')}",
            ),
            deaths=frozenset({Death.HEALTH}),
        )


def no_healthy_target(facts: Facts) -> Iterator[Finding]:
    for service in facts.services:
        group = service.group
        wanted = service.desired or _minimum(facts, service)
        if group is None or not wanted or group.having("healthy"):
            continue
        if (group.having("initial") or service.description["pendingCount"]) and not service.failures:
            # It starts: nothing is decided yet.
            continue
        running = service.description["runningCount"]
        count = len(group.registered)
        none = f"no healthy target: {count} registered, {running} of {service.desired} tasks run"
        dead = list({each.reason: each for each in reversed(service.failures)}.values())[:2]
        fix = f"let the tasks register anew: {facts.update_service(service, '--force-new-deployment')}"
        if not service.desired:
            fix = f"give it tasks again: {facts.update_service(service, f'--desired-count {wanted}')}"
        yield Finding(
            subject=service.name,
            what=f"{none}, so requests get 503",
            where=f"target group {group.name}",
            evidence=(*(each.told() for each in group.targets[:4]), *(each.told() for each in dead)),
            fix=(fix,),
            deaths=_deaths(service),
        )


def _minimum(facts: Facts, service: Service) -> int:
    """Tasks that the settings want at least: none is no fault where they say so."""
    return facts.settings.ecs.of(service.name).min_capacity


def _deaths(service: Service) -> frozenset[Death]:
    """What its tasks died of, or are about to."""
    unhealthy = {Death.HEALTH} if service.group and service.group.having("unhealthy") else set[Death]()
    return frozenset({each.death for each in service.failures} | unhealthy)


DEREGISTRATION_CYCLE = Cause(
    "deregistration-cycle",
    "Deregistration cycle",
    deregistration_cycle,
    symptom="Tasks are registered, given up and replaced without end.",
    evidence="The service's events since it was last steady.",
    fix="See what the health check gets from a task.",
    explains=("no-healthy-target",),
    deaths=(Death.HEALTH,),
)

NO_HEALTHY_TARGET = Cause(
    "no-healthy-target",
    "No healthy target",
    no_healthy_target,
    symptom="Every request gets 503.",
    evidence="The targets of the target group, and why they are not healthy.",
    fix="Let the tasks register anew with a new deployment, or give the service tasks.",
)
