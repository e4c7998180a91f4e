"""What is checked: the application's files, a synthesized stack, an environment, an environment in its account."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any, cast

from environments.settings import Settings
from ops.checks.offline.findings import WARN, Fault
from ops.core.aws import Aws

Json = dict[str, Any]
REFERENCE = re.compile(r"\$\{(\w+\.\w+)\.\w+\}")


@dataclass(frozen=True)
class Place:
    """What a pattern found, and where: file:line, seen from the checkout."""

    where: str
    groups: tuple[str, ...]


@dataclass(frozen=True)
class Checkout:
    """The files as they are, on a day."""

    root: Path
    today: date
    ended: str = WARN
    """Status of a version whose support has ended."""

    def find(self, file: str, pattern: str, what: str) -> Place:
        """The first place in a file; raises Fault where there is none."""
        found = next(self.find_all(file, pattern), None)
        if found is None:
            raise Fault(file, f"has no {what}: expected something like {pattern}")
        return found

    def find_all(self, file: str, pattern: str) -> Iterator[Place]:
        try:
            text = (self.root / file).read_text(encoding="utf-8")
        except OSError as error:
            raise Fault(file, f"cannot be read: {error.strerror}") from None
        for found in re.finditer(pattern, text, re.MULTILINE):
            line = text.count("\n", 0, found.start(1)) + 1
            yield Place(f"{file}:{line}", found.groups())


@dataclass(frozen=True)
class Stack:
    """One stack's JSON."""

    name: str
    document: Json

    @classmethod
    def read(cls, directory: Path) -> Stack:
        return cls(directory.name, json.loads((directory / "cdk.tf.json").read_text(encoding="utf-8")))

    def all(self, type_: str) -> dict[str, Json]:
        """Resources of one type, by address."""
        found = cast("dict[str, Json]", self.document.get("resource", {}).get(type_, {}))
        return {f"{type_}.{name}": resource for name, resource in found.items()}

    def at(self, address: str) -> Json:
        """A resource; raises Fault where there is none."""
        found = self.all(address.partition(".")[0]).get(address)
        if found is None:
            raise Fault(address, f"is not in the stack {self.name}: main.py and this check disagree on its address")
        return found


@dataclass(frozen=True)
class Environment:
    """An environment as it would be applied."""

    settings: Settings
    stack: Stack
    checkout: Checkout


@dataclass(frozen=True)
class Account:
    """An environment in the account that the credentials are of."""

    environment: Environment
    aws: Aws
    id: str
    rehearsed: bool
    """Whether it is the embedded AWS, whose tasks run app/ where the registry has no image."""

    @property
    def settings(self) -> Settings:
        return self.environment.settings


def referred(value: object) -> str:
    """The address in ${type.name.attribute}; any other value as it is."""
    text = str(value)
    found = REFERENCE.fullmatch(text)
    return found[1] if found else text
