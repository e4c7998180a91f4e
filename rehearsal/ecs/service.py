"""One ECS service: keeps its desired count running, replaces what fails, rolls deployments out and back."""

from __future__ import annotations

import asyncio
import contextlib
import time
from collections import deque
from dataclasses import dataclass, field
from typing import Any

from rehearsal.ecs import task_definition
from rehearsal.ecs.deployment import Counts, Limits, breaker_threshold, step
from rehearsal.ecs.events import Events
from rehearsal.ecs.task import Placement, Platform, Task, TaskStatus
from rehearsal.ecs.task_definition import TaskDefinition

SLOWEST_RESTART = 10.0
"""Seconds between starts of a task that fails again and again; the first replacement starts at once."""
DEPROVISIONING = 60.0
"""Seconds. ECS lists a failed deployment until the last of its tasks is gone, on Fargate some minute after its stop."""
KEPT_STOPPED = 50
"""Stopped tasks that the API still lists; on AWS those of about an hour."""


@dataclass
class Deployment:
    """One revision being rolled out, or in place."""

    id: str
    definition: TaskDefinition
    created_at: float
    updated_at: float
    state: str = "IN_PROGRESS"
    """rolloutState of the ECS API."""
    failed_tasks: int = 0
    tasks: list[Task] = field(default_factory=list[Task])
    instead_of: Deployment | None = None
    """The failed one that was rolled back to this one."""

    def become(self, state: str) -> None:
        self.state, self.updated_at = state, time.time()


