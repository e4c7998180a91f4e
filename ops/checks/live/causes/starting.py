"""What a task needs before its program runs: the image, the secrets; and the memory to go on."""

from __future__ import annotations

import re
from collections.abc import Iterator

from ops.checks.facts.facts import Facts
from ops.checks.facts.looking import Unseen
from ops.checks.facts.service import Service
from ops.checks.facts.tasks import Death, Task
from ops.checks.live.findings import (
    NOT_STARTED,
    UNHEALTHY,
    Cause,
    Finding,
)

NETWORK = re.compile(r"i/o timeout|dial tcp|deadline exceeded|network is unreachable")
REFUSED = re.compile(r"AccessDenied|403|not authorized", re.IGNORECASE)


def cannot_pull(facts: Facts) -> Iterator[Finding]:
    for service in facts.services:
        for task in service.failed_of(Death.PULL)[:1]:
            image = str(service.container(task.definition)["image"])
            yield Finding(
                subject=service.name,
                what=f"the image {image} cannot be pulled",
                where=f"task definition {task.revision}",
                evidence=(task.told(), _registry(facts, image)),
                fix=_get_image(facts, service, task),
            )


def _registry(facts: Facts, image: str) -> str:
    try:
        found = facts.image_exists(image)
    except Unseen:
        return "whether the registry has it could not be looked at"
    return {None: "it is not in ECR", True: "ECR has this image", False: "ECR has no such image"}[found]


def _get_image(facts: Facts, service: Service, task: Task) -> tuple[str, ...]:
    if NETWORK.search(task.reason):
        return ("the registry was not reached: look at the routes, the endpoints and the egress on 443 of the tasks",)
    if REFUSED.search(task.reason):
        return (f"let the execution role {service.names.execution_role} pull: apply again with {facts.apply}",)
    return (
        f"push it: {facts.command(f'build {service.name}')} prints an image that exists; deploy that one "
        f"(TF_VAR_{service.name}_image, or ecs.{service.name}.image_tag in "
        f"environments/{facts.settings.environment}.tfvars)",
    )


def out_of_memory(facts: Facts) -> Iterator[Finding]:
    for service in facts.services:
        killed = service.failed_of(Death.MEMORY)
        if killed:
            definition, container = service.definition(killed[0].definition), service.container(killed[0].definition)
            limit = container.get("memory") or definition.get("memory")
            yield Finding(
                subject=service.name,
                what=f"out of memory: {len(killed)} tasks were killed at their limit of {limit} MiB",
                where=f"task definition {killed[0].revision}",
                evidence=tuple(task.told() for task in killed[:3]),
                fix=(
                    f"raise ecs.{service.name}.container_memory, and ecs.{service.name}.memory where that is the "
                    f"limit, in environments/{facts.settings.environment}.tfvars, and apply with {facts.apply}",
                ),
            )


CANNOT_PULL = Cause(
    "cannot-pull",
    "Image cannot be pulled",
    cannot_pull,
    symptom="New tasks stop with CannotPullContainerError.",
    evidence="The task's stopped reason, and whether ECR has the tag.",
    fix="`ops build` prints an image that exists; deploy that one.",
    explains=NOT_STARTED,
    deaths=(Death.PULL,),
)

OUT_OF_MEMORY = Cause(
    "out-of-memory",
    "Out of memory",
    out_of_memory,
    symptom="Tasks end with exit code 137, some time after their start.",
    evidence="OutOfMemoryError as the reason of a stopped task or its container.",
    fix="Raise `ecs.<service>.container_memory` and `ecs.<service>.memory`.",
    explains=UNHEALTHY,
    deaths=(Death.MEMORY,),
)
