"""One apply for the lanes that start from an applied staging: each gets a copy of the embedded AWS it was made on.

`make test` names a folder for it. The lane `applied` puts there, once it has applied, the stacks and a copy for every
other lane; a lane that is run by itself applies by itself.
"""

from __future__ import annotations

import os
import shutil
import time
from pathlib import Path

import pytest

from ops.core.emulator_record import Record
from ops.core.paths import Work
from rehearsal.aws import copies

APPLYING = "applied"
SHARING = ("plans", "pages", "doctor", "rehearsal", "changes", "deliveries")
PATIENCE = 900
"""Seconds that a lane waits for the apply; by itself that takes three minutes."""


def folder(lane: str | None) -> Path | None:
    """Where the lane gives or takes; None for one that is run by itself or has nothing to do with it."""
    path = os.environ.get("SHARED_APPLY")
    return Path(path) if path and lane in (APPLYING, *SHARING) else None


def offer(shared: Path, emulator: Record, stacks: Path) -> None:
    """Give every sharing lane its copy; they end with the run of the lanes."""
    shutil.copytree(stacks, shared / "stacks", symlinks=True)
    for lane in SHARING:
        copies.make(emulator, Work(shared / lane).emulator_record, int(os.environ["LANES_PID"]))
    (shared / "ready").touch()


def give_up(shared: Path) -> None:
    """Nothing will be offered."""
    (shared / "failed").touch()


def take(shared: Path, lane: str) -> Work:
    """The work directory with the lane's copy; fails where the apply has failed."""
    deadline = time.monotonic() + PATIENCE
    while not (shared / "ready").exists():
        if (shared / "failed").exists() or time.monotonic() > deadline:
            pytest.fail(f"the lane {APPLYING} did not apply what this one starts from")
        time.sleep(0.5)
    work = Work(shared / lane)
    assert Record.read(work.emulator_record) is not None
    return work
