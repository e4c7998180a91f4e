"""A service's events, in the words of ECS.

Source: "Amazon ECS service event messages" in the ECS developer guide.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime

from ops.checks.facts.looking import Json

STEADY = "has reached a steady state"
REGISTERED = re.compile(r"\) registered \d+ targets")
DEREGISTERED = re.compile(r"\) deregistered \d+ targets")
UNHEALTHY = re.compile(r"\(task (\w+)\).* is unhealthy in .* due to \(reason (.*?)\)\.?$")
FAILED = re.compile(r"\(deployment (\S+)\) deployment failed")
BACK = re.compile(r"rolling back to deployment (\S+?)\.?$")
GROUP_ARN = re.compile(r"arn:aws:elasticloadbalancing:[^/\s]+/([\w-]+)/\w+")


def short(text: str) -> str:
    """With names of target groups in place of their ARNs."""
    return GROUP_ARN.sub(r"\1", text)


@dataclass(frozen=True)
class Event:
    """One of the newest hundred."""

    at: datetime
    message: str

    def __str__(self) -> str:
        return f"{self.at:%H:%M:%S} {short(self.message)}"


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


def unsteady(events: list[Event], until: Event | None = None) -> list[Event]:
    """Those since the service was last steady, newest first; with an event, those of the time around that one."""
    at = events.index(until) if until else 0
    steady = [n for n, each in enumerate(events) if STEADY in each.message]
    begin = next((n for n in steady if n >= at), len(events))
    end = max((n + 1 for n in steady if n < at), default=0)
    return events[end:begin]


def gave_up(events: list[Event], primary: str) -> GaveUp | None:
    """The failure that is the service's last word: none if a deployment came after it."""
    failed = next(((each, found[1]) for each in events if (found := FAILED.search(each.message))), None)
    back = next((found[1] for each in events if (found := BACK.search(each.message))), None)
    if failed is None or primary not in (failed[1], back):
        return None
    return GaveUp(failed[1], None if failed[1] == primary else back, failed[0])
