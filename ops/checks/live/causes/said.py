"""What the database and its clients wrote of late."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import timedelta

from ops.checks.facts import log_lines
from ops.checks.facts.facts import Facts
from ops.checks.facts.log_lines import Line

FRESH = timedelta(minutes=5)
"""Lines that are older tell of what was."""
READY = re.compile(r"ready to accept connections")
SERVED = re.compile(r'"path":"/api/ready","status":200')
"""The API's readiness, which asks the database."""


@dataclass(frozen=True)
class Said:
    """A line, and whose."""

    who: str
    line: Line

    def __str__(self) -> str:
        return f"{self.who} wrote {self.line}"


def by_clients(facts: Facts, pattern: re.Pattern[str], about: re.Pattern[str] | None = None) -> Said | None:
    """The newest line of a task in the last minutes that nothing after it takes back.

    The database's own refusals are left out: they may be of anybody, and nothing tells when they are over.
    """
    again = log_lines.newest(facts.database.log, READY)
    found: list[Said] = []
    for service in facts.services:
        if service.uses_database:
            for task in [*service.tasks, *service.failures[:5]]:
                lines = service.last_lines(task)
                ends = [end.at for end in (again, log_lines.newest(lines, SERVED)) if end]
                fresh = max([facts.looking.now - FRESH, *ends])
                fitting = (each for each in lines if each.at > fresh and (about is None or about.search(each.text)))
                newest = log_lines.newest(fitting, pattern)
                found += [Said(f"{service.name} task {task.id[:8]}", newest)] if newest else []
    return max(found, key=lambda each: each.line.at, default=None)


def by_database(facts: Facts, pattern: re.Pattern[str]) -> Said | None:
    """The newest line of the database itself in the last minutes."""
    fresh = (each for each in facts.database.log if each.at > facts.looking.now - FRESH)
    newest = log_lines.newest(fresh, pattern)
    return Said(f"database {facts.database.name}", newest) if newest else None
