"""What a cause finds, and what it is in the table of all causes."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field

from ops.checks.facts.facts import Facts
from ops.checks.facts.tasks import Death

UNHEALTHY = ("deregistration-cycle", "rolled-back", "no-healthy-target")
"""Keys of what follows where tasks run but do not pass the load balancer's check."""
NOT_STARTED = ("rolled-back", "no-healthy-target")
"""Of what follows where tasks do not come to run, or not to stay."""


@dataclass(frozen=True)
class Finding:
    """A cause that is there."""

    subject: str
    """backend, frontend, database, state and so on."""
    what: str
    """One line, without the subject."""
    where: str
    """The resource that it is about."""
    evidence: tuple[str, ...]
    fix: tuple[str, ...]
    """What to do, with the exact command or the key of the tfvars."""
    affects: tuple[str, ...] = ()
    """Services that suffer from it; without any, the subject is the service."""
    deaths: frozenset[Death] = frozenset()
    """For a consequence: what the tasks died of, as far as that is known."""

    @property
    def services(self) -> set[str]:
        return {*self.affects} or {self.subject}


@dataclass(frozen=True)
class Cause:
    """One row of the table: how it is found, what follows from it, and how a person knows it."""

    key: str
    title: str
    look: Callable[[Facts], Iterable[Finding]] = field(repr=False)
    symptom: str
    evidence: str
    fix: str
    explains: tuple[str, ...] = ()
    """Keys of causes that are none of their own where this one is there."""
    deaths: tuple[Death, ...] = ()
    """What tasks die of where this one is there: a consequence with other deaths has another cause."""


@dataclass
class Diagnosis:
    """A finding, and those that follow from it."""

    cause: Cause
    finding: Finding
    follows: list[Diagnosis] = field(default_factory=list["Diagnosis"])

    def explains(self, other: Diagnosis) -> bool:
        if other.cause.key not in self.cause.explains or not self.finding.services & other.finding.services:
            return False
        return not other.finding.deaths or bool({*self.cause.deaths} & other.finding.deaths)

    def to_json(self) -> dict[str, object]:
        return {
            "cause": self.cause.key,
            "subject": self.finding.subject,
            "what": self.finding.what,
            "where": self.finding.where,
            "evidence": list(self.finding.evidence),
            "fix": list(self.finding.fix),
            "follows": [each.to_json() for each in self.follows],
        }
