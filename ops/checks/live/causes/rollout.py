"""Deployments whose tasks fail, so that they are rolled back."""

from __future__ import annotations

from collections.abc import Iterator

from ops.checks.facts.facts import Facts
from ops.checks.facts.looking import Unseen
from ops.checks.facts.service import Service
from ops.checks.facts.tasks import Death, Task
from ops.checks.live.findings import Cause, Finding
from ops.delivery.deployed import revision

FAILED_TASKS = 2
"""Of a deployment that goes on, from which it counts as failing: one task may fail by chance."""
LINES = 5


def rolled_back(facts: Facts) -> Iterator[Finding]:
    for service in facts.services:
        gone = service.gave_up
        if gone is not None:
            failed = [each for each in service.failures if each.deployment == gone.deployment]
            current = revision(service.primary["taskDefinition"])
            lost = failed[0].revision if failed else _listed(service, gone.deployment)
            back = f"rolled back from {lost} to {current}" if gone.back_to else f"{lost} failed, with nothing before it"
            yield _deployment(facts, service, f"deployment failed: {back}", failed, (str(gone.event),))
        elif _fails(service):
            current = [each for each in service.failures if each.deployment == service.primary["id"]]
            count = service.primary["failedTasks"]
            what = f"deployment of {revision(service.primary['taskDefinition'])} fails: {count} tasks so far"
            yield _deployment(facts, service, what, current, ())


def _fails(service: Service) -> bool:
    deployment = service.primary
    return deployment.get("rolloutState") == "IN_PROGRESS" and deployment.get("failedTasks", 0) >= FAILED_TASKS


def _listed(service: Service, deployment: str) -> str:
    """The revision of a deployment that ECS may have stopped to list."""
    found = (each["taskDefinition"] for each in service.description["deployments"] if each["id"] == deployment)
    return revision(next(found, f"deployment {deployment}"))


def _deployment(facts: Facts, service: Service, what: str, tasks: list[Task], told: tuple[str, ...]) -> Finding:
    evidence = [*told]
    reason = service.primary.get("rolloutStateReason")
    evidence += [f"ECS: {reason}"] if reason else []
    for task in list({each.reason: each for each in reversed(tasks)}.values())[:2]:
        evidence.append(task.told())
        evidence += [f"  {line}" for line in _last(service, task)]
    return Finding(
        subject=service.name,
        what=what,
        where=f"service {service.description['serviceName']}",
        evidence=tuple(evidence),
        fix=(
            "mend what the tasks failed of and deploy again; until then the revision before it serves",
            f"all that they wrote: {facts.aws(f'logs tail {service.names.log_group}')}",
        ),
        deaths=frozenset(each.death for each in tasks),
    )


def _last(service: Service, task: Task) -> list[str]:
    try:
        return [str(line) for line in service.last_lines(task, LINES)]
    except Unseen:
        return []


ROLLED_BACK = Cause(
    "rolled-back",
    "Deployment failed or rolled back",
    rolled_back,
    symptom="The new version does not come, the old one goes on serving.",
    evidence="ECS's events and the deployment's state; why its tasks stopped and what they wrote last.",
    fix="Mend what the tasks failed of, and deploy again.",
    explains=("deregistration-cycle", "no-healthy-target"),
    deaths=tuple(Death),
)
