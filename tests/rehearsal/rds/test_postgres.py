"""The PostgreSQL that stands for an RDS instance: what RDS does to it from within."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from ops.core.aws import Aws
from rehearsal.ecs.logs import LogStream
from rehearsal.ecs.task_definition import NotRunnable
from rehearsal.pace import Pace
from rehearsal.rds.client import execute
from rehearsal.rds.postgres import ADMINISTRATOR, Login, Postgres
from rehearsal.rds.programs import installed
from tests.support import needs

INSTANCE = {"DBInstanceIdentifier": "db", "EngineVersion": "15", "MasterUsername": "master", "DbiResourceId": "db-1"}


def test_a_new_password_of_the_master_user_ends_no_connection_and_other_logins_change_nothing(tmp_path: Path) -> None:
    programs = installed()
    needs(programs, "PostgreSQL is not on this machine")
    asyncio.run(_rotate(tmp_path, programs[0]))


async def _rotate(directory: Path, programs: Path) -> None:
    log = LogStream(Aws({}, "us-east-1"), None, "db.0")
    database = Postgres(INSTANCE, programs, directory, log, Pace())
    try:
        await database.serve(Login("host", "master", "o'ne", "app"))
        pid = database.pid
        await database.serve(Login("host", "application_1", "whatever", "app"))
        await database.serve(Login("host", "master", "two", "app"))
        assert database.pid == pid, "RDS restarts nothing for it"
        # Without TLS nobody else gets in, and not even its own user without the password.
        for user in ("master", ADMINISTRATOR):
            with pytest.raises(NotRunnable, match=r"no pg_hba\.conf entry|password authentication failed"):
                await asyncio.to_thread(execute, database.port, user, "two", "SELECT 1")
    finally:
        await database.stop()
