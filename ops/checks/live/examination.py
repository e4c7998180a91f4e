"""Looks for every cause in the table."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from ops.checks.facts.facts import Facts
from ops.checks.facts.looking import Unseen
from ops.checks.live.causes.table import CAUSES
from ops.checks.live.findings import Cause, Diagnosis
from ops.checks.live.ranking import rank


@dataclass(frozen=True)
class Report:
    """What came of it."""

    roots: list[Diagnosis]
    seen: int
    """How many things were looked at."""
    refused: dict[str, str]
    """What could not be looked at, and why."""


def examine(facts: Facts, causes: Sequence[Cause] = CAUSES) -> Report:
    """Every cause that is there; one that may not look says nothing."""
    found: list[Diagnosis] = []
    for cause in causes:
        try:
            found.extend(Diagnosis(cause, each) for each in cause.look(facts))
        except Unseen:
            continue
    return Report(rank(found), facts.looking.count, facts.looking.refused)
