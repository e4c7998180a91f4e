"""Task sizes that Fargate knows, and containers that fit into them."""

from __future__ import annotations

import json
from collections.abc import Iterator

from environments.aws_limits import FARGATE_MEMORY, SMALLEST_CONTAINER_MIB
from environments.problems import listed
from ops.checks.offline.findings import Finding, fail
from ops.checks.offline.subjects import Environment
from ops.terraform.synthesized import Json


def sizes_are_known(environment: Environment) -> Iterator[Finding]:
    for address, task in environment.stack.all("aws_ecs_task_definition").items():
        cpu, memory = int(task["cpu"]), int(task["memory"])
        yield from _size(address, cpu, memory)
        yield from _containers(address, cpu, memory, json.loads(task["container_definitions"]))


def _size(address: str, cpu: int, memory: int) -> Iterator[Finding]:
    if cpu not in FARGATE_MEMORY:
        yield fail(address, f"cpu is {cpu}, expected {listed(FARGATE_MEMORY, 'or')}")
    elif memory not in FARGATE_MEMORY[cpu]:
        allowed = FARGATE_MEMORY[cpu]
        if isinstance(allowed, range) and len(allowed) > 4:
            steps = f"{allowed[0]} to {allowed[-1]} in steps of {allowed.step}"
        else:
            steps = listed(allowed, "or")
        yield fail(address, f"memory is {memory} with cpu {cpu}, expected {steps}")


def _containers(address: str, cpu: int, memory: int, containers: list[Json]) -> Iterator[Finding]:
    for each in containers:
        name, limit = each["name"], each.get("memory")
        if limit is not None and not SMALLEST_CONTAINER_MIB <= limit <= memory:
            yield fail(
                address,
                f"container {name} has memory {limit}, expected {SMALLEST_CONTAINER_MIB} to {memory}, the task's",
            )
        if each.get("memoryReservation", 0) > (limit or memory):
            yield fail(address, f"container {name} reserves more memory than its limit of {limit or memory}")
    reserved = sum(each.get("memoryReservation") or each.get("memory") or 0 for each in containers)
    if len(containers) > 1 and reserved > memory:
        yield fail(address, f"the containers' memory adds up to {reserved}, expected at most {memory}, the task's")
    shares = sum(each.get("cpu", 0) for each in containers)
    if shares > cpu:
        yield fail(address, f"the containers' cpu adds up to {shares}, expected at most {cpu}, the task's")
