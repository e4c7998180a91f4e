"""The order in which containers start, and what each waits for: dependsOn of their definitions."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from graphlib import CycleError, TopologicalSorter

from rehearsal.ecs.container import RunningContainer
from rehearsal.ecs.task_definition import Container, NotRunnable
from rehearsal.health import Health

POLL_SECONDS = 0.1


def start_order(containers: Sequence[Container]) -> list[str]:
    """Names of the containers, each after those that it depends on; raises NotRunnable."""
    graph = {each.name: [dependency.container for dependency in each.depends_on] for each in containers}
    try:
        return list(TopologicalSorter(graph).static_order())
    except CycleError as error:
        raise NotRunnable(f"containers wait for each other: {' for '.join(error.args[1])}") from None


async def meets(container: RunningContainer, condition: str) -> bool:
    """Wait until a container meets the condition of another one's dependency; False where it no longer can."""
    if condition in ("COMPLETE", "SUCCESS"):
        return await container.exited() == 0 or condition == "COMPLETE"
    while condition == "HEALTHY" and container.health is Health.INITIAL:
        await asyncio.sleep(POLL_SECONDS)
    return condition == "START" or container.health is Health.HEALTHY


def unresolved(container: Container, other: RunningContainer) -> str:
    """Why a container is not started that waited for another one, in the words of the ECS agent.

    Source: aws/amazon-ecs-agent, pull request 3218.
    """
    why = "timed out" if other.exit_code is None else f"Exit: {other.exit_code}"
    return (
        "CannotStartContainerError: dependency graph: failed to resolve container ordering dependency "
        f"[{other.definition.name} (STOPPED->RUNNING) - {why}] for target [{container.name} (NONE->RUNNING)]"
    )
