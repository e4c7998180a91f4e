"""Every name in a stack's JSON, against what its service accepts."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator

from environments import aws_limits as aws
from environments.aws_limits import NameLimit
from environments.problems import quote
from ops.checks.offline.findings import Finding, fail
from ops.terraform.resource_types import of
from ops.terraform.synthesized import Stack


def names_fit(stack: Stack) -> Iterator[Finding]:
    for address, resource in stack.resources.items():
        name = of(address.partition(".")[0]).name
        if name and name.argument in resource:
            yield from _fits(address, name.argument, name.limit, resource[name.argument])
    for address, task in stack.all("aws_ecs_task_definition").items():
        for container in json.loads(task["container_definitions"]):
            yield from _fits(address, "container's name", aws.ECS, container["name"])


def _fits(address: str, attribute: str, limit: NameLimit, name: str) -> Iterator[Finding]:
    if "${" in name:
        return  # made of what is known only after an apply
    if len(name) > limit.longest:
        over = len(name) - limit.longest
        yield fail(
            address,
            f"{attribute} {quote(name)} has {len(name)} characters, expected at most {limit.longest}: make project, "
            f"environment or vpc_name {over} shorter",
        )
    elif not re.fullmatch(limit.pattern, name, re.ASCII):
        yield fail(address, f"{attribute} is {quote(name)}, expected {limit.allowed}")
