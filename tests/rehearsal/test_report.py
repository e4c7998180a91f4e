"""What the emulator is told of a service: events, and why a deployment is where it is."""

from __future__ import annotations

import pytest

from rehearsal.ecs.events import KEPT, Events
from rehearsal.ecs.service import Deployment
from rehearsal.ecs.task_definition import TaskDefinition
from rehearsal.report import rollout_reason

DEFINITION = TaskDefinition("arn:aws:ecs:us-east-1:123456789012:task-definition/api:1", ())


def deployment(state: str, instead_of: Deployment | None = None) -> Deployment:
    return Deployment("ecs-svc/1", DEFINITION, 1.0, 1.0, state, instead_of=instead_of)


def test_events_name_their_service_newest_first() -> None:
    events = Events("api")
    events.add("(deployment ecs-svc/1) deployment completed.")
    events.add("has reached a steady state.")
    assert [each["message"] for each in events.newest_first()] == [
        "(service api) has reached a steady state.",
        "(service api) (deployment ecs-svc/1) deployment completed.",
    ]
    assert len({each["id"] for each in events.newest_first()}) == 2


def test_only_the_newest_events_are_kept() -> None:
    events = Events("api")
    for number in range(KEPT + 5):
        events.add(str(number))
    messages = [each["message"] for each in events.newest_first()]
    assert (len(messages), messages[0], messages[-1]) == (100, "(service api) 104", "(service api) 5")


@pytest.mark.parametrize(
    ("told", "reason"),
    [
        (deployment("IN_PROGRESS"), "ECS deployment ecs-svc/1 in progress."),
        (deployment("COMPLETED"), "ECS deployment ecs-svc/1 completed."),
        (deployment("FAILED"), "ECS deployment circuit breaker: tasks failed to start."),
        (
            deployment("IN_PROGRESS", deployment("FAILED")),
            "ECS deployment circuit breaker: rolling back to deploymentId ecs-svc/1.",
        ),
        (deployment("COMPLETED", deployment("FAILED")), "ECS deployment ecs-svc/1 completed."),
    ],
)
def test_a_deployment_gives_the_reason_of_its_state_in_the_words_of_ecs(told: Deployment, reason: str) -> None:
    assert rollout_reason(told) == reason
