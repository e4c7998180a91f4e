"""When a deployment counts as done, and when as failed."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from ops.delivery import rollout
from ops.delivery.rollout import End

OLD, NEW = "arn:aws:ecs:r:1:task-definition/api:4", "arn:aws:ecs:r:1:task-definition/api:5"
Json = dict[str, Any]


def deployment(status: str, definition: str, state: str, reason: str = "", running: int = 2) -> Json:
    found = {"status": status, "taskDefinition": definition, "rolloutState": state, "rolloutStateReason": reason}
    return {**found, "runningCount": running, "desiredCount": 2}


def service(*deployments: Json, running: int = 2) -> Json:
    return {"deployments": list(deployments), "runningCount": running, "desiredCount": 2, "events": []}


ROLLED_BACK = "ECS deployment circuit breaker: rolling back to deploymentId ecs-svc/1."


@pytest.mark.parametrize(
    ("description", "end", "text"),
    [
        pytest.param(
            service(deployment("PRIMARY", NEW, "COMPLETED")), End.DONE, "2 of 2 tasks run", id="steady on the new one"
        ),
        pytest.param(
            service(deployment("PRIMARY", NEW, "IN_PROGRESS", running=1), deployment("ACTIVE", OLD, "COMPLETED")),
            End.GOING,
            "1 of 2 tasks run, older deployments: 1",
            id="under way",
        ),
        pytest.param(
            service(deployment("PRIMARY", NEW, "COMPLETED"), deployment("ACTIVE", OLD, "COMPLETED")),
            End.GOING,
            "older deployments: 1",
            id="old tasks still drain",
        ),
        pytest.param(
            service(deployment("PRIMARY", NEW, "COMPLETED"), running=1), End.GOING, "tasks run", id="a task is missing"
        ),
        pytest.param(
            service(
                deployment("PRIMARY", OLD, "IN_PROGRESS", ROLLED_BACK),
                deployment("ACTIVE", NEW, "FAILED", "ECS deployment circuit breaker: tasks failed to start."),
            ),
            End.FAILED,
            "deployment of api:5 failed, rolled back to api:4: ECS deployment circuit breaker: tasks failed to start.",
            id="being rolled back",
        ),
        pytest.param(
            service(deployment("PRIMARY", OLD, "COMPLETED", ROLLED_BACK)),
            End.FAILED,
            f"api:5 was given up, the service is on api:4: {ROLLED_BACK}",
            id="rolled back and steady again",
        ),
        pytest.param(
            service(deployment("PRIMARY", NEW, "IN_PROGRESS"), deployment("ACTIVE", NEW, "FAILED", "tasks failed")),
            End.GOING,
            "older deployments: 1",
            id="tried once more while the failure of before is still listed",
        ),
        pytest.param(
            service(deployment("PRIMARY", NEW, "FAILED", "tasks failed to start")),
            End.FAILED,
            "deployment of api:5 failed: tasks failed to start",
            id="nothing to roll back to",
        ),
    ],
)
def test_a_deployment_is_done_only_when_its_own_revision_alone_is_steady(description: Json, end: End, text: str):
    verdict = rollout.judge(description, "api:5")
    assert verdict.end is end
    assert text in verdict.text


def test_events_are_told_once_oldest_first_and_only_recent_ones():
    now = datetime(2026, 1, 1, 12, tzinfo=UTC)

    def event(number: int, minutes: int) -> Json:
        return {"id": str(number), "createdAt": now + timedelta(minutes=minutes), "message": f"event {number}"}

    description = {"events": [event(3, 2), event(2, 1), event(1, -5)]}
    seen: set[str] = set()
    assert rollout.new_events(description, now, seen) == ["12:01:00 event 2", "12:02:00 event 3"]
    assert rollout.new_events({"events": [event(4, 3), *description["events"]]}, now, seen) == ["12:03:00 event 4"]
