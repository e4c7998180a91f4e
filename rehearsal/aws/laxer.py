"""Where AWS takes what its own model refuses: the exceptions to `constraints`, each with its source."""

from __future__ import annotations

from dataclasses import dataclass

from rehearsal.aws.constraints import Violation


@dataclass(frozen=True)
class Laxer:
    """A constraint that the service does not enforce; `shape` and `trait` are the model's words."""

    service: str
    shape: str
    trait: str
    source: str


LAXER: tuple[Laxer, ...] = ()


def is_laxer(service: str, violation: Violation) -> bool:
    """Whether AWS accepts what its model refuses here."""
    return any((each.service, each.shape, each.trait) == (service, violation.shape, violation.trait) for each in LAXER)
