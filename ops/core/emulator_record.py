"""What is kept of a running emulator, and how to tell that it still runs and is the one that was started.

Whoever only reaches the emulator needs this and nothing of `rehearsal`.
"""

from __future__ import annotations

import http.client
import json
import shutil
from dataclasses import dataclass
from typing import cast

from ops.core.errors import CommandError, UserError
from ops.core.paths import Work
from ops.core.process_record import ProcessRecord

HEALTH_PATH = "/_emulator/health"


@dataclass
class Record(ProcessRecord):
    """One emulator process."""

    pid: int
    port: int
    instance: str
    """In its health answer as well: another server on a reused port is not mistaken for it."""
    account_id: str

    @property
    def url(self) -> str:
        # An IP: with a host name the SDKs put the bucket into it (bucket.localhost).
        return f"http://127.0.0.1:{self.port}"


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


def find(work: Work) -> Record | None:
    """The running emulator of the work directory; a record whose process is gone is cleared away.

    Raises CommandError where the process is there and does not answer.
    """
    record = Record.read(work.emulator_record)
    if record is not None and record.is_running():
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
