"""Which process a number belongs to."""

from __future__ import annotations

import contextlib
import os

import psutil


def command_line(pid: int) -> str:
    """The command line of a process; empty if it has ended."""
    with contextlib.suppress(psutil.Error):
        return " ".join(psutil.Process(pid).cmdline())
    return ""


def of_session(session: int) -> list[int]:
    """The processes of a session."""
    found: list[int] = []
    for pid in psutil.pids():
        with contextlib.suppress(OSError):
            if os.getsid(pid) == session:
                found.append(pid)
    return found