class RunningService:
    """A service that does what its description in the ECS API asks for."""

    def __init__(self, name: str, platform: Platform) -> None:
        self.name = name
        self.desired = 0
        self.failures: list[dict[str, Any]] = []
        self.events = Events(name)
        self.stopped: deque[Task] = deque(maxlen=KEPT_STOPPED)
        """Newest first."""
        self._platform = platform
        self._changed = asyncio.Event()
        self._deployments: list[Deployment] = []
        """The current one first; the others are on their way out."""
        self._completed: Deployment | None = None
        self._given_up: set[str] = set()
        """Ids of failed deployments: a description that was read before the roll back still names one."""
        self._in_a_row = 0
        self._last_failed: Task | None = None
        self._not_before = 0.0
        self._steady = False
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
        for deployment in self._deployments:
            for task in deployment.tasks:
                task.stop(deployment.id)
        await asyncio.gather(*(task.done for task in tasks), return_exceptions=True)

    @property
    def tasks(self) -> list[Task]:
        return [task for each in self._deployments for task in each.tasks]

    @property
    def failing(self) -> bool:
        """Whether as many tasks in a row failed as would open the circuit breaker, which need not be on."""
        return self.desired > 0 and self._in_a_row >= breaker_threshold(self.desired)

    @property
    def current(self) -> Deployment | None:
        return self._deployments[0] if self._deployments else None

    @property
    def deployments(self) -> list[Deployment]:
        """What DescribeServices lists, the current one first."""
        current = self.current
        failed = current.instead_of if current else None
        if current is None or failed is None or failed in self._deployments:
            return self._deployments
        until = current.updated_at + self._platform.pace.wait(DEPROVISIONING)
        gone = current.state == "COMPLETED" and time.time() > until
        return self._deployments if gone else [*self._deployments, failed]

    def _note(self, message: str) -> None:
        """Look again, as a task changed; a message becomes one of the service's events."""
        if message:
            self.events.add(message)
        self._changed.set()

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
            await self._begin(primary, description["taskDefinition"])
        current = self.current
        if current is None:
            return
        self._count_failures(current)
        breaker = description["deploymentConfiguration"].get("deploymentCircuitBreaker", {})
        # A deployment that is rolled back to has nothing to return to itself: its tasks are replaced without end.
        can_fail = current.state == "IN_PROGRESS" and current is not self._completed
        if can_fail and self._in_a_row >= breaker_threshold(self.desired) and breaker["enable"]:
            self._fail(current, rollback=breaker["rollback"])
            return
        if current.state != "FAILED":
            self._act(current, description)
        self._deployments = [each for each in self._deployments if each is current or each.tasks]
        self._note_steadiness(current)

    def _note_steadiness(self, current: Deployment) -> None:
        was_steady = self._steady
        healthy = sum(task.healthy for task in current.tasks)
        self._steady = len(self._deployments) == 1 and healthy == len(current.tasks) == self.desired
        if not self._steady:
            return
        if current.state == "IN_PROGRESS":
            current.become("COMPLETED")
            self._completed = current
            self.events.add(f"(deployment {current.id}) deployment completed.")
        elif was_steady:
            return
        self.events.add("has reached a steady state.")

    async def _begin(self, primary: dict[str, Any], arn: str) -> None:
        definition = await asyncio.to_thread(task_definition.read, self._platform.aws, arn)
        created, updated = (primary[key].timestamp() for key in ("createdAt", "updatedAt"))
        self._deployments.insert(0, Deployment(primary["id"], definition, created, updated))
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
                print(f"{self.name}: task {task.id} of {task.definition.revision}: {task.explanation}", flush=True)
        for deployment in self._deployments:
            self.stopped.extendleft(task for task in deployment.tasks if task.status is TaskStatus.STOPPED)
            deployment.tasks = [task for task in deployment.tasks if task.status is not TaskStatus.STOPPED]

    def _act(self, current: Deployment, description: dict[str, Any]) -> None:
        """Start and stop as many tasks as the deployment's limits allow now."""
        new = [task for task in current.tasks if task.active]
        old = [task for each in self._deployments[1:] for task in each.tasks if task.active]
        counts = Counts(len(new), sum(task.healthy for task in new), len(old), sum(task.healthy for task in old))
        configuration = description["deploymentConfiguration"]
        limits = Limits(self.desired, configuration["minimumHealthyPercent"], configuration["maximumPercent"])
        todo = step(counts, limits)
        if todo.start and time.monotonic() >= self._not_before:
            placement = self._placement(description, current.id)
            started = [Task(current.definition, placement, self._platform, self._note) for _ in range(todo.start)]
            current.tasks += started
            self.events.add(f"has started {len(started)} tasks: {' '.join(f'(task {task.id})' for task in started)}.")
        for tasks, count in ((old, todo.stop_old), (new, todo.stop_new)):
            for task in sorted(tasks, key=lambda task: task.healthy)[:count]:
                task.stop(current.id)

    def _placement(self, description: dict[str, Any], deployment: str) -> Placement:
        return Placement(
            subnets=description["subnetCidrs"],
            targets=tuple((each["targetGroupArn"], each["containerPort"]) for each in description["loadBalancers"]),
            grace_period=description.get("healthCheckGracePeriodSeconds") or 0,
            deployment=deployment,
        )

    def _fail(self, current: Deployment, *, rollback: bool) -> None:
        """Stop launching; with a completed deployment to return to, make that one the service's again."""
        current.become("FAILED")
        self._given_up.add(current.id)
        to = self._completed if rollback else None
        task = self._last_failed
        assert task is not None
        self.failures.append(
            {
                "service": self.name,
                "revision": current.definition.revision,
                "at": time.time(),
                "failed_tasks": current.failed_tasks,
                "reason": task.explanation,
                "lines": task.last_lines(),
                "rolled_back_to": to.definition.revision if to else None,
            }
        )
        self._in_a_row = 0
        self.events.add(f"(deployment {current.id}) deployment failed: tasks failed to start.")
        if to is None:
            for each in current.tasks:
                each.stop(current.id)
            return
        # ECS takes up the completed deployment itself and not a copy: its id is back, its tasks that still run are
        # kept. Source: "How the Amazon ECS deployment circuit breaker detects failures" in the ECS developer guide.
        self.events.add(f"rolling back to deployment {to.id}.")
        to.become("IN_PROGRESS")
        to.failed_tasks, to.instead_of = 0, current
        self._deployments = [to, *(each for each in self._deployments if each is not to)]
