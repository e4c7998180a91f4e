"""The one way into this package: what the commands ask of the AWS on this machine and of what runs on it."""

from __future__ import annotations

from ops.core.aws import Aws
from ops.core.console import Display
from ops.core.emulator_record import Record
from ops.core.errors import CommandError
from ops.core.paths import ROOT, Work
from rehearsal import process, progress
from rehearsal.aws import process as emulator
from rehearsal.aws.mail import Message as MailMessage
from rehearsal.aws.mail import read as read_mail
from rehearsal.aws.process import stop as stop_emulator
from rehearsal.prepare import prepare
from rehearsal.process import Setup, Status, read_status, stop
from rehearsal.tools import find_tools

__all__ = [
    "MailMessage",
    "Setup",
    "find_tools",
    "read_mail",
    "read_status",
    "rehearse",
    "show_running",
    "start_emulator",
    "stop",
    "stop_all",
    "stop_emulator",
]


def start_emulator(account_id: str, work: Work, display: Display) -> Record:
    """Start the embedded AWS, or give the running one; raises CommandError, UserError."""
    with display.step("emulator") as step:
        found = emulator.start(work, account_id)
        step.note = f"{found.url}, account {found.account_id}, pid {found.pid}"
    return found


def rehearse(display: Display, work: Work, name: str, setup: Setup, aws: Aws, since: float) -> None:
    """Run what is applied of an environment until it is steady, and show it.

    Raises CommandError for a deployment that failed after `since` (seconds of the epoch), with its last log lines.
    """
    prepare(ROOT / "app", display, work)
    with display.step(f"{name}: run") as step:
        step.unit = "tasks"
        stalled = progress.stalled(work, name, since)
        if stalled:
            display.line(f"  started anew, since this had failed: {', '.join(stalled)}")
        started = process.start(work, name, setup, anew=bool(stalled))
        try:
            status = progress.wait_until_steady(work, name, aws, setup.cluster, since, step, display.line)
        except CommandError:
            # It goes on running: what serves, serves, and its logs can be read.
            raise
        except BaseException:
            if started:
                stop(work, name)
            raise
        step.note = f"{len(progress.tasks(status))} tasks"
    _show(display, name, status)
    for url in status["front_doors"].values():
        display.line(f"\nOpen {url} - register (`make status` shows the code), sign in, add items.")


def show_running(display: Display, work: Work, name: str) -> None:
    """Show what runs of an environment, if anything does."""
    status = read_status(work, name)
    if process.find(work, name) is None or status is None:
        display.line(f"\nNothing of {name} runs; `make up` starts it.")
    else:
        _show(display, name, status)


def _show(display: Display, name: str, status: Status) -> None:
    display.table(f"What runs of {name}, on loopback:", progress.table(status))
    display.line(
        f"  Waits pass {status['factor']:.0f} times faster than configured; counts, thresholds and timeouts are the "
        "applied ones."
    )


def stop_all(work: Work) -> list[str]:
    """Stop every environment's rehearsal; the names of those that ran."""
    return [name for name in process.running(work) if stop(work, name)]
