"""The ECS services: sizes, ports, health checks, counts and images."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from itertools import combinations

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
from environments.rules.finding import Finding, Rule
from environments.settings import SERVICES, ServiceSettings, Settings

API = "/api/"
"""What the load balancer sends to the backend."""
HEALTH_CHECK_PATH = re.compile(r"(?=.{1,1024}$)/[A-Za-z0-9._~/-]*(?:\?[A-Za-z0-9._~/=&%+,:-]*)?")
"""Elastic Load Balancing API reference, HealthCheckPath; /path?query as "Health checks for Application Load Balancer
target groups" has it, without what ends a quotation of a shell: the container's own check hands it to curl."""


def size(service: ServiceSettings) -> Iterator[Finding]:
    if service.cpu not in FARGATE_MEMORY:
        yield "cpu", f"got {service.cpu}, expected {listed(FARGATE_MEMORY, 'or')} (1024 is one vCPU)"
        return
    allowed = FARGATE_MEMORY[service.cpu]
    if service.memory not in allowed:
        yield "memory", f"{service.memory} MiB does not go with cpu {service.cpu}; allowed: {steps(allowed)}"


def container_memory(service: ServiceSettings) -> Iterator[Finding]:
    if not SMALLEST_CONTAINER_MIB <= service.container_memory <= service.memory:
        yield (
            "container_memory",
            f"got {service.container_memory}, expected {SMALLEST_CONTAINER_MIB} to {service.memory} MiB (memory)",
        )


def port(service: ServiceSettings) -> Iterator[Finding]:
    if not 1 <= service.port <= 65535:
        yield "port", f"got {service.port}, expected 1 to 65535"


def previous_port(service: ServiceSettings) -> Iterator[Finding]:
    if not 0 <= service.previous_port <= 65535:
        yield "previous_port", f"got {service.previous_port}, expected 1 to 65535, or 0 for none"


def health_check_path(service: ServiceSettings) -> Iterator[Finding]:
    if not HEALTH_CHECK_PATH.fullmatch(service.health_check_path):
        yield "health_check_path", f"got {quote(service.health_check_path)}, expected a path such as /health"


def capacity(service: ServiceSettings) -> Iterator[Finding]:
    least, most = service.min_capacity, service.max_capacity
    if not 0 <= least <= MOST_TASKS_A_SERVICE:
        yield "min_capacity", f"got {least}, expected 0 to {MOST_TASKS_A_SERVICE}"
    elif not least <= most <= MOST_TASKS_A_SERVICE:
        yield "max_capacity", f"got {most}, expected {least} (min_capacity) to {MOST_TASKS_A_SERVICE}"
    elif not least <= service.desired_count <= most:
        yield "desired_count", f"got {service.desired_count}, expected {least} to {most}, as min and max_capacity say"


def repository(service: ServiceSettings) -> Iterator[Finding]:
    if not re.fullmatch(REPOSITORY, service.repository):
        yield (
            "repository",
            f"got {quote(service.repository)}, expected lowercase letters and digits in words joined by - _ . or /",
        )


def image_tag(service: ServiceSettings) -> Iterator[Finding]:
    if not re.fullmatch(f"{IMAGE_TAG}|{IMAGE_DIGEST}", service.image_tag):
        yield (
            "image_tag",
            f"got {quote(service.image_tag)}, expected 1 to 128 letters, digits and _.-, the first no dot or hyphen, "
            "or sha256: and 64 digits",
        )


def own_ports(settings: Settings) -> Iterator[Finding]:
    """A port is how the security groups tell the services apart."""
    for other, service in combinations(SERVICES, 2):
        port = settings.ecs.of(service).port
        if port == settings.ecs.of(other).port:
            yield f"ecs.{service}.port", f"got {port}, expected another port than ecs.{other}.port"


def previous_ports_apart(settings: Settings) -> Iterator[Finding]:
    """An edge is there once: what serves now and what served before are different ports."""
    taken = {settings.ecs.of(service).port: f"ecs.{service}.port" for service in SERVICES}
    for service in SERVICES:
        port = settings.ecs.of(service).previous_port
        if port and port in taken:
            yield f"ecs.{service}.previous_port", f"got {port}, expected another port than {taken[port]}, or 0"
        elif port:
            taken[port] = f"ecs.{service}.previous_port"


def own_repositories(settings: Settings) -> Iterator[Finding]:
    for before, service in combinations(SERVICES, 2):
        name, other = settings.ecs.of(service).repository, settings.ecs.of(before).repository
        if name == other:
            yield f"ecs.{service}.repository", f"got {quote(name)}, expected another one than ecs.{before}.repository"
        elif name and other and repository_id(name) == repository_id(other):
            yield (
                f"ecs.{service}.repository",
                f"got {quote(name)}, expected a name that differs from {quote(other)} in more than - . / _: "
                "Terraform addresses are made of it",
            )


def health_of_the_api(settings: Settings) -> Iterator[Finding]:
    path = settings.ecs.backend.health_check_path
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


def _of(name: str, check: Callable[[ServiceSettings], Iterator[Finding]]) -> Rule:
    def rule(settings: Settings) -> Iterator[Finding]:
        for key, text in check(settings.ecs.of(name)):
            yield f"ecs.{name}.{key}", text

    return rule


RULES: tuple[Rule, ...] = (
    *(
        _of(name, check)
        for name in SERVICES
        for check in (size, container_memory, port, previous_port, health_check_path, capacity, repository, image_tag)
    ),
    own_ports,
    previous_ports_apart,
    own_repositories,
    health_of_the_api,
)
