"""The rehearsal's part of the commands: start, show, stop."""

from __future__ import annotations

from ops.core.aws import Aws
from ops.core.errors import CommandError
from ops.core.paths import ROOT, Work
from ops.session import Session
from rehearsal import process, progress, record
from rehearsal.prepare import prepare


def rehearse(session: Session, emulator: str, aws: Aws, since: float) -> None:
    """Run what is applied until it is steady, and show it.

    Raises CommandError for a deployment that failed after `since` (seconds of the epoch), with its last log lines.
    """
    display, work, name = session.display, session.work, session.name
    cluster = session.settings.names.cluster
    plan = process.Plan(cluster, session.settings.aws_region, emulator, images=work.directory / "images")
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
    show(session, status)
    for url in status["front_doors"].values():
        display.line(f"\nOpen {url} - register (`make status` shows the code), sign in, add items.")


def show(session: Session, status: progress.Status) -> None:
    session.display.table(f"What runs of {session.name}, on loopback:", progress.table(status))
    session.display.line(
        f"  Waits pass {status['factor']:.0f} times faster than configured; counts, thresholds and timeouts are the "
        "applied ones."
    )


def show_running(session: Session) -> None:
    """For `status`."""
    status = record.read_status(process.files(session.work, session.name).status)
    if process.find(session.work, session.name) is None or status is None:
        session.display.line(f"\nNothing of {session.name} runs; `make up` starts it.")
    else:
        show(session, status)


def stop_all(work: Work) -> list[str]:
    """Stop every environment's rehearsal; the names of those that ran."""
    return [name for name in process.running(work) if process.stop(work, name)]
