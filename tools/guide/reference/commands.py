"""docs/reference/commands.md: every command of `python -m ops`, as click knows it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Sequence

import click

from ops.__main__ import cli
from ops.core.errors import CommandError, Interrupted, UserError
from tools.guide.reference import markdown

PROGRAM = ".venv/bin/python -m ops"
HEAD = """\
# Commands

Run from the repository's root as `{program} COMMAND`; with `--help`, a command says the same as this
page. Those of the first section have a task of the same name: `make up` is `ops up`.

Every command ends with one of these codes, and with a message instead of a traceback:

{codes}
Options that most of them have:

{options}"""


def page() -> str:
    leaves = dict(_leaves((), cli))
    shared = _shared(leaves.values())
    codes = [
        ("0", "It did what it says."),
        (str(CommandError.exit_code), "It failed, or it found what it looks for; the message says which."),
        (str(UserError.exit_code), "A person can set it right: the message says what was wrong and what to do."),
        (str(Interrupted.exit_code), "Ctrl-C. Repeat the command to go on."),
    ]
    head = HEAD.format(program=PROGRAM, codes=markdown.table(("Code", "Meaning"), codes), options=_table(shared))
    parts = [head]
    for title, commands in cli.sections.items():
        parts.append(f"## {title}\n")
        parts += [
            _command(words, leaf, shared)
            for command in commands
            for words, leaf in leaves.items()
            if words[0] == command.name
        ]
    return "\n".join(parts)


def _shared(commands: Collection[click.Command]) -> list[click.Option]:
    """Options that more than half of the commands have, in the same words."""
    options = [each for command in commands for each in command.params if isinstance(each, click.Option)]
    uses = Counter((each.name, each.help) for each in options)
    found = {(each.name, each.help): each for each in options if 2 * uses[each.name, each.help] > len(commands)}
    return list(found.values())


def _leaves(words: tuple[str, ...], command: click.Command) -> Iterator[tuple[tuple[str, ...], click.Command]]:
    if isinstance(command, click.Group):
        for each in command.commands.values():
            yield from _leaves((*words, str(each.name)), each)
    else:
        yield words, command


def _command(words: tuple[str, ...], command: click.Command, shared: Sequence[click.Option]) -> str:
    arguments = [each for each in command.params if isinstance(each, click.Argument)]
    options = [each for each in command.params if isinstance(each, click.Option)]
    known = {(each.name, each.help) for each in shared}
    own = [each for each in options if (each.name, each.help) not in known]
    common = [each for each in options if each not in own]
    metavars = [each.make_metavar(click.Context(command)) for each in arguments]
    parts = [
        f"### {' '.join(words)}\n",
        *(f"{each}\n" for each in markdown.paragraphs(command.help or "")),
        f"```text\n{' '.join([PROGRAM, *words, *metavars, '[OPTIONS]'])}\n```\n",
        _table(own) if own else "",
        f"{'Also' if own else 'Options:'} {markdown.codes(each.opts[0] for each in common)}.\n" if common else "",
    ]
    return "\n".join(part for part in parts if part)


def _table(options: Iterable[click.Option]) -> str:
    return markdown.table(("Option", "Meaning"), [(_names(each), markdown.prose(_help(each))) for each in options])


def _names(option: click.Option) -> str:
    names = ", ".join([*option.opts, *option.secondary_opts])
    value = "" if option.is_flag else option.make_metavar(click.Context(click.Command(None))).removesuffix(" RANGE")
    return markdown.code(f"{names} {value}".strip())


def _help(option: click.Option) -> str:
    """What the option does, then where its value comes from without it."""
    facts = ["required"] if option.required else []
    if option.show_envvar:
        facts.append(f"without it from `{option.envvar}`")
    if option.show_default:
        facts.append(f"default `{option.default}`")
    text = ", ".join(facts)
    return f"{option.help} {text[:1].upper()}{text[1:]}{'.' if facts else ''}".strip()
