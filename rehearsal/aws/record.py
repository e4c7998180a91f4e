"""What is kept of a running emulator, and how to tell that it still runs and is the one that was started."""

from __future__ import annotations

import contextlib
import http.client
import json
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, cast

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
