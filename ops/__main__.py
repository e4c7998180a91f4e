"""Command line of the operators' commands."""

from __future__ import annotations

import argparse
import sys

from botocore.exceptions import BotoCoreError, ClientError

from ops.errors import CommandError, Interrupted
from ops.session import Session, choose, load_settings

COMMANDS = {
    "up": "start the embedded AWS, apply an environment to it and run that; safe to repeat",
    "plan": "show what the settings would change on the embedded AWS",
    "destroy": "take an environment down on the embedded AWS",
    "down": "stop what runs and the embedded AWS; everything in it is gone",
    "status": "what runs and what is deployed on the embedded AWS",
    "logs": "what the tasks of an environment wrote in the last ten minutes",
    "bootstrap": "make the state bucket, lock tables, image repositories and roles of an account",
}


def parser() -> argparse.ArgumentParser:
    top = argparse.ArgumentParser(prog="python -m ops", description="Commands around a deployment.")
    commands = top.add_subparsers(dest="command", required=True, metavar="command")
    for name, text in COMMANDS.items():
        command = commands.add_parser(name, help=text, description=text)
        command.add_argument("--env", default="staging", help="name of a file environments/<name>.tfvars")
        if name == "logs":
            command.add_argument("--follow", action="store_true", help="go on until Ctrl-C")
        if name == "bootstrap":
            command.add_argument(
                "--target", choices=("aws", "emulator"), default="aws", help="default: the real account"
            )
            command.add_argument("--yes", action="store_true", help="apply without asking")
    return top


def run(arguments: argparse.Namespace) -> None:
    """Run one command; raises CommandError."""
    from ops.commands import bootstrap, destroy, down, logs, plan, status, up

    functions = {
        "up": up.run,
        "plan": plan.run,
        "destroy": destroy.run,
        "down": down.run,
        "status": status.run,
        "logs": logs.run,
        "bootstrap": bootstrap.run,
    }
    session = Session(choose(arguments.env, load_settings()))
    session.target = getattr(arguments, "target", "emulator")
    session.yes = getattr(arguments, "yes", False)
    session.follow = getattr(arguments, "follow", False)
    functions[arguments.command](session)


def main(argv: list[str] | None = None) -> int:
    """The exit code: 0, 1 for a failure, 2 for something the person can set right, 130 for Ctrl-C."""
    arguments = parser().parse_args(argv)
    try:
        run(arguments)
    except CommandError as error:
        print(f"ops {arguments.command}: {error}", file=sys.stderr)
        return error.exit_code
    except (BotoCoreError, ClientError) as error:
        print(f"ops {arguments.command}: AWS did not answer as expected: {error}", file=sys.stderr)
        return CommandError.exit_code
    except KeyboardInterrupt:
        print(f"ops {arguments.command}: interrupted; repeat the command to go on", file=sys.stderr)
        return Interrupted.exit_code
    return 0


if __name__ == "__main__":
    sys.exit(main())
