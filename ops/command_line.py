"""How a command of `python -m ops` is made of a function, and how its errors become messages and exit codes."""

from __future__ import annotations

import sys
from collections.abc import Callable, Mapping
from typing import Any

import click
from botocore.exceptions import BotoCoreError, ClientError

from ops.core import github
from ops.core.errors import CommandError, Interrupted
from ops.core.settings import choose, load_settings
from ops.session import Session

Parameter = Callable[[Any], Any]
"""A click.option or click.argument."""

ENVIRONMENT = click.option(
    "--env", default="staging", show_default=True, metavar="NAME", help="Name of a file environments/<name>.tfvars."
)
TARGET = click.option(
    "--target",
    type=click.Choice(["aws", "emulator"]),
    default="aws",
    show_default=True,
    envvar="OPS_TARGET",
    show_envvar=True,
    help="The account of the AWS credentials in use, or the embedded AWS that `make up` started.",
)
JSON = click.option(
    "--json", "as_json", is_flag=True, help="Print the result as JSON on standard output, all else on standard error."
)


class Command(click.Command):
    """Ends with a message and a code instead of a traceback: 1 a failure, 2 what the person can set right, 130 Ctrl-C.

    In a GitHub Actions job the message is in the job's summary too.
    """

    def invoke(self, ctx: click.Context) -> Any:
        try:
            return super().invoke(ctx)
        except CommandError as error:
            code, text = error.exit_code, str(error)
        except (BotoCoreError, ClientError) as error:
            code, text = CommandError.exit_code, f"AWS did not answer as expected: {error}"
        except OSError as error:
            code, text = CommandError.exit_code, f"this machine refused: {error}"
        except KeyboardInterrupt:
            code, text = Interrupted.exit_code, "interrupted; repeat the command to go on"
        name = ctx.command_path.removeprefix("python -m ")
        print(f"{name}: {text}", file=sys.stderr)
        github.failure(name, text)
        ctx.exit(code)


class Sections(click.Group):
    """A group whose help lists its commands in sections."""

    def __init__(self, sections: Mapping[str, tuple[click.Command, ...]], **settings: Any) -> None:
        commands = [command for section in sections.values() for command in section]
        super().__init__(commands=commands, **settings)
        self.sections = sections

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        for title, commands in self.sections.items():
            with formatter.section(title):
                formatter.write_dl([(str(each.name), each.get_short_help_str(90)) for each in commands])


def rehearsal(run: Callable[..., None], *parameters: Parameter, name: str = "") -> click.Command:
    """A command on the embedded AWS: run(session, **parameters); its docstring is the help."""

    def callback(env: str, **values: Any) -> None:
        run(Session(choose(env, load_settings())), **values)

    return _command(callback, run, name, (ENVIRONMENT, *parameters))


def delivery(run: Callable[..., None], *parameters: Parameter, name: str = "") -> click.Command:
    """A command on an account, real or embedded: run(session, **parameters); its docstring is the help."""

    def callback(env: str, target: str, as_json: bool, **values: Any) -> None:
        run(Session(choose(env, load_settings()), target=target, as_json=as_json), **values)

    return _command(callback, run, name, (ENVIRONMENT, *parameters, TARGET, JSON))


def _command(
    callback: Callable[..., None], run: Callable[..., None], name: str, parameters: tuple[Parameter, ...]
) -> click.Command:
    for parameter in reversed(parameters):
        callback = parameter(callback)
    name = name or run.__module__.rpartition(".")[2].replace("_", "-")
    return click.command(name, cls=Command, help=run.__doc__)(callback)
