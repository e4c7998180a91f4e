"""The rehearsal's process: reads what is applied, every second, and runs it."""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import json
import os
import signal
import threading
import time
from collections.abc import Awaitable, Callable, Mapping
from pathlib import Path
from typing import Any

from ops.core.aws import Aws
from ops.core.endpoint import EMULATOR_CREDENTIALS, ENDPOINT
from ops.core.files import write_atomically
from ops.core.paths import Work
from rehearsal import children, snapshot, status
from rehearsal.aws import running
from rehearsal.ecs.service import RunningService
from rehearsal.ecs.services import read_services
from rehearsal.ecs.task import Platform
from rehearsal.elb import front_door
from rehearsal.elb.front_door import FrontDoor
from rehearsal.elb.load_balancer import LoadBalancer
from rehearsal.network import Network
from rehearsal.pace import DEFAULT_FACTOR, Pace
from rehearsal.process import Files, Record
from rehearsal.rds.databases import Databases

POLL_SECONDS = 1.0
LOAD_BALANCER_SECONDS = 3.0
STATUS_SECONDS = 0.2
EMULATOR_PATIENCE = 20
"""Seconds without an answer from the emulator, after which there is nothing left to rehearse."""


class SharedAws(Aws):
    """Makes each client once: boto3's clients may be used by several threads, but not made by them."""

    def __init__(self, environment: Mapping[str, str], region: str) -> None:
        super().__init__(environment, region)
        self._clients: dict[str, Any] = {}
        self._alone = threading.Lock()

    def client(self, service: str) -> Any:
        with self._alone:
            if service not in self._clients:
                self._clients[service] = super().client(service)
            return self._clients[service]


class Supervisor:
    """Runs the services of a cluster, their databases and the load balancer."""

    def __init__(self, platform: Platform, door: FrontDoor, cluster: str, files: Files) -> None:
        self._platform, self._door, self._cluster, self._files = platform, door, cluster, files
        self._services: dict[str, RunningService] = {}
        self._answered = self._refreshed = time.monotonic()
        self._first = True
        self._written = ""
        self._cluster_arn = ""
        """Known once a service was found."""
        self._sent: running.Snapshot = {}
        self._sent_at = 0.0
        self._stopping = asyncio.Event()

    async def run(self) -> None:
        """Run until a signal, or until the emulator is gone."""
        loop = asyncio.get_running_loop()
        for number in (signal.SIGTERM, signal.SIGINT):
            loop.add_signal_handler(number, self._stopping.set)
        polling = asyncio.create_task(self._repeat(self._poll, POLL_SECONDS))
        reporting = asyncio.create_task(self._repeat(self._report, STATUS_SECONDS))
        await self._stopping.wait()
        polling.cancel()
        await self._door.close()
        await asyncio.gather(*(each.end() for each in self._services.values()))
        reporting.cancel()
        await self._platform.databases.stop()
        # The emulator may be gone, and then nobody can ask it.
        with contextlib.suppress(OSError):
            await self._send(snapshot.empty(self._cluster_arn))

    async def _repeat(self, job: Callable[[], Awaitable[None]], pause: float) -> None:
        while True:
            try:
                await job()
            except Exception as error:
                print(f"{type(error).__name__}: {error}", flush=True)
            await asyncio.sleep(pause)

    async def _poll(self) -> None:
        if time.monotonic() - self._answered > EMULATOR_PATIENCE:
            print(f"nothing could be read from the emulator for {EMULATOR_PATIENCE} s: stopping", flush=True)
            self._stopping.set()
        found = await asyncio.to_thread(read_services, self._platform.aws, self._cluster)
        groups = {each["targetGroupArn"] for service in found for each in service["loadBalancers"]}
        balancer = self._platform.load_balancer
        if groups - {*balancer.view.groups} or time.monotonic() - self._refreshed > LOAD_BALANCER_SECONDS:
            await balancer.refresh(groups)
            self._refreshed = time.monotonic()
        if self._first:
            await balancer.deregister_strangers()
            self._first = False
        await self._door.follow()
        self._answered = time.monotonic()
        for description in found:
            self._cluster_arn = description["clusterArn"]
            name = description["serviceName"]
            if name not in self._services:
                self._services[name] = RunningService(name, self._platform)
            self._services[name].follow(description)
        for name in {*self._services} - {service["serviceName"] for service in found}:
            # Its tasks are in the snapshots until they have stopped.
            await self._services[name].end()
            del self._services[name]

    async def _report(self) -> None:
        platform, services = self._platform, list(self._services.values())
        taken = snapshot.take(self._cluster_arn, services, platform.load_balancer)
        described = status.describe(self._door, services, platform.databases, platform.pace.factor)
        # First the API: a reader who finds a failed deployment in the file has to find the roll back in the API.
        await self._send(taken)
        text = json.dumps(described, indent=2) + "\n"
        if text != self._written:
            await asyncio.to_thread(write_atomically, self._files.status, text)
            self._written = text

    async def _send(self, taken: running.Snapshot) -> None:
        """Send the emulator a snapshot that differs from the last one, and from time to time one that does not."""
        now = time.monotonic()
        endpoint = self._platform.aws.endpoint
        if endpoint and self._cluster_arn and (taken != self._sent or now - self._sent_at > running.REPEAT_SECONDS):
            await asyncio.to_thread(running.send, endpoint, taken)
            self._sent, self._sent_at = taken, now


async def rehearse(arguments: argparse.Namespace) -> None:
    files = Files(arguments.directory)
    work = Work(arguments.work)
    aws = SharedAws({**EMULATOR_CREDENTIALS, ENDPOINT: arguments.emulator}, arguments.region)
    pace, network = Pace(arguments.factor), Network()
    async with front_door.client() as http:
        balancer = LoadBalancer(aws, pace, network, http)
        databases = Databases(aws, files.databases, work.directory, pace)
        platform = Platform(aws, pace, network, balancer, databases, arguments.images, arguments.app, files.tasks)
        await Supervisor(platform, FrontDoor(balancer, http), arguments.cluster, files).run()


def main() -> None:
    """Runs until SIGTERM; whatever ends it, its guard ends everything it started."""
    parser = argparse.ArgumentParser(prog="python -m rehearsal.supervisor")
    for name in ("--directory", "--work", "--images", "--app"):
        parser.add_argument(name, type=Path, required=True)
    for name in ("--instance", "--emulator", "--region", "--cluster"):
        parser.add_argument(name, required=True)
    parser.add_argument("--factor", type=float, default=DEFAULT_FACTOR)
    arguments = parser.parse_args()
    children.start_guard(os.getsid(0))
    record = Record(os.getpid(), arguments.instance, arguments.emulator)
    write_atomically(Files(arguments.directory).record, record.to_json())
    asyncio.run(rehearse(arguments))


if __name__ == "__main__":
    main()
