"""The RDS instances that tasks have the address of, each a PostgreSQL on loopback."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from ops.core.aws import Aws
from rehearsal.ecs.logs import LogStream
from rehearsal.pace import Pace
from rehearsal.rds.postgres import Login, Postgres
from rehearsal.rds.programs import find_programs


class Databases:
    """The instances that a task was started with so far."""

    def __init__(self, aws: Aws, directory: Path, work: Path, pace: Pace) -> None:
        self.instances: dict[str, Postgres] = {}
        """By host name."""
        self._aws, self._directory, self._work, self._pace = aws, directory, work, pace
        self._alone = asyncio.Lock()

    @property
    def ports(self) -> dict[str, int]:
        return {host: instance.port for host, instance in self.instances.items()}

    async def serve(self, environments: Iterable[Mapping[str, str]]) -> None:
        """Have a PostgreSQL running for every RDS instance that a container's variables name; raises NotRunnable."""
        async with self._alone:
            logins = [login for each in environments for login in Login.all_in(each)]
            for host in {login.host for login in logins} - self.instances.keys():
                instance = await asyncio.to_thread(self._find, host)
                if instance is not None:
                    self.instances[host] = await asyncio.to_thread(self._make, instance)
            known = [(self.instances[login.host], login) for login in logins if login.host in self.instances]
            # The master user's first: without it there is nothing that another one could log in to.
            for instance, login in sorted(known, key=lambda each: each[1].user != each[0].master):
                await instance.serve(login)

    def _find(self, host: str) -> dict[str, Any] | None:
        found = self._aws.client("rds").describe_db_instances()["DBInstances"]
        return next((each for each in found if each["Endpoint"]["Address"] == host), None)

    def _make(self, instance: dict[str, Any]) -> Postgres:
        name = instance["DBInstanceIdentifier"]
        exported = "postgresql" in instance.get("EnabledCloudwatchLogsExports", [])
        log = LogStream(self._aws, f"/aws/rds/instance/{name}/postgresql" if exported else None, f"{name}.0")
        programs = find_programs(instance["EngineVersion"], self._work)
        return Postgres(instance, programs, self._directory, log, self._pace)

    async def stop(self) -> None:
        await asyncio.gather(*(each.stop() for each in self.instances.values()))
