"""One task: its containers behind one address, registered as a target from start to stop."""

from __future__ import annotations

import asyncio
import secrets
import shutil
import time
from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

from ops.core.aws import Aws
from rehearsal.ecs import images, task_definition
from rehearsal.ecs.container import RunningContainer
from rehearsal.ecs.dependencies import meets, start_order, unresolved
from rehearsal.ecs.rewrites import StandIns
from rehearsal.ecs.task_definition import NotRunnable, TaskDefinition
from rehearsal.elb.load_balancer import LoadBalancer
from rehearsal.health import Health
from rehearsal.network import Network
from rehearsal.pace import Pace
from rehearsal.rds.databases import Databases

FIRST = asyncio.FIRST_COMPLETED
POLL_SECONDS = 0.1
STOP_DELAY = 15.0
"""Seconds in which an unhealthy task is still seen as that. On AWS it may take a minute until it is stopped."""


ESSENTIAL_EXITED = "Essential container in task exited"


class TaskStatus(StrEnum):
    """The task states of ECS that last long enough to be seen."""

    PENDING = "PENDING"
    RUNNING = "RUNNING"
    DEACTIVATING = "DEACTIVATING"
    STOPPED = "STOPPED"


class StopCode(StrEnum):
    """Who ended a task: stopCode of the ECS API."""

    FAILED_TO_START = "TaskFailedToStart"
    EXITED = "EssentialContainerExited"
    SCHEDULER = "ServiceSchedulerInitiated"


@dataclass(frozen=True)
class Platform:
    """What every task uses."""

    aws: Aws
    pace: Pace
    network: Network
    load_balancer: LoadBalancer
    databases: Databases
    images: Path
    app: Path
    scratch: Path


@dataclass(frozen=True)
class Placement:
    """What a service says of its tasks."""

    subnets: list[str]
    targets: tuple[tuple[str, int], ...]
    """Target group and container port."""
    grace_period: float
    deployment: str
    """Id of the deployment that starts the task."""


