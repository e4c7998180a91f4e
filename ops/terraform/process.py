"""One Terraform process: read line by line into a log, and interrupted once and waited for on Ctrl-C."""

from __future__ import annotations

import contextlib
import signal
import subprocess
import sys
import threading
from collections.abc import Callable, Generator, Mapping, Sequence
from io import RawIOBase
from pathlib import Path
from types import FrameType

from ops.core.errors import Interrupted


@contextlib.contextmanager
def _forward_interrupts(process: subprocess.Popen[str]) -> Generator[list[int]]:
    """Turn the first SIGINT or SIGTERM into one SIGINT for Terraform, which then stops and unlocks.

    A second one would make Terraform exit at once and leave its lock and the resources under way behind,
    so the later ones are only answered.
    """
    received: list[int] = []

    def forward(number: int, _frame: FrameType | None) -> None:
        first = not received
        received.append(number)
        if first:
            with contextlib.suppress(ProcessLookupError):
                process.send_signal(signal.SIGINT)
        text = "interrupted: waiting for Terraform to finish what is under way and release its lock"
        print(f"\n{text if first else 'still waiting for Terraform; killing it would leave its lock'}", file=sys.stderr)

    if threading.current_thread() is not threading.main_thread():
        yield received
        return
    previous = {number: signal.signal(number, forward) for number in (signal.SIGINT, signal.SIGTERM)}
    try:
        yield received
    finally:
        for number, handler in previous.items():
            signal.signal(number, handler)


def run(command: Sequence[str], environment: Mapping[str, str], log: Path, on_line: Callable[[str], None]) -> int:
    """The exit code; every line goes into the log and to the callback. Raises Interrupted.

    Terraform is always followed to its end: left alone it would die of its closed output, with its lock held.
    """
    log.parent.mkdir(parents=True, exist_ok=True)
    # Unbuffered, so that nothing is left to be written when the file is closed on a full disk.
    with log.open("wb", buffering=0) as file:
        # In a group of its own, or the terminal's Ctrl-C would reach it beside the forwarded signal.
        process = subprocess.Popen(
            command,
            env=dict(environment),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            encoding="utf-8",
            errors="replace",
            start_new_session=True,
        )
        assert process.stdout is not None
        with _forward_interrupts(process) as interrupts:
            writable = True
            try:
                for line in process.stdout:
                    writable = writable and _written(line, file, log)
                    on_line(line)
            except BaseException:
                process.send_signal(signal.SIGINT)
                process.communicate()
                raise
            code = process.wait()
    if interrupts:
        raise Interrupted(
            f"interrupted; Terraform ended and released its lock. Repeat the command to go on. Log: {log}"
        )
    return code


def _written(line: str, file: RawIOBase, log: Path) -> bool:
    """Whether the log takes it; a full disk is told once and stops no apply."""
    try:
        file.write(line.encode("utf-8"))
    except OSError as error:
        print(f"the log {log} ends here: {error.strerror}", file=sys.stderr)
        return False
    return True
