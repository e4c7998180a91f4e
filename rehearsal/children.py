"""Child processes that cannot outlive the rehearsal.

All are members of the supervisor's session, each with its children in a process group of its own. A guard outside
the session waits for the supervisor's end, however it comes, and kills the session's rest.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import signal
import subprocess
import sys
from asyncio.subprocess import DEVNULL, STDOUT, Process
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psutil

from rehearsal.ecs.logs import LINE_BYTES


@dataclass(frozen=True)
class User:
    """The user that a program runs as which refuses to run as root."""

    id: int
    group: int

    @property
    def options(self) -> dict[str, Any]:
        """For `subprocess` and `asyncio`, which make such a process."""
        return {"user": self.id, "group": self.group, "extra_groups": [self.group]}


async def start(
    command: Sequence[str], environment: Mapping[str, str], directory: Path, user: User | None = None
) -> tuple[Process, asyncio.StreamReader]:
    """Start a process in a group of its own; the process, and its output."""
    # Not asyncio's own pipe: with that one, waiting for the process also waits for children that hold the pipe.
    reading, writing = os.pipe()
    try:
        process = await asyncio.create_subprocess_exec(
            *command,
            env=dict(environment),
            cwd=directory,
            stdin=DEVNULL,
            stdout=writing,
            stderr=STDOUT,
            process_group=0,
            **(user.options if user else {}),
        )
    except BaseException:
        os.close(reading)
        raise
    finally:
        os.close(writing)
    reader = asyncio.StreamReader(limit=LINE_BYTES)
    loop = asyncio.get_running_loop()
    await loop.connect_read_pipe(lambda: asyncio.StreamReaderProtocol(reader), os.fdopen(reading, "rb"))
    return process, reader


async def stop(process: Process, number: int, seconds: float) -> None:
    """Signal the process alone, as a container's PID 1; after so many seconds, or at its end, kill its whole group."""
    if process.returncode is None:
        with contextlib.suppress(ProcessLookupError):
            process.send_signal(number)
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(process.wait(), seconds)
    with contextlib.suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGKILL)
    await process.wait()


def of_session(session: int) -> list[int]:
    """The ids of a session's processes."""
    found: list[int] = []
    for pid in psutil.pids():
        with contextlib.suppress(OSError):
            if os.getsid(pid) == session:
                found.append(pid)
    return found


def kill_session(session: int) -> None:
    """Kill every process of a session; again, because one may just have started another."""
    for _ in range(3):
        for pid in of_session(session):
            with contextlib.suppress(OSError):
                os.kill(pid, signal.SIGKILL)


def start_guard(session: int) -> int:
    """Start the guard; the descriptor that is returned must stay open, and in this process only."""
    reading, writing = os.pipe()
    subprocess.Popen([sys.executable, "-m", "rehearsal.children", str(session)], stdin=reading, start_new_session=True)
    os.close(reading)
    return writing


def main() -> None:
    """The guard: wait for the supervisor's end of the pipe to close, which the system does at any death."""
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, signal.SIG_IGN)
    sys.stdin.buffer.read()
    kill_session(int(sys.argv[1]))


if __name__ == "__main__":
    main()