class Task:
    """Starts when made; ends by itself, or after stop(). Its reasons and events are in the words of ECS.

    Source: "Amazon ECS stopped task error messages" in the ECS developer guide.
    """

    def __init__(
        self, definition: TaskDefinition, placement: Placement, platform: Platform, on_change: Callable[[str], None]
    ) -> None:
        """`on_change` gets the message of a service event, empty for a change that is none."""
        self.id = secrets.token_hex(16)
        self.definition = definition
        self.started_by = placement.deployment
        self.status = TaskStatus.PENDING
        self.reason, self.detail = "", ""
        """Why it stops, in the words of ECS, and for people: which container, which answer."""
        self.stop_code: StopCode | None = None
        self.seen_healthy = self.seen_failed = False
        """Whether its service has counted it as that."""
        self.created_at = time.time()
        self.running_at: float | None = None
        self.stopping_at: float | None = None
        self.stopped_at: float | None = None
        self.address, self.ports = "", dict[int, int]()
        self.containers = [
            RunningContainer(each, self.id, platform.aws, platform.pace) for each in definition.containers
        ]
        self._placement, self._platform, self._on_change = placement, platform, on_change
        self._stopping = asyncio.Event()
        self.done = asyncio.create_task(self._live())

    @property
    def failed(self) -> bool:
        """Stopped, or about to, without having been asked to."""
        return bool(self.reason) and not self._stopping.is_set()

    @property
    def active(self) -> bool:
        """Counts as one of the service's tasks."""
        return self.status in (TaskStatus.PENDING, TaskStatus.RUNNING) and not self.reason

    @property
    def healthy(self) -> bool:
        """Running, every container healthy, and healthy in every target group."""
        return self.active and self.status is TaskStatus.RUNNING and self.health is Health.HEALTHY

    @property
    def health(self) -> Health:
        """The worst of its containers and targets."""
        balancer = self._platform.load_balancer
        parts = {each.health for each in self.containers if each.definition.essential}
        parts |= {balancer.health(group, self.address, port) for group, port in self._placement.targets}
        return next(each for each in (Health.UNHEALTHY, Health.INITIAL, Health.HEALTHY) if each in parts)

    @property
    def explanation(self) -> str:
        """The reason with its detail, for people."""
        return f"{self.reason} ({self.detail})" if self.detail else self.reason

    def stop(self, deployment: str) -> None:
        """Begin to stop, because this deployment of the service wants fewer tasks or others."""
        if self.active:
            self._on_change(self._stop_event())
            self._end(StopCode.SCHEDULER, f"Scaling activity initiated by (deployment {deployment})")
            self._stopping.set()

    def _stop_event(self) -> str:
        pending = self.status is TaskStatus.PENDING
        return "stopped 1 pending tasks." if pending else f"has stopped 1 running tasks: (task {self.id})."

    def _end(self, code: StopCode, reason: str, detail: str = "") -> None:
        """Keep why it stops; the first of several reasons."""
        if not self.reason:
            self.stop_code, self.reason, self.detail = code, reason, detail
            self.stopping_at = time.time()

    def last_lines(self) -> list[str]:
        return [line for each in self.containers for line in each.log.last]

    async def _live(self) -> None:
        scratch = self._platform.scratch / self.id
        try:
            if await self._start(scratch):
                exited = await self._run()
                await self._leave_targets(wait=not exited)
        except NotRunnable as error:
            self._end(StopCode.FAILED_TO_START, str(error))
        except Exception as error:
            # The emulator did not answer, or refused what AWS would do: the task fails, the service goes on.
            self._end(StopCode.FAILED_TO_START, f"{type(error).__name__}: {error}")
        finally:
            await asyncio.shield(asyncio.gather(*(each.stop() for each in self.containers)))
            self._platform.network.detach(self.address)
            shutil.rmtree(scratch, ignore_errors=True)
            self.stopped_at = time.time()
            self._set(TaskStatus.STOPPED)

    async def _start(self, scratch: Path) -> bool:
        """Start every container and register the targets; False where the task has to end before that."""
        platform = self._platform
        ports = tuple(port for each in self.definition.containers for port in each.ports)
        found = [images.find(each.image, platform.images, platform.app) for each in self.definition.containers]
        values = [
            await asyncio.to_thread(task_definition.secret_values, platform.aws, each)
            for each in self.definition.containers
        ]
        given = zip(self.definition.containers, values, strict=True)
        await platform.databases.serve([{**each.environment, **secret} for each, secret in given])
        self.address, self.ports = platform.network.attach(self._placement.subnets, ports)
        stand_ins = StandIns(platform.aws.endpoint or "", self.ports, platform.databases.ports)
        launches = {
            container.definition.name: (container, image, secret)
            for container, image, secret in zip(self.containers, found, values, strict=True)
        }
        for name in start_order(self.definition.containers):
            container, image, secret = launches[name]
            if not await self._may_start(container):
                return False
            await container.start(image, secret, stand_ins, scratch / name)
        for group, port in self._placement.targets:
            await platform.load_balancer.register(group, self.address, port)
            self._on_change(f"registered 1 targets in (target-group {group})")
        self.running_at = time.time()
        self._set(TaskStatus.RUNNING)
        return True

    async def _may_start(self, container: RunningContainer) -> bool:
        """Wait for what it depends on; False ends the task: asked to stop, or the dependency can no longer be met."""
        for each in container.definition.depends_on:
            other = next(one for one in self.containers if one.definition.name == each.container)
            met = asyncio.create_task(meets(other, each.condition))
            asked = asyncio.create_task(self._stopping.wait())
            await asyncio.wait([met, asked], timeout=other.definition.start_timeout, return_when=FIRST)
            for one in (met, asked):
                one.cancel()
            if self._stopping.is_set():
                return False
            if not (met.done() and met.result()):
                container.reason = unresolved(container.definition, other)
                code = "timed out" if other.exit_code is None else f"exit code {other.exit_code}"
                self._end(StopCode.EXITED, ESSENTIAL_EXITED, f"{other.definition.name}: {code}")
                return False
        return True

    async def _run(self) -> bool:
        """Wait for a reason to stop; whether that is the end of an essential container."""
        exits = {asyncio.create_task(each.exited()): each for each in self.containers if each.definition.essential}
        asked = asyncio.create_task(self._stopping.wait())
        health = self.health
        try:
            while True:
                await asyncio.wait([*exits, asked], timeout=POLL_SECONDS, return_when=FIRST)
                ended = next((each for each in exits if each.done()), None)
                if ended is not None:
                    # Its network interface goes with it: nothing more is sent there.
                    self._platform.network.detach(self.address)
                    detail = f"{exits[ended].definition.name}: {_code(ended.result())}"
                    self._end(StopCode.EXITED, ESSENTIAL_EXITED, detail)
                    return True
                if asked.done():
                    return False
                if self._unhealthy():
                    await asyncio.wait([*exits, asked], timeout=self._platform.pace.wait(STOP_DELAY))
                    self._on_change(self._stop_event())
                    return False
                if health is not (health := self.health):
                    self._on_change("")
        finally:
            for each in (*exits, asked):
                each.cancel()

    def _unhealthy(self) -> bool:
        """Whether the scheduler replaces this task, for its health; within the grace period it does not look."""
        if min(each.start_time.seconds for each in self.containers) < self._placement.grace_period:
            return False
        for container in self.containers:
            if container.definition.essential and container.health is Health.UNHEALTHY:
                self._end(StopCode.SCHEDULER, "Task failed container health checks", container.definition.name)
                self._on_change(f"(task {self.id}) failed container health checks.")
                return True
        for group, port in self._placement.targets:
            if cause := self._platform.load_balancer.failure(group, self.address, port):
                where, why = f"in (target-group {group})", cause.description
                self._end(StopCode.SCHEDULER, f"Task failed ELB health checks {where}", why)
                self._on_change(f"(task {self.id}) (port {port}) is unhealthy {where} due to (reason {why}).")
                return True
        return False

    async def _leave_targets(self, *, wait: bool) -> None:
        """Deregister the targets; requests under way may end within the deregistration delay."""
        self._set(TaskStatus.DEACTIVATING)
        balancer = self._platform.load_balancer
        delays: list[float] = []
        for group, port in self._placement.targets:
            delays.append(await balancer.deregister(group, self.address, port))
            self._on_change(f"deregistered 1 targets in (target-group {group})")
        if wait and delays:
            exits = [asyncio.create_task(each.exited()) for each in self.containers]
            await asyncio.wait(exits, timeout=self._platform.pace.wait(max(delays)))

    def _set(self, status: TaskStatus) -> None:
        self.status = status
        self._on_change("")


def _code(code: int) -> str:
    return f"exit code {code}" if code >= 0 else f"signal {-code}"
