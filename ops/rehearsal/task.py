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

from ops.aws import Aws
from ops.rehearsal import images, task_definition
from ops.rehearsal.container import RunningContainer
from ops.rehearsal.health import Health
from ops.rehearsal.load_balancer import LoadBalancer
from ops.rehearsal.network import Network
from ops.rehearsal.pace import Pace
from ops.rehearsal.postgres import Databases
from ops.rehearsal.rewrites import Here
from ops.rehearsal.task_definition import NotRunnable, TaskDefinition

POLL_SECONDS = 0.1


class Status(StrEnum):
    """The task states of ECS that last long enough to be seen."""

    PENDING = "PENDING"
    RUNNING = "RUNNING"
    DEACTIVATING = "DEACTIVATING"
    STOPPED = "STOPPED"


@dataclass(frozen=True)
class Platform:
    """What every task stands on."""

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
    """The part of the service that its tasks need."""

    subnets: list[str]
    targets: tuple[tuple[str, int], ...]
    """Target group and container port."""
    grace_period: float


class Task:
    """Starts when made; ends by itself, or after stop()."""

    def __init__(
        self, definition: TaskDefinition, placement: Placement, platform: Platform, on_change: Callable[[], None]
    ) -> None:
        self.id = secrets.token_hex(16)
        self.definition = definition
        self.status = Status.PENDING
        self.reason = ""
        self.seen_healthy = self.seen_failed = False
        """What its service has taken note of."""
        self.started_at = time.time()
        self.address, self.ports = "", dict[int, int]()
        self.containers = [
            RunningContainer(each, self.id, platform.aws, platform.pace) for each in definition.containers
        ]
        self._placement, self._platform, self._on_change = placement, platform, on_change
        self._stopping = asyncio.Event()
        self._wanted = True
        self.done = asyncio.create_task(self._live())

    @property
    def failed(self) -> bool:
        """Stopped, or about to, without having been asked to."""
        return bool(self.reason) and self._wanted

    @property
    def active(self) -> bool:
        """Counts as one of the service's tasks."""
        return self.status in (Status.PENDING, Status.RUNNING) and not self._stopping.is_set() and not self.reason

    @property
    def healthy(self) -> bool:
        """Running, every container healthy, and healthy in every target group."""
        return self.active and self.status is Status.RUNNING and self.health is Health.HEALTHY

    @property
    def health(self) -> Health:
        """The worst of its containers and targets."""
        balancer = self._platform.load_balancer
        parts = {each.health for each in self.containers if each.definition.essential}
        parts |= {balancer.health(group, self.address, port) for group, port in self._placement.targets}
        return next(each for each in (Health.UNHEALTHY, Health.INITIAL, Health.HEALTHY) if each in parts)

    def stop(self, reason: str) -> None:
        """Begin to stop, because the service wants fewer or others."""
        if self.active:
            self._wanted, self.reason = False, reason
            self._stopping.set()

    def last_lines(self) -> list[str]:
        return [line for each in self.containers for line in each.log.last]

    async def _live(self) -> None:
        scratch = self._platform.scratch / self.id
        try:
            await self._start(scratch)
            exited = await self._run()
            await self._leave_targets(wait=not exited)
        except NotRunnable as error:
            self.reason = str(error)
        except Exception as error:
            # The emulator did not answer, or refused what AWS would do: the task fails, the service goes on.
            self.reason = f"TaskFailedToStart: {type(error).__name__}: {error}"
        finally:
            await asyncio.shield(asyncio.gather(*(each.stop() for each in self.containers)))
            self._platform.network.detach(self.address)
            shutil.rmtree(scratch, ignore_errors=True)
            self._set(Status.STOPPED)

    async def _start(self, scratch: Path) -> None:
        platform = self._platform
        ports = tuple(port for each in self.definition.containers for port in each.ports)
        found = [images.find(each.image, platform.images, platform.app) for each in self.definition.containers]
        values = [
            await asyncio.to_thread(task_definition.secret_values, platform.aws, each)
            for each in self.definition.containers
        ]
        for each, secret in zip(self.definition.containers, values, strict=True):
            await platform.databases.serve([*each.environment.values(), *secret.values()])
        self.address, self.ports = platform.network.attach(self._placement.subnets, ports)
        here = Here(platform.aws.endpoint or "", self.ports, platform.databases.ports)
        for container, image, secret in zip(self.containers, found, values, strict=True):
            await container.start(image, secret, here, scratch / container.definition.name)
        self._started = time.monotonic()
        for group, port in self._placement.targets:
            await platform.load_balancer.register(group, self.address, port)
        self._set(Status.RUNNING)

    async def _run(self) -> bool:
        """Until there is a reason to stop; whether that is a container's own end."""
        exits = {asyncio.create_task(each.exited()): each for each in self.containers if each.definition.essential}
        asked = asyncio.create_task(self._stopping.wait())
        health = self.health
        try:
            while True:
                await asyncio.wait([*exits, asked], timeout=POLL_SECONDS, return_when=asyncio.FIRST_COMPLETED)
                ended = next((each for each in exits if each.done()), None)
                if ended is not None:
                    # Its network interface goes with it: nothing more is sent there.
                    self._platform.network.detach(self.address)
                    name = exits[ended].definition.name
                    self.reason = self.reason or f"Essential container {name} exited ({_code(ended.result())})"
                    return True
                if asked.done():
                    return False
                if reason := self._unhealthy():
                    self.reason = reason
                    return False
                if health is not (health := self.health):
                    self._on_change()
        finally:
            for each in (*exits, asked):
                each.cancel()

    def _unhealthy(self) -> str:
        """Why the scheduler replaces this task; it ignores health within the grace period."""
        if time.monotonic() - self._started < self._platform.pace.wait(self._placement.grace_period):
            return ""
        for container in self.containers:
            if container.definition.essential and container.health is Health.UNHEALTHY:
                return f"Task failed container health checks ({container.definition.name})"
        for group, port in self._placement.targets:
            if self._platform.load_balancer.health(group, self.address, port) is Health.UNHEALTHY:
                return f"Task failed ELB health checks in (target-group {group.rpartition(':')[2]})"
        return ""

    async def _leave_targets(self, *, wait: bool) -> None:
        """Deregister, and let the requests that are under way end within the deregistration delay."""
        self._set(Status.DEACTIVATING)
        balancer = self._platform.load_balancer
        delays = [await balancer.deregister(group, self.address, port) for group, port in self._placement.targets]
        if wait and delays:
            exits = [asyncio.create_task(each.exited()) for each in self.containers]
            await asyncio.wait(exits, timeout=self._platform.pace.wait(max(delays)))

    def _set(self, status: Status) -> None:
        self.status = status
        self._on_change()


def _code(code: int) -> str:
    return f"exit code {code}" if code >= 0 else f"signal {-code}"
