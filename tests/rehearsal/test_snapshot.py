"""What the emulator is told of a deployment: why it is where it is."""

from __future__ import annotations

import pytest

from rehearsal.ecs.service import Deployment
from rehearsal.ecs.task_definition import TaskDefinition
from rehearsal.snapshot import rollout_reason

DEFINITION = TaskDefinition("arn:aws:ecs:us-east-1:123456789012:task-definition/api:1", ())


def deployment(state: str, instead_of: Deployment | None = None) -> Deployment:
    return Deployment("ecs-svc/1", DEFINITION, 1.0, 1.0, state, instead_of=instead_of)


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
