"""A service's events, in the words of ECS.

Source: "Amazon ECS service event messages" in the ECS developer guide.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime

from ops.diagnosis.facts.looking import Json

STEADY = "has reached a steady state"
REGISTERED = re.compile(r"\) registered \d+ targets")
DEREGISTERED = re.compile(r"\) deregistered \d+ targets")
UNHEALTHY = re.compile(r"\(task (\w+)\).* is unhealthy in .* due to \(reason (.*?)\)\.?$")
FAILED = re.compile(r"\(deployment (\S+)\) deployment failed")
BACK = re.compile(r"rolling back to deployment (\S+?)\.?$")


@dataclass(frozen=True)
class Event:
    """One of the newest hundred."""

    at: datetime
    message: str

    def __str__(self) -> str:
        return f"{self.at:%H:%M:%S} {self.message}"


@dataclass(frozen=True)
class GaveUp:
    """What the circuit breaker did."""

    deployment: str
    """The id of the one that failed."""
    back_to: str | None
    """The id of the one before it, which is the service's again."""
    event: Event


def of(description: Json) -> list[Event]:
    """The service's events, newest first."""
    found = [Event(each["createdAt"], each["message"]) for each in description.get("events", [])]
    # ECS lists the newest first; of two of one moment the first is the newer.
    return sorted(found, key=lambda each: each.at, reverse=True)


def since_steady(events: list[Event]) -> list[Event]:
    """Those after the service was last steady, newest first; all where it never was."""
    cut = next((n for n, each in enumerate(events) if STEADY in each.message), len(events))
    return events[:cut]


def gave_up(events: list[Event], primary: str) -> GaveUp | None:
    """The failure that is the service's last word: none if a deployment came after it."""
    failed = next(((each, found[1]) for each in events if (found := FAILED.search(each.message))), None)
    back = next((found[1] for each in events if (found := BACK.search(each.message))), None)
    if failed is None or primary not in (failed[1], back):
        return None
    return GaveUp(failed[1], None if failed[1] == primary else back, failed[0])
