"""Command line of the operators' commands."""

from __future__ import annotations

import sys

import click

from ops.command_line import Sections
from ops.commands import (
    approval,
    bootstrap,
    build,
    check,
    deploy,
    deploy_summary,
    destroy,
    doctor,
    down,
    drift,
    guard,
    health,
    images,
    lock,
    logs,
    outputs,
    plan,
    plan_summary,
    recover,
    settings,
    state,
    status,
    subject,
    unlock,
    up,
    wait,
)
from ops.core.errors import Interrupted

cli = Sections(
    {
        "Rehearsal, on this machine": (
            up.command,
            plan.command,
            status.command,
            logs.command,
            destroy.command,
            down.command,
        ),
        "An account, once": (bootstrap.command,),
        "Before an apply": (
            check.command,
            settings.command,
            approval.command,
            subject.command,
            lock.command,
            unlock.command,
            build.command,
            plan_summary.command,
            guard.command,
        ),
        "After an apply": (
            outputs.command,
            deploy.command,
            wait.command,
            health.command,
            deploy_summary.command,
            images.command,
        ),
        "At any time": (doctor.command, drift.command, state.command, recover.command),
    },
    help="Commands around a deployment. `python -m ops COMMAND --help` tells more.",
)


def main(argv: list[str] | None = None) -> int:
    """The exit code: 0, 1 for a failure, 2 for something the person can set right, 130 for Ctrl-C."""
    try:
        return cli.main(argv, prog_name="python -m ops", standalone_mode=False) or 0
    except click.ClickException as error:
        error.show()
        return 2
    except (click.Abort, KeyboardInterrupt):
        return Interrupted.exit_code


if __name__ == "__main__":
    sys.exit(main())
