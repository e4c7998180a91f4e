"""The ECS services: sizes, ports, health checks, counts and images."""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import combinations
from typing import Any

from environments.aws_limits import (
    FARGATE_MEMORY,
    IMAGE_DIGEST,
    IMAGE_TAG,
    MOST_TASKS_A_SERVICE,
    REPOSITORY,
    SMALLEST_CONTAINER_MIB,
)
from environments.names import repository_id
from environments.problems import listed, quote
from environments.rules.finding import Finding, Rule, Services

API = "/api/"
"""What the load balancer sends to the backend."""
HEALTH_CHECK_PATH = re.compile(r"(?=.{1,1024}$)/[A-Za-z0-9._~/-]*(?:\?[A-Za-z0-9._~/=&%+,:-]*)?")
"""Elastic Load Balancing API reference, HealthCheckPath; /path?query as "Health checks for Application Load Balancer
target groups" has it, without what ends a quotation of a shell: the container's own check hands it to curl."""


def cpu(cpu: int) -> Iterator[Finding]:
    if cpu not in FARGATE_MEMORY:
        yield "cpu", f"got {cpu}, expected {listed(FARGATE_MEMORY, 'or')} (1024 is one vCPU)"


def memory(cpu: int, memory: int) -> Iterator[Finding]:
    allowed = FARGATE_MEMORY.get(cpu)
    if allowed is not None and memory not in allowed:
        yield "memory", f"{memory} MiB does not go with cpu {cpu}; allowed: {steps(allowed)}"


def container_memory(container_memory: int, memory: int) -> Iterator[Finding]:
    if not SMALLEST_CONTAINER_MIB <= container_memory <= memory:
        yield (
            "container_memory",
            f"got {container_memory}, expected {SMALLEST_CONTAINER_MIB} to {memory} MiB (memory)",
        )


def port(port: int) -> Iterator[Finding]:
    if not 1 <= port <= 65535:
        yield "port", f"got {port}, expected 1 to 65535"


def previous_port(previous_port: int) -> Iterator[Finding]:
    if not 0 <= previous_port <= 65535:
        yield "previous_port", f"got {previous_port}, expected 1 to 65535, or 0 for none"


def health_check_path(health_check_path: str) -> Iterator[Finding]:
    if not HEALTH_CHECK_PATH.fullmatch(health_check_path):
        yield "health_check_path", f"got {quote(health_check_path)}, expected a path such as /health"


def capacity(min_capacity: int, max_capacity: int, desired_count: int | None = None) -> Iterator[Finding]:
    least, most = min_capacity, max_capacity
    if not 0 <= least <= MOST_TASKS_A_SERVICE:
        yield "min_capacity", f"got {least}, expected 0 to {MOST_TASKS_A_SERVICE}"
    elif not least <= most <= MOST_TASKS_A_SERVICE:
        yield "max_capacity", f"got {most}, expected {least} (min_capacity) to {MOST_TASKS_A_SERVICE}"
    elif desired_count is not None and not least <= desired_count <= most:
        yield "desired_count", f"got {desired_count}, expected {least} to {most}, as min and max_capacity say"


def repository(repository: str) -> Iterator[Finding]:
    if not re.fullmatch(REPOSITORY, repository):
        yield (
            "repository",
            f"got {quote(repository)}, expected lowercase letters and digits in words joined by - _ . or /",
        )


def image_tag(image_tag: str) -> Iterator[Finding]:
    if not re.fullmatch(f"{IMAGE_TAG}|{IMAGE_DIGEST}", image_tag):
        yield (
            "image_tag",
            f"got {quote(image_tag)}, expected 1 to 128 letters, digits and _.-, the first no dot or hyphen, "
            "or sha256: and 64 digits",
        )


def own_ports(ecs: Services) -> Iterator[Finding]:
    """A port is how the security groups tell the services apart."""
    for (other, taken), (service, port) in combinations(_each(ecs, "port"), 2):
        if port == taken:
            yield f"ecs.{service}.port", f"got {port}, expected another port than ecs.{other}.port"


def previous_ports_apart(ecs: Services) -> Iterator[Finding]:
    """An edge is there once: what serves now and what served before are different ports."""
    taken = {port: f"ecs.{service}.port" for service, port in _each(ecs, "port")}
    for service, port in _each(ecs, "previous_port"):
        if port and port in taken:
            yield f"ecs.{service}.previous_port", f"got {port}, expected another port than {taken[port]}, or 0"
        elif port:
            taken[port] = f"ecs.{service}.previous_port"


def own_repositories(ecs: Services) -> Iterator[Finding]:
    for (before, other), (service, name) in combinations(_each(ecs, "repository"), 2):
        if name == other:
            yield f"ecs.{service}.repository", f"got {quote(name)}, expected another one than ecs.{before}.repository"
        elif name and other and repository_id(name) == repository_id(other):
            yield (
                f"ecs.{service}.repository",
                f"got {quote(name)}, expected a name that differs from {quote(other)} in more than - . / _: "
                "Terraform addresses are made of it",
            )


def health_of_the_api(ecs: Services) -> Iterator[Finding]:
    path = ecs.get("backend", {}).get("health_check_path", "")
    if HEALTH_CHECK_PATH.fullmatch(path) and not path.startswith(API):
        yield (
            "ecs.backend.health_check_path",
            f"got {quote(path)}, expected a path under {API}: only {API}* is routed to the backend",
        )


def steps(allowed: range | tuple[int, ...]) -> str:
    """Say which numbers: each, or the first, the last and the step."""
    if isinstance(allowed, tuple) or len(allowed) <= 4:
        return ", ".join(str(memory) for memory in allowed)
    return f"{allowed[0]} to {allowed[-1]} in steps of {allowed.step}"


def _each(ecs: Services, key: str) -> list[tuple[str, Any]]:
    """Return the value of a key of every service of which it could be read."""
    return [(name, service[key]) for name, service in ecs.items() if key in service]


RULES_OF_A_SERVICE: tuple[Rule, ...] = (
    *(cpu, memory, container_memory, port, previous_port),
    *(health_check_path, capacity, repository, image_tag),
)
"""Their settings and the keys at fault are those of one service."""
RULES: tuple[Rule, ...] = (own_ports, previous_ports_apart, own_repositories, health_of_the_api)
