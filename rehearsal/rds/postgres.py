"""A PostgreSQL on loopback that stands for an RDS instance."""

from __future__ import annotations

import asyncio
import contextlib
import os
import pwd
import secrets
import shutil
import signal
import subprocess
import tempfile
import zlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit

from rehearsal import children
from rehearsal.ecs.logs import LogStream
from rehearsal.ecs.rewrites import database_prefix, is_database_url
from rehearsal.ecs.task_definition import NotRunnable
from rehearsal.network import free_port
from rehearsal.pace import Pace
from rehearsal.rds.certificate import self_signed
from rehearsal.rds.client import execute
from rehearsal.rds.programs import version

ADMINISTRATOR = "rdsadmin"
"""The superuser, which is AWS's own on RDS as well; only this process can log in as it."""
PARTS = ("USER", "PASSWORD", "NAME")
RECOVERY_SECONDS = 60
"""Until RDS has an instance running again whose engine died; about a minute, which the pace shortens."""
# With a password and over TLS only: rds.force_ssl, which is RDS's default from version 15 on. As RDS does what it does
# from within, its own user needs no TLS.
HBA = f"""hostnossl postgres {ADMINISTRATOR} 127.0.0.1/32 password
hostssl all all 127.0.0.1/32 scram-sha-256
"""


@dataclass(frozen=True)
class Login:
    """What a postgresql:// URL says, or variables that have its parts."""

    host: str
    user: str
    password: str
    database: str

    @classmethod
    def of(cls, url: str) -> Login:
        parts = urlsplit(url)
        user, password = unquote(parts.username or ""), unquote(parts.password or "")
        return cls(parts.hostname or "", user, password, unquote(parts.path.removeprefix("/")))

    @classmethod
    def all_in(cls, environment: Mapping[str, str]) -> Iterator[Login]:
        """Return those that a container's variables give."""
        for name, value in environment.items():
            prefix = database_prefix(name, environment)
            if is_database_url(value):
                yield cls.of(value)
            elif prefix is not None:
                user, password, database = (environment.get(f"{prefix}_{each}", "") for each in PARTS)
                yield cls(value, user, password, database)


