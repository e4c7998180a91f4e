"""One container: its process, its health check, its log stream."""

from __future__ import annotations

import asyncio
import contextlib
import os
import signal
from asyncio.subprocess import DEVNULL, Process
from collections.abc import Mapping
from pathlib import Path

from ops.core.aws import Aws
from rehearsal import children
from rehearsal.ecs import images, nginx
from rehearsal.ecs.logs import LogStream
from rehearsal.ecs.rewrites import (
    Launch,
    StandIns,
    as_on_aws,
    rewrite,
)
from rehearsal.ecs.start_time import StartTime
from rehearsal.ecs.task_definition import Container, NotRunnable
from rehearsal.health import ContainerHealth, Health
from rehearsal.pace import Pace

NOT_STARTED = 143
"""The exit code of a container whose dependency was not met: aws/amazon-ecs-agent, pull request 3218."""


class RunningContainer:
    """A container that is run as its definition says."""

    def __init__(self, definition: Container, task_id: str, aws: Aws, pace: Pace) -> None:
        self.definition = definition
        self.log = LogStream(aws, definition.log_group, f"{definition.log_prefix}/{definition.name}/{task_id}")
        check = definition.health_check
        self._health = ContainerHealth(check.retries) if check else None
        self.start_time = StartTime(pace)
        self._pace = pace
        self.reason = ""
        """Why it was not started, in ECS's words."""
        self._process: Process | None = None
        self._background: list[asyncio.Task[None]] = []

    @property
    def health(self) -> Health:
        """Without a health check a container is healthy as soon as it runs."""
        return self._health.state if self._health else Health.HEALTHY

    @property
    def pid(self) -> int | None:
        """None before its process runs, and after."""
        return self._process.pid if self._process and self._process.returncode is None else None

    @property
    def started(self) -> bool:
        return self._process is not None

    @property
    def exit_code(self) -> int | None:
        """As Docker has it: 128 plus the number of a signal, 137 for SIGKILL. None while it runs."""
        if self.reason:
            return NOT_STARTED
        code = self._process.returncode if self._process else None
        return 128 - code if code is not None and code < 0 else code

    async def start(self, image: images.Image, secrets: Mapping[str, str], stand_ins: StandIns, scratch: Path) -> None:
        """Raises NotRunnable."""
        definition = self.definition
        scratch.mkdir(parents=True)
        # What a base image sets; everything else comes from the container definition.
        base = {"PATH": os.environ.get("PATH", os.defpath), "HOME": str(scratch)}
        command = definition.health_check.command if definition.health_check else ()
        launch = rewrite(Launch({**base, **definition.environment, **secrets}, command), stand_ins)
        run = definition.command or image.command
        if run[0] == "nginx":
            run = nginx.command(image.directory, stand_ins.ports[definition.ports[0]], scratch)
        try:
            self._process, output = await children.start(run, launch.environment, image.directory)
        except OSError as error:
            raise NotRunnable(f"CannotStartContainerError: {error}") from None
        self._reading = asyncio.create_task(self.log.read(output, lambda line: as_on_aws(line, stand_ins)))
        self._background = [
            asyncio.create_task(each) for each in (self.log.ship(), self.start_time.follow(self._process.pid))
        ]
        if self._health is not None:
            self._background.append(asyncio.create_task(self._check(launch, self._health)))

    async def _check(self, launch: Launch, health: ContainerHealth) -> None:
        """The first check comes one interval after the start, as Docker's."""
        check = self.definition.health_check
        assert check is not None
        kind, *arguments = launch.health_command
        command = ["/bin/sh", "-c", *arguments] if kind == "CMD-SHELL" else arguments
        while True:
            await asyncio.sleep(self._pace.wait(check.interval))
            in_start_period = self.start_time.seconds < check.start_period
            health.record(await _passes(command, launch, check.timeout), in_start_period=in_start_period)

    async def exited(self) -> int:
        """Wait for the end of the process; its code, negative for a signal."""
        assert self._process is not None
        return await self._process.wait()

    async def stop(self) -> None:
        """SIGTERM, after the stop timeout SIGKILL; its last lines are shipped."""
        for each in self._background:
            each.cancel()
        if self._process is not None:
            await children.stop(self._process, signal.SIGTERM, self.definition.stop_timeout)
            await self._reading
        await self.log.flush()


async def _passes(command: list[str], launch: Launch, timeout: float) -> bool:
    try:
        process = await asyncio.create_subprocess_exec(
            *command, env=launch.environment, stdin=DEVNULL, stdout=DEVNULL, stderr=DEVNULL, process_group=0
        )
    except OSError:
        return False
    try:
        return await asyncio.wait_for(process.wait(), timeout) == 0
    except TimeoutError:
        return False
    finally:
        if process.returncode is None:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGKILL)
