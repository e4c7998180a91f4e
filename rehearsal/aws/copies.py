"""A copy of the embedded AWS as it is now: the account of a test that changes what others share.

The account is in the memory of the emulator's process, so the copy is a fork of that process. It listens on a port
of its own and is as independent as two accounts are. Nothing else may be asked of the emulator in that moment: what
another thread is about to do does not happen in the copy.
"""

from __future__ import annotations

import json
import os
import threading
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import psutil

from ops.core.emulator_record import Record, answers
from rehearsal.aws.ask import ask

COPY_PATH = "/_emulator/copy"
START_SECONDS = 30
LOOK_SECONDS = 2


def make(source: Record, path: Path, owner: int) -> Record:
    """Copy a running emulator, with its record at the path; the copy ends with the process `owner`. Raises OSError."""
    ask(source.url, "POST", COPY_PATH, {"record": str(path), "owner": owner}, START_SECONDS)
    deadline = time.monotonic() + START_SECONDS
    while time.monotonic() < deadline:
        found = Record.read(path)
        if found is not None and answers(found):
            return found
        time.sleep(0.05)
    raise OSError(f"the copy of the emulator does not answer after {START_SECONDS} s")


def fork(environ: dict[str, Any], original: Record, serve: Callable[[Record, Path], None]) -> None:
    """Make the copy that a request asks for; returns in the emulator, and serves in the copy until that ends."""
    asked: dict[str, Any] = json.loads(environ["wsgi.input"].read(int(environ["CONTENT_LENGTH"])))
    if os.fork():
        return
    try:
        os.setsid()
        # The connection is the original's to answer.
        environ["werkzeug.socket"].close()
        threading.Thread(target=_end_with, args=(int(asked["owner"]),), daemon=True).start()
        # The command line, on which the instance is looked for, is the same.
        serve(replace(original, pid=os.getpid()), Path(asked["record"]))
    finally:
        os._exit(1)


def _end_with(owner: int) -> None:
    while psutil.pid_exists(owner):
        time.sleep(LOOK_SECONDS)
    os._exit(0)