class Postgres:
    """One instance; its data last as long as the RDS instance that it stands for."""

    def __init__(self, instance: dict[str, Any], programs: Path, directory: Path, log: LogStream, pace: Pace) -> None:
        self.name: str = instance["DBInstanceIdentifier"]
        self.version = version(programs)
        self.applied_version: str = instance["EngineVersion"]
        self.master: str = instance["MasterUsername"]
        self.port = free_port()
        self.running = False
        self._programs, self._log, self._pace = programs, log, pace
        self._login: Login | None = None
        self._password = secrets.token_hex(32)
        """The superuser's."""
        self._keeping: asyncio.Task[None] | None = None
        self._process: asyncio.subprocess.Process | None = None
        self._user = _unprivileged()
        # Root's own directories are closed to the user that PostgreSQL then runs as.
        root = Path(tempfile.gettempdir()) / "prodready-infra-postgres" if self._user else directory
        # Of another checkout's account an instance may have the same id.
        self.directory = root / f"{instance['DbiResourceId']}-{zlib.crc32(bytes(directory)):08x}".lower()

    @property
    def pid(self) -> int | None:
        return self._process.pid if self._process and self.running else None

    async def serve(self, login: Login) -> None:
        """Start, or give the master user its new password; open connections stay.

        Other logins are made with the master user's, as on RDS.
        """
        if login == self._login or (self._keeping is not None and login.user != self.master):
            return
        if self._login is not None and self.running and self._login.database == login.database:
            await self._execute(f"ALTER ROLE {_identifier(login.user)} PASSWORD {_literal(login.password)}")
            self._login = login
            return
        await self.stop()
        await asyncio.to_thread(self._prepare, login)
        if login.user == self.master:
            self._login = login
        self._keeping = asyncio.create_task(self._keep())
        for _ in range(300):
            with contextlib.suppress(NotRunnable):
                await self._execute("SELECT 1")
                self.running = True
                return
            await asyncio.sleep(0.1)
        raise NotRunnable(f"PostgreSQL of {self.name} does not start: {'; '.join(self._log.last)}")

    async def _execute(self, statement: str) -> None:
        await asyncio.to_thread(execute, self.port, ADMINISTRATOR, self._password, statement)

    async def _keep(self) -> None:
        data = self.directory / "data"
        options = {
            "port": self.port,
            "listen_addresses": "127.0.0.1",
            "unix_socket_directories": "",
            "ssl": "on",
            # What is here is gone with the emulator anyhow.
            "fsync": "off",
            "max_connections": 200,
        }
        arguments = [part for key, value in options.items() for part in ("-c", f"{key}={value}")]
        shipping = asyncio.create_task(self._log.ship())
        try:
            while True:
                command = [str(self._programs / "postgres"), "-D", str(data), *arguments]
                self._process, output = await children.start(command, _environment(), self.directory, self._user)
                self.running = True
                await self._log.read(output)
                await self._process.wait()
                self.running = False
                await asyncio.sleep(self._pace.wait(RECOVERY_SECONDS))
        finally:
            shipping.cancel()

    async def stop(self) -> None:
        """A fast shutdown: every connection ends."""
        if self._keeping is not None:
            self._keeping.cancel()
            await asyncio.gather(self._keeping, return_exceptions=True)
        if self._process is not None:
            await children.stop(self._process, signal.SIGINT, 10)
        self.running, self._process, self._keeping = False, None, None

    def _prepare(self, login: Login) -> None:
        data = self.directory / "data"
        self.directory.mkdir(parents=True, exist_ok=True)
        if self._user:
            # Whatever the umask is, that user gets through.
            self.directory.parent.chmod(0o711)
        self._give(self.directory)
        if not (data / "server.crt").exists():
            shutil.rmtree(data, ignore_errors=True)
            options = ["-D", str(data), "-U", ADMINISTRATOR, "--encoding=UTF8", "--locale=C", "--no-sync"]
            self._run([str(self._programs / "initdb"), *options])
            certificate, key = self_signed("localhost")
            # The certificate last: it is the sign that nothing is missing.
            self._write(data / "server.key", key)
            self._write(data / "server.crt", certificate)
        (data / "pg_hba.conf").write_text(HBA, encoding="utf-8")
        statements = [f"ALTER ROLE {ADMINISTRATOR} PASSWORD {_literal(self._password)}"]
        if login.user == self.master:
            # The RDS master user is no superuser either.
            role, database = _identifier(login.user), _identifier(login.database)
            statements += [
                f"CREATE ROLE {role} LOGIN CREATEDB CREATEROLE",
                f"ALTER ROLE {role} PASSWORD {_literal(login.password)}",
                f"CREATE DATABASE {database} OWNER {role}",
            ]
        # In single-user mode, because there may be no client program. What exists already is an error, after which it
        # goes on.
        command = [str(self._programs / "postgres"), "--single", "-D", str(data), "postgres"]
        self._run(command, input="".join(f"{statement}\n" for statement in statements))

    def _write(self, path: Path, content: bytes) -> None:
        """Write a file that only the user can read whom PostgreSQL runs as."""
        path.touch(0o600)
        path.write_bytes(content)
        self._give(path)

    def _give(self, path: Path) -> None:
        if self._user:
            os.chown(path, self._user.id, self._user.group)

    def _run(self, command: list[str], **options: Any) -> None:
        try:
            answer = subprocess.run(
                command,
                cwd=self.directory,
                env=_environment(),
                capture_output=True,
                text=True,
                **(self._user.options if self._user else {}),
                **options,
            )
        except OSError as error:
            raise NotRunnable(f"the database needs {command[0]}: {error}") from None
        if answer.returncode != 0:
            raise NotRunnable(f"{Path(command[0]).name} failed: {answer.stderr.strip()}")


def _unprivileged() -> children.User | None:
    """PostgreSQL refuses to run as root, so root runs it as another user."""
    if os.getuid() != 0:
        return None
    for name in ("postgres", "nobody"):
        with contextlib.suppress(KeyError):
            entry = pwd.getpwnam(name)
            return children.User(entry.pw_uid, entry.pw_gid)
    raise NotRunnable("root needs a user named postgres or nobody to run PostgreSQL as")


def _environment() -> dict[str, str]:
    return {"PATH": os.environ.get("PATH", os.defpath), "LC_ALL": "C"}


def _identifier(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'


def _literal(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"
