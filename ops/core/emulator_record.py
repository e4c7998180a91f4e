"""What is kept of a running emulator, and how to tell that it still runs and is the one that was started.

Whoever only reaches the emulator needs this and nothing of `rehearsal`.
"""

from __future__ import annotations

import contextlib
import http.client
import json
import shutil
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, cast

from ops.core.errors import CommandError, UserError
from ops.core.paths import Work
from ops.core.pids import command_line

HEALTH_PATH = "/_emulator/health"


@dataclass
class Record:
    """One emulator process."""

    pid: int
    port: int
    instance: str
    """Random, on its command line and in its health answer: a reused pid or port is not mistaken for it."""
    account_id: str

    @property
    def url(self) -> str:
        # An IP: with a host name the SDKs put the bucket into it (bucket.localhost).
        return f"http://127.0.0.1:{self.port}"

    def to_json(self) -> str:
        return json.dumps(asdict(self), indent=2) + "\n"


def read(path: Path) -> Record | None:
    """The record in the file; None if there is none or it is damaged."""
    with contextlib.suppress(OSError, ValueError, TypeError, KeyError):
        found = cast("dict[str, Any]", json.loads(path.read_text(encoding="utf-8")))
        record = Record(int(found["pid"]), int(found["port"]), str(found["instance"]), str(found["account_id"]))
        # 0 and 1 would be this process's group and init.
        return record if record.pid > 1 else None
    return None


def answers(record: Record, timeout: float = 5.0) -> bool:
    """Whether this very instance answers on its port within so many seconds."""
    connection = http.client.HTTPConnection("127.0.0.1", record.port, timeout=timeout)
    try:
        connection.request("GET", HEALTH_PATH)
        answer = cast("object", json.loads(connection.getresponse().read()))
    except (OSError, http.client.HTTPException, ValueError):
        return False
    finally:
        connection.close()
    return answer == {"instance": record.instance, "account_id": record.account_id}


def is_process(record: Record) -> bool:
    """Whether the pid still belongs to the emulator of the record and not to a later process."""
    return record.instance in command_line(record.pid)


def find(work: Work) -> Record | None:
    """The running emulator of the work directory; a record whose process is gone is cleared away.

    Raises CommandError where the process is there and does not answer.
    """
    record = read(work.emulator_record)
    if record is not None and is_process(record):
        # Busy with a large request it may be late; only a process that is gone is given up.
        if any(answers(record) for _ in range(3)):
            return record
        raise CommandError(
            f"the emulator (pid {record.pid}) does not answer on {record.url}; "
            f"its log is {work.log('emulator')}; `make down` stops it"
        )
    forget(work)
    return None


def require(work: Work, account_id: str) -> Record:
    """The running emulator; raises UserError where there is none, or one that plays another account."""
    record = find(work)
    if record is None:
        raise UserError("the emulator is not running, so nothing is deployed: `make up` starts it and deploys")
    return of_account(record, account_id)


def of_account(record: Record, account_id: str) -> Record:
    """The record; raises UserError where its emulator plays another account."""
    if record.account_id != account_id:
        raise UserError(
            f"the running emulator plays account {record.account_id}, the settings say {account_id}: "
            "`make down` stops it, `make up` starts one of the other account"
        )
    return record


def forget(work: Work) -> None:
    """Remove the record and the states of the emulated account, which lived in the process's memory."""
    shutil.rmtree(work.emulator, ignore_errors=True)
