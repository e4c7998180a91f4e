"""How long a container has been starting; waiting passes faster than configured, computing does not."""

from __future__ import annotations

import asyncio
import contextlib
import os
import time
from dataclasses import dataclass

import psutil

from rehearsal.pace import Pace

LOOK_SECONDS = 0.5
BUSY_SHARE = 0.9
"""Of all cores' time; above it a program waits for a core and looks as if it waited for something else."""
WORKING = (psutil.STATUS_RUNNING, psutil.STATUS_DISK_SLEEP)


@dataclass
class StartTime:
    """Seconds since the start of a process group, as those of its settings: start and grace periods.

    A start is computing for the most part, which no pace makes faster, and here many start on few cores: a period that
    passed ten times faster would give up on a slower machine what starts in time on AWS.
    """

    pace: Pace
    seconds: float = 0

    def add(self, seconds: float, *, working: bool) -> None:
        self.seconds += seconds if working else seconds * self.pace.factor

    async def follow(self, group: int) -> None:
        """Count on until cancelled."""
        last, cores = time.monotonic(), _cores()
        while True:
            await asyncio.sleep(LOOK_SECONDS)
            now, cores_now = time.monotonic(), _cores()
            busy = cores_now.busy - cores.busy > BUSY_SHARE * (cores_now.all - cores.all)
            self.add(now - last, working=busy or computes(group))
            last, cores = now, cores_now


@dataclass(frozen=True)
class _Cores:
    busy: float
    all: float


def _cores() -> _Cores:
    """CPU seconds since the machine's start."""
    times = psutil.cpu_times()
    everything = sum(times)
    return _Cores(everything - times.idle, everything)


def computes(group: int) -> bool:
    """Whether a process of the group computes, waits for a core or for the disk."""
    for pid in psutil.pids():
        with contextlib.suppress(OSError, psutil.Error):
            if os.getpgid(pid) == group and psutil.Process(pid).status() in WORKING:
                return True
    return False
