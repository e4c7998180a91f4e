"""What is checked: the application's files, an environment, an environment in its account."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from environments.settings import Settings
from ops.checks.offline.findings import WARN, Fault
from ops.core.aws import Aws
from ops.terraform.synthesized import Stack


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
