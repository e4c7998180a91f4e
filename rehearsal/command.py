"""The rehearsal's part of the commands: start, show, stop."""

from __future__ import annotations

from environments.settings import Settings
from ops.core.aws import Aws
from ops.core.console import Display
from ops.core.emulator_record import Record
from ops.core.errors import CommandError
from ops.core.paths import ROOT, Work
from rehearsal import process, progress, record
from rehearsal.aws import process as emulator
from rehearsal.prepare import prepare


def start_emulator(account_id: str, work: Work, display: Display) -> Record:
    """Start the embedded AWS, or give the running one; raises CommandError, UserError."""
    with display.step("emulator") as step:
        found = emulator.start(work, account_id)
        step.note = f"{found.url}, account {found.account_id}, pid {found.pid}"
    return found


def rehearse(settings: Settings, aws: Aws, work: Work, display: Display, since: float) -> None:
    """Run what is applied until it is steady, and show it.

    Raises CommandError for a deployment that failed after `since` (seconds of the epoch), with its last log lines.
    """
    name, cluster = settings.environment, settings.names.cluster
    plan = process.Plan(cluster, aws.region, aws.endpoint or "", images=work.directory / "images")
    prepare(ROOT / "app", display, work)
    with display.step(f"{name}: run") as step:
        step.unit = "tasks"
        stalled = progress.stalled(work, name, since)
        if stalled:
            display.line(f"  started anew, since this had failed: {', '.join(stalled)}")
        started = process.start(work, name, plan, anew=bool(stalled))
        try:
            status = progress.wait_until_steady(work, name, aws, cluster, since, step, display.line)
        except CommandError:
            # It goes on running: what serves, serves, and its logs can be read.
            raise
        except BaseException:
            if started:
                process.stop(work, name)
            raise
        step.note = f"{len(progress.tasks(status))} tasks"
    show(name, status, display)
    for url in status["front_doors"].values():
        display.line(f"\nOpen {url} - register (`make status` shows the code), sign in, add items.")


def show(name: str, status: progress.Status, display: Display) -> None:
    display.table(f"What runs of {name}, on loopback:", progress.table(status))
    display.line(
        f"  Waits pass {status['factor']:.0f} times faster than configured; counts, thresholds and timeouts are the "
        "applied ones."
    )


def show_running(name: str, work: Work, display: Display) -> None:
    """For `status`."""
    status = record.read_status(process.files(work, name).status)
    if process.find(work, name) is None or status is None:
        display.line(f"\nNothing of {name} runs; `make up` starts it.")
    else:
        show(name, status, display)


def stop_all(work: Work) -> list[str]:
    """Stop every environment's rehearsal; the names of those that ran."""
    return [name for name in process.running(work) if process.stop(work, name)]
