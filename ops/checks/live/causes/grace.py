"""Tasks that are stopped before they are ready."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import datetime

from ops.checks.facts import targets
from ops.checks.facts.facts import Facts
from ops.checks.facts.log_lines import Line
from ops.checks.facts.service import Service
from ops.checks.facts.tasks import Death, Task
from ops.checks.live.findings import UNHEALTHY, Cause, Finding

STARTING = re.compile(r"\b(?:start|boot|initiali[sz]|load|warm|migrat|prepar|compil|connect|wait)ing\b", re.IGNORECASE)


def grace_too_short(facts: Facts) -> Iterator[Finding]:
    for service in facts.services:
        for task in service.failed_of(Death.HEALTH):
            found = _cut_off(service, task)
            if found is not None:
                yield _finding(facts, service, task, found)
                break


def _cut_off(service: Service, task: Task) -> str | None:
    """How the task shows that it was not ready yet when it was given up; None if it does not."""
    event, reason = service.verdicts.get(task.id, (None, ""))
    decided = task.stopping or (event.at if event else None)
    lines = service.first_lines(task)
    if decided is None or not lines or targets.codes(reason):
        # What answers with a code is ready.
        return None
    ready = [line for line in lines if line.listening and line.port in (None, service.port)]
    if ready:
        return f"it was ready {_after(task, ready[0].at)}: {ready[0]}" if ready[0].at > decided else None
    return f"it was still starting: {lines[-1]}" if _starts(lines) else None


def _starts(lines: list[Line]) -> bool:
    """Whether the last thing it says is that it starts, and nothing that it is done."""
    return not any(line.listening for line in lines) and bool(STARTING.search(lines[-1].message))


def _after(task: Task, at: datetime) -> str:
    return f"{(at - task.started).total_seconds():.0f} s after its start" if task.started else "later"


def _finding(facts: Facts, service: Service, task: Task, found: str) -> Finding:
    container = "container health checks" in task.reason
    check = service.container(task.definition).get("healthCheck", {})
    grace = service.description.get("healthCheckGracePeriodSeconds") or 0
    limit = f"startPeriod {check.get('startPeriod') or 0} s" if container else f"healthCheckGracePeriodSeconds {grace}"
    lived = "" if task.lived is None else f", given up {task.lived:.0f} s after its start"
    fix = (
        "raise startPeriod in modules/ecs/task.py above the time it takes to start"
        if container
        else (
            f"at once: {facts.update_service(service, '--health-check-grace-period-seconds SECONDS')}; to stay: "
            "HEALTH_CHECK_GRACE in modules/ecs/service.py, above the time it takes to start"
        )
    )
    evidence = [f"{task.told()}{lived}", found, limit]
    if facts.rehearsed:
        evidence.append("the rehearsal passes such periods ten times faster")
    return Finding(
        subject=service.name,
        what="grace period shorter than the start: tasks are given up before they are ready",
        where=f"service {service.description['serviceName']}",
        evidence=tuple(evidence),
        fix=(f"{fix}, and apply with {facts.apply}",),
    )


GRACE_TOO_SHORT = Cause(
    "grace-too-short",
    "Grace period shorter than the start",
    grace_too_short,
    symptom="Every new task fails the health checks, though the application works.",
    evidence="The application says that it listens only after its task was given up, or was still starting then.",
    fix="Raise HEALTH_CHECK_GRACE in `modules/ecs/service.py`.",
    explains=UNHEALTHY,
    deaths=(Death.HEALTH,),
)
