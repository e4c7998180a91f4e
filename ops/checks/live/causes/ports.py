"""The port: where the application listens, and where the load balancer sends to."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from ops.checks.facts import targets
from ops.checks.facts.facts import Facts
from ops.checks.facts.service import Service
from ops.checks.facts.tasks import Death, Task
from ops.checks.live.findings import UNHEALTHY, Cause, Finding

LOOKED_AT = 5
"""Tasks whose log is read for it; those of one revision say the same."""


@dataclass(frozen=True)
class Mismatch:
    """One place that has another port than the one that the load balancer sends to."""

    port: int
    whose: str
    evidence: tuple[str, ...]


def port_mismatch(facts: Facts) -> Iterator[Finding]:
    """Only where the load balancer gets no answer: a port that is said elsewhere may be another one's."""
    for service in facts.services:
        silent = [task for task, reason in service.condemned() if not targets.codes(reason)][:LOOKED_AT]
        found = _mismatch(service, silent) if silent else None
        if found is not None:
            yield _finding(facts, service, found)


def _mismatch(service: Service, silent: list[Task]) -> Mismatch | None:
    expected, group = service.port, service.group
    for task in silent:
        told = [line for line in service.first_lines(task) if line.port is not None]
        if told and expected not in {line.port for line in told}:
            line = told[-1]
            evidence = (_why(service, task), f"task {task.id[:8]} wrote {line}")
            return Mismatch(line.port or 0, "the application listens on", evidence)
    container = service.container(silent[0].definition)
    mapped = {each["containerPort"] for each in container.get("portMappings", [])}
    if group is not None and group.check_port is not None and group.check_port not in {expected, *mapped}:
        what = f"the health check of target group {group.name} goes to port {group.check_port}"
        return Mismatch(group.check_port, "the health check goes to", (_why(service, silent[0]), what))
    given = next((each["value"] for each in container.get("environment", []) if each["name"] == "PORT"), "")
    if given.isdigit() and int(given) != expected:
        return Mismatch(
            int(given), "PORT tells the application", (_why(service, silent[0]), f"environment: PORT={given}")
        )
    return None


def _why(service: Service, task: Task) -> str:
    """What the load balancer says of the task."""
    group = service.group
    for target in group.having("unhealthy") if group else []:
        if target.address == task.address:
            return target.told()
    return str(service.verdicts[task.id][0]) if task.id in service.verdicts else task.told()


def _finding(facts: Facts, service: Service, found: Mismatch) -> Finding:
    expected, environment = service.port, facts.settings.environment
    where = f"ecs.{service.name}.port in environments/{environment}.tfvars"
    return Finding(
        subject=service.name,
        what=f"port mismatch: {found.whose} {found.port}, the load balancer sends to {expected}",
        where=f"service {service.description['serviceName']}",
        evidence=(*found.evidence, f"task definition: containerPort {expected}"),
        fix=(
            f"have the application listen on $PORT, {expected} (program, EXPOSE and HEALTHCHECK of its Dockerfile), "
            f"and deploy that image; or set {where} to the application's and apply with {facts.apply}",
        ),
    )


PORT_MISMATCH = Cause(
    "port-mismatch",
    "Port mismatch",
    port_mismatch,
    symptom='502 and 503; targets unhealthy with "Health checks failed", without a code.',
    evidence="What a task says that it listens on, the port of the health check, or PORT, against the port that the "
    "load balancer sends to.",
    fix="Have the application listen on $PORT, or set `ecs.<service>.port`, with `previous_port` as it was.",
    explains=("grace-too-short", *UNHEALTHY),
    deaths=(Death.HEALTH,),
)
