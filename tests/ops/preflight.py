"""Everything a preflight looks at without an account, as copies that a test may spoil."""

from __future__ import annotations

import copy
import json
import re
import shutil
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

from environments.settings import Settings
from ops.checks.offline import end_of_life
from ops.checks.offline.findings import (
    PASS,
    WARN,
    Row,
    rows,
)
from ops.checks.offline.subjects import Checkout, Environment
from ops.checks.offline.survey import ENVIRONMENT, FILES, STACK
from ops.terraform.synthesized import Stack
from tests.support import ROOT, Json, Output

FILES_READ = (
    ".github/actions/terraform/action.yml",
    "app/api/Dockerfile",
    "app/api/index.js",
    "app/api/src/health.js",
    "app/frontend/Dockerfile",
    "app/frontend/nginx/default.conf",
    *(f"environments/{each.name}" for each in sorted((ROOT / "environments").glob("*.*")) if each.suffix != ".py"),
)


@dataclass
class Subjects:
    """The checkout's files and the stacks' JSON."""

    checkout: Checkout
    stacks: dict[str, Stack]
    settings: Mapping[str, Settings]

    def edit(self, file: str, old: str, new: str) -> None:
        """Replace the first of a text in a file."""
        path = self.checkout.root / file
        text = path.read_text()
        assert old in text, f"{file} has no {old!r}"
        path.write_text(text.replace(old, new, 1))

    def at(self, address: str, stack: str = "staging") -> Json:
        type_, _, name = address.partition(".")
        return self.stacks[stack].document["resource"][type_][name]

    def all(self, type_: str, stack: str = "staging") -> dict[str, Json]:
        return self.stacks[stack].document["resource"].setdefault(type_, {})

    def container(self, service: str, change: Callable[[Json], Any]) -> None:
        """Change the container of a task."""
        task = self.at(f"aws_ecs_task_definition.{service}_task")
        containers = json.loads(task["container_definitions"])
        change(containers[0])
        task["container_definitions"] = json.dumps(containers)

    def environment(self, name: str) -> Environment:
        return Environment(self.settings[name], self.stacks[name], self.checkout)

    def faults(self) -> list[Row]:
        """Every row but those that passed, of all checks that need no account. What a production accepts is none."""
        found = [*rows(FILES, "application", self.checkout)]
        for name, stack in self.stacks.items():
            found += rows(STACK, name, stack)
        for name in self.settings:
            found += rows(ENVIRONMENT, name, self.environment(name))
        return [row for row in found if row.status != PASS and row.check != "production"]


def make_subjects(directory: Path, stacks: Mapping[str, Output], settings: Mapping[str, Settings]) -> Subjects:
    for file in FILES_READ:
        (directory / file).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(ROOT / file, directory / file)
    copies = {name: Stack(name, copy.deepcopy(stack.document)) for name, stack in stacks.items()}
    return Subjects(Checkout(directory, end_of_life.LOOKED), copies, settings)


def on(subjects: Subjects, day: date, ended: str = WARN) -> Subjects:
    """The same on another day."""
    return Subjects(Checkout(subjects.checkout.root, day, ended), subjects.stacks, subjects.settings)


Change = Callable[[Subjects], Any]
"""Spoils one thing."""


def edit(file: str, old: str, new: str) -> Change:
    return lambda subjects: subjects.edit(file, old, new)


def put(address: str, key: str, value: Any) -> Change:
    """Set an attribute; a dot in the key leads into a block."""

    def change(subjects: Subjects) -> None:
        block = subjects.at(address)
        *path, last = key.split(".")
        for part in path:
            block = block[part]
        block[last] = value

    return change


def drop(address: str) -> Change:
    type_, _, name = address.partition(".")
    return lambda subjects: subjects.all(type_).pop(name)


def add(address: str, resource: dict[str, Any]) -> Change:
    type_, _, name = address.partition(".")
    return lambda subjects: subjects.all(type_).update({name: resource})


def contain(service: str, **attributes: Any) -> Change:
    return lambda subjects: subjects.container(service, lambda container: container.update(attributes))


def rule(direction: str, group: str, port: int, **attributes: Any) -> Change:
    found = {"security_group_id": f"${{aws_security_group.{group}.id}}", "from_port": port, "to_port": port}
    return add(f"aws_vpc_security_group_{direction}_rule.added", {**found, "ip_protocol": "tcp", **attributes})


def listener_rule(name: str, priority: int, *patterns: str, **condition: Any) -> Change:
    conditions = [{"path_pattern": {"values": list(patterns)}}, *([condition] if condition else [])]
    found = {
        "listener_arn": "${aws_lb_listener.load_balancer_http.arn}",
        "priority": priority,
        "condition": conditions,
        "action": [{"type": "forward", "target_group_arn": "${aws_lb_target_group.frontend_targets.arn}"}],
    }
    return add(f"aws_lb_listener_rule.{name}", found)


def swap_priorities(subjects: Subjects) -> None:
    subjects.at("aws_lb_listener_rule.load_balancer_api")["priority"] = 2
    subjects.at("aws_lb_listener_rule.load_balancer_frontend")["priority"] = 1


def health_check(url: str) -> dict[str, Any]:
    return {"command": ["CMD-SHELL", f"curl -f {url} || exit 1"]}


def told(rows: Sequence[Row]) -> set[tuple[str, str]]:
    """Where and why, files without their lines: those move."""
    return {(_without_lines(row.where), _without_lines(row.why)) for row in rows}


def _without_lines(text: str) -> str:
    return re.sub(r"(Dockerfile|\.\w+):\d+", r"\1", text)
