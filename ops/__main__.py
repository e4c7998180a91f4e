"""Command line of the operators' commands."""

from __future__ import annotations

import sys

import click

from ops.command_line import Sections
from ops.core.errors import Interrupted

cli = Sections(
    "ops.commands",
    {
        "Rehearsal, on this machine": ("up", "plan", "status", "logs", "destroy", "down"),
        "An account, once": ("bootstrap",),
        "Before an apply": (
            *("check", "settings", "approval", "subject", "lock", "unlock", "build"),
            *("plan-summary", "guard"),
        ),
        "After an apply": ("outputs", "deploy", "wait", "health", "deploy-summary", "images"),
        "At any time": ("doctor", "drift", "state", "recover"),
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
