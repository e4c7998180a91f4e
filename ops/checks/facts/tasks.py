"""A task as DescribeTasks tells it, and what it died of."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from ops.checks.facts.events import short
from ops.checks.facts.looking import Json
from ops.delivery.deployed import revision


class Death(StrEnum):
    """What a stopped task died of, by its stop code and reasons."""

    PULL = "its image could not be pulled"
    START = "what it needs to start could not be read"
    MEMORY = "out of memory"
    INIT = "a container before it failed"
    HEALTH = "failed health checks"
    EXIT = "ended by itself"
    OTHER = "could not start"
    ASKED = "was asked to"
    """A deployment or a smaller desired count: no failure."""


UNRESOLVED = "container ordering dependency"
"""In the reason of a container that waited in vain for another one: aws/amazon-ecs-agent, pull request 3218."""


@dataclass(frozen=True)
class Task:
    """One task."""

    id: str
    revision: str
    """family:revision."""
    definition: str
    """ARN of the task definition."""
    deployment: str
    """The id of the one that started it."""
    status: str
    code: str
    reason: str
    """Its own, and its containers' where they say more."""
    container: str
    """Of several the one that tells most of its end."""
    exit_code: int | None
    health: str
    """Of its container's check: HEALTHY, UNHEALTHY or UNKNOWN."""
    address: str
    started: datetime | None
    stopping: datetime | None
    stopped: datetime | None

    @classmethod
    def of(cls, found: Json) -> Task:
        containers: list[Json] = found.get("containers", [])
        container = max(containers, key=_telling, default=Json())
        reasons = [found.get("stoppedReason") or "", *(each.get("reason") or "" for each in containers)]
        interfaces: list[Json] = [each for one in containers for each in one.get("networkInterfaces", [])]
        return cls(
            id=found["taskArn"].rpartition("/")[2],
            revision=revision(found["taskDefinitionArn"]),
            definition=found["taskDefinitionArn"],
            deployment=found.get("startedBy", ""),
            status=found["lastStatus"],
            code=found.get("stopCode") or "",
            reason="; ".join(dict.fromkeys(filter(None, reasons))),
            container=container.get("name", ""),
            exit_code=container.get("exitCode"),
            health=found.get("healthStatus", "UNKNOWN"),
            address=next((each["privateIpv4Address"] for each in interfaces if "privateIpv4Address" in each), ""),
            started=found.get("startedAt"),
            stopping=found.get("stoppingAt"),
            stopped=found.get("stoppedAt"),
        )

    @property
    def death(self) -> Death:
        """Source of the words: "Amazon ECS stopped task error messages" in the ECS developer guide."""
        reason = self.reason
        if "CannotPullContainer" in reason or "registry auth: service call" in reason or "ecr registry" in reason:
            return Death.PULL
        if "ResourceInitializationError" in reason:
            return Death.START
        if "OutOfMemory" in reason:
            return Death.MEMORY
        if UNRESOLVED in reason:
            return Death.INIT
        if "health checks" in reason:
            return Death.HEALTH
        if self.code == "EssentialContainerExited":
            return Death.EXIT
        return Death.OTHER if self.code == "TaskFailedToStart" else Death.ASKED

    @property
    def lived(self) -> float | None:
        """Seconds between its start and the decision to stop it."""
        end = self.stopping or self.stopped
        return (end - self.started).total_seconds() if self.started and end else None

    def told(self) -> str:
        """One line of evidence."""
        code = f", exit code {self.exit_code}" if self.exit_code is not None else ""
        return f"task {self.id[:8]} of {self.revision} stopped ({self.code or 'no code'}): {short(self.reason)}{code}"


def _telling(container: Json) -> tuple[bool, bool, bool]:
    """How much a container tells of its task's end: one that failed by itself more than one that waited for it."""
    code, reason = container.get("exitCode"), container.get("reason") or ""
    return code not in (None, 0) and UNRESOLVED not in reason, bool(reason), code is not None
