"""One ECS service: keeps its desired count running, replaces what fails, rolls deployments out and back."""

from __future__ import annotations

import asyncio
import contextlib
import time
from dataclasses import dataclass, field
from typing import Any

from ops.rehearsal import task_definition
from ops.rehearsal.deployment import Counts, Limits, Step, breaker_threshold, step
from ops.rehearsal.health import Health
from ops.rehearsal.task import Placement, Platform, Status, Task
from ops.rehearsal.task_definition import TaskDefinition

SLOWEST_RESTART = 10.0
"""Seconds between starts of a task that fails again and again; the first replacement starts at once."""


@dataclass
class Deployment:
    """One revision being rolled out, or in place."""

    id: str
    definition: TaskDefinition
    state: str = "IN_PROGRESS"
    """rolloutState of the ECS API."""
    failed_tasks: int = 0
    tasks: list[Task] = field(default_factory=list[Task])


class Service:
    """Follows the description that the ECS API gives of it."""

    def __init__(self, name: str, platform: Platform) -> None:
        self.name = name
        self.desired = 0
        self.failures: list[dict[str, Any]] = []
        self._platform = platform
        self._changed = asyncio.Event()
        self._deployments: list[Deployment] = []
        """The current one first; the others are on their way out."""
        self._completed: Deployment | None = None
        self._given_up: set[str] = set()
        """Failed deployments: a description that was read before the roll back still names one."""
        self._in_a_row = 0
        self._last_failed: Task | None = None
        self._not_before = 0.0
        self._gone = False
        self._description: dict[str, Any] = {}
        self._working = asyncio.create_task(self._work())

    def follow(self, description: dict[str, Any]) -> None:
        """Take the service's newest description."""
        self._description = description
        self._changed.set()

    async def end(self) -> None:
        """Stop all tasks, as for a deleted service."""
        self._gone = True
        self._changed.set()
        await asyncio.gather(self._working, return_exceptions=True)
        tasks = self.tasks
        for task in tasks:
            task.stop("Service was deleted or the rehearsal ended")
        await asyncio.gather(*(task.done for task in tasks), return_exceptions=True)

    @property
    def tasks(self) -> list[Task]:
        return [task for each in self._deployments for task in each.tasks]

    @property
    def current(self) -> Deployment | None:
        return self._deployments[0] if self._deployments else None

    async def _work(self) -> None:
        while not self._gone:
            try:
                if self._description:
                    await self._reconcile(self._description)
            except Exception as error:
                # Most likely the emulator did not answer; the supervisor ends when that lasts.
                print(f"{self.name}: {type(error).__name__}: {error}", flush=True)
                await asyncio.sleep(1)
            await self._wait()

    async def _wait(self) -> None:
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(self._changed.wait(), 0.5)
        self._changed.clear()

    async def _reconcile(self, description: dict[str, Any]) -> None:
        self.desired = description["desiredCount"]
        primary = next((each for each in description["deployments"] if each["status"] == "PRIMARY"), None)
        known = {*self._given_up, *([self.current.id] if self.current else [])}
        if primary is not None and primary["id"] not in known:
            await self._begin(primary["id"], description["taskDefinition"])
        current = self.current
        if current is None:
            return
        self._count_failures(current)
        breaker = description["deploymentConfiguration"].get("deploymentCircuitBreaker", {})
        # A deployment that is rolled back to has nothing to return to itself: its tasks are replaced without end.
        can_fail = current.state == "IN_PROGRESS" and current is not self._completed
        if can_fail and self._in_a_row >= breaker_threshold(self.desired) and breaker["enable"]:
            await self._fail(current, description, rollback=breaker["rollback"])
            return
        if current.state != "FAILED":
            self._act(current, description)
        self._deployments = [each for each in self._deployments if each is current or each.tasks]
        if (
            current.state == "IN_PROGRESS"
            and len(self._deployments) == 1
            and sum(task.healthy for task in current.tasks) == len(current.tasks) == self.desired
        ):
            current.state = "COMPLETED"
            self._completed = current

    async def _begin(self, id_: str, arn: str) -> None:
        definition = await asyncio.to_thread(task_definition.read, self._platform.aws, arn)
        self._deployments.insert(0, Deployment(id_, definition))
        self._in_a_row, self._not_before = 0, 0.0

    def _count_failures(self, current: Deployment) -> None:
        """Of the current deployment, count the tasks that failed since one became healthy; forget stopped ones."""
        for task in current.tasks:
            if task.healthy and not task.seen_healthy:
                task.seen_healthy = True
                self._in_a_row, self._not_before = 0, 0.0
            elif task.failed and not task.seen_failed:
                task.seen_failed = True
                current.failed_tasks += 1
                self._in_a_row += 1
                self._not_before = time.monotonic() + min(2.0 ** (self._in_a_row - 1) - 1, SLOWEST_RESTART)
                self._last_failed = task
                print(f"{self.name}: task {task.id} of {task.definition.revision}: {task.reason}", flush=True)
        for deployment in self._deployments:
            deployment.tasks = [task for task in deployment.tasks if task.status is not Status.STOPPED]

    def _act(self, current: Deployment, description: dict[str, Any]) -> None:
        todo = self._next_step(current, description["deploymentConfiguration"])
        placement = self._placement(description)
        if time.monotonic() >= self._not_before:
            for _ in range(todo.start):
                current.tasks.append(Task(current.definition, placement, self._platform, self._changed.set))
        old = [task for each in self._deployments[1:] for task in each.tasks if task.active]
        for task in sorted(old, key=lambda task: task.healthy)[: todo.stop_old]:
            task.stop("Scaling activity initiated by a newer deployment")
        new = [task for task in current.tasks if task.active]
        for task in sorted(new, key=lambda task: task.healthy)[: todo.stop_new]:
            task.stop("Scaling activity initiated by a lower desired count")

    def _next_step(self, current: Deployment, configuration: dict[str, Any]) -> Step:
        new = [task for task in current.tasks if task.active]
        old = [task for each in self._deployments[1:] for task in each.tasks if task.active]
        counts = Counts(len(new), sum(task.healthy for task in new), len(old), sum(task.healthy for task in old))
        limits = Limits(self.desired, configuration["minimumHealthyPercent"], configuration["maximumPercent"])
        return step(counts, limits)

    def _placement(self, description: dict[str, Any]) -> Placement:
        return Placement(
            subnets=description["subnetCidrs"],
            targets=tuple((each["targetGroupArn"], each["containerPort"]) for each in description["loadBalancers"]),
            grace_period=description.get("healthCheckGracePeriodSeconds") or 0,
        )

    async def _fail(self, current: Deployment, description: dict[str, Any], *, rollback: bool) -> None:
        """Stop launching; with a completed deployment to return to, make its revision the service's again."""
        current.state = "FAILED"
        self._given_up.add(current.id)
        to = self._completed.definition if rollback and self._completed else None
        task = self._last_failed
        assert task is not None
        self.failures.append(
            {
                "service": self.name,
                "revision": current.definition.revision,
                "at": time.time(),
                "failed_tasks": current.failed_tasks,
                "reason": task.reason,
                "lines": task.last_lines(),
                "rolled_back_to": to.revision if to else None,
            }
        )
        self._in_a_row = 0
        if to is None:
            for each in current.tasks:
                each.stop("Deployment failed")
            return
        # AWS's ECS does this itself.
        update = self._platform.aws.client("ecs").update_service
        service = await asyncio.to_thread(
            update, cluster=description["clusterArn"], service=self.name, taskDefinition=to.arn
        )
        primary = next(each for each in service["service"]["deployments"] if each["status"] == "PRIMARY")
        # Its tasks that still run are adopted, not replaced.
        completed = self._completed
        assert completed is not None
        completed.id, completed.state = primary["id"], "IN_PROGRESS"
        self._deployments = [completed, *(each for each in self._deployments if each is not completed)]
        self._description = {**description, **service["service"], "subnetCidrs": description["subnetCidrs"]}

    def status(self) -> dict[str, Any]:
        """For people and tests."""
        current = self.current
        return {
            "name": self.name,
            "desired": self.desired,
            "deployment": current.id if current else None,
            "revision": current.definition.revision if current else None,
            "state": current.state if current else "IN_PROGRESS",
            "new_healthy": sum(task.healthy for task in current.tasks) if current else 0,
            "old": sum(task.active for each in self._deployments[1:] for task in each.tasks),
            "failures": self.failures,
            "tasks": [_task(task) for task in self.tasks],
        }


def _task(task: Task) -> dict[str, Any]:
    return {
        "id": task.id,
        "revision": task.definition.revision,
        "status": task.status,
        "health": task.health if task.status is Status.RUNNING else Health.INITIAL,
        "address": task.address,
        "ports": task.ports,
        "pids": [each.pid for each in task.containers],
        "started_at": task.started_at,
        "reason": task.reason,
    }
