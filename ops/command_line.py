"""How a command of `python -m ops` is made of a function, and how its errors become messages and exit codes."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterable, Iterator, Mapping, MutableMapping, Sequence
from importlib import import_module
from typing import Any, cast

import click
from botocore.exceptions import BotoCoreError, ClientError

from ops.core import github
from ops.core.errors import CommandError, Interrupted, UserError
from ops.core.settings import choose, load_settings
from ops.session import Session
from ops.state.lock import LIMIT_MINUTES

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
OLDER_THAN = click.option(
    "--older-than",
    type=click.IntRange(min=0),
    default=LIMIT_MINUTES,
    show_default=True,
    metavar="MINUTES",
    help="Age from which a lock counts as dead.",
)


def confirm(yes: bool, question: str, *, without_terminal: str, refused: str) -> None:
    """Ask a person, unless --yes was given; only "yes" goes on.

    Raises UserError where there is no terminal to ask on, CommandError for any other answer; both take their messages
    from the caller.
    """
    if yes:
        return
    if not sys.stdin.isatty():
        raise UserError(without_terminal)
    if click.prompt(f"{question} Only 'yes' is accepted", err=True) != "yes":
        raise CommandError(refused)


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


class Commands(Mapping[str, click.Command]):
    """The commands of a package by name; a module is imported when its command is asked for."""

    def __init__(self, package: str, names: Iterable[str]) -> None:
        self._package = package
        self._names = tuple(names)

    def __getitem__(self, name: str) -> click.Command:
        if name not in self._names:
            raise KeyError(name)
        return import_module(f"{self._package}.{name.replace('-', '_')}").command

    def __iter__(self) -> Iterator[str]:
        return iter(self._names)

    def __len__(self) -> int:
        return len(self._names)


class Sections(click.Group):
    """A group of the commands of a package, listed in sections; running one loads no other."""

    def __init__(self, package: str, sections: Mapping[str, Sequence[str]], **settings: Any) -> None:
        names = [name for section in sections.values() for name in section]
        super().__init__(commands=cast("MutableMapping[str, click.Command]", Commands(package, names)), **settings)
        self._sections = sections

    @property
    def sections(self) -> dict[str, tuple[click.Command, ...]]:
        return {title: tuple(self.commands[name] for name in names) for title, names in self._sections.items()}

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
