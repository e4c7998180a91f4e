"""One command at a time prepares this checkout: emulator, synthesized JSON, backend directories.

Plan and apply are not under this lock: there Terraform's own state lock decides.
"""

from __future__ import annotations

import fcntl
import os
from collections.abc import Callable, Generator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path

Held = AbstractContextManager[None]


@contextmanager
def prepare_alone(path: Path, on_wait: Callable[[str], None]) -> Generator[None]:
    """Hold the lock file; calls on_wait once with the holder's pid if another command has it.

    The system releases it when the holder ends, however it ends.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("a+", encoding="utf-8") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            file.seek(0)
            on_wait(file.read().strip())
            fcntl.flock(file, fcntl.LOCK_EX)
        file.seek(0)
        file.truncate()
        file.write(f"{os.getpid()}\n")
        file.flush()
        yield
