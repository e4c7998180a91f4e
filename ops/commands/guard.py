"""`guard`: no plan deletes data, or cuts off what serves, unnoticed."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import click

from ops import command_line
from ops.core.errors import CommandError
from ops.core.paths import PLAN, ROOT
from ops.delivery import waivers
from ops.session import Session
from ops.terraform import moves, synthesized
from ops.terraform.plan_file import (
    Change,
    read,
    serving,
    stateful,
)
from ops.terraform.resource_types import of
from ops.terraform.run import Terraform


def run(session: Session, plan: Path | None, base: str | None) -> None:
    """Fail when a saved plan deletes or replaces what holds data, or replaces what serves.

    A waiver in environments/<name>.waivers.toml lets it pass; it names the address and a reason. A move of a port or to
    another major version of the database needs a setting in its place, and the message says which.
    """
    directory = synthesized.directory(session.name)
    path = (plan or directory / PLAN).resolve()
    terraform = Terraform(directory, session.variables, session.work)
    document = terraform.show_json(path)
    changes = read(document, synthesized.Stack.read(directory).constructs()).changes
    found = [*stateful(changes), *serving(changes)]
    unprepared = moves.unprepared(document)
    file = waivers.path(session.name)
    valid = waivers.new(ROOT, file, base)
    refused = [each for each in found if each.address not in valid]
    for each in found:
        reason = valid.get(each.address)
        session.display.line(f"{each.kind} {each.address}: {f'waived: {reason}' if reason else _refused(each)}")
    for address, why in unprepared.items():
        session.display.line(f"update {address}: refused: {why}")
    session.answer(
        {"refused": len(refused) + len(unprepared), "addresses": [*(each.address for each in found), *unprepared]}
    )
    if refused:
        addresses = ", ".join(f"{each.kind} {each.address}" for each in refused)
        raise CommandError(
            f"the plan for {session.name} would {_verb(refused)}: {addresses}. If that is meant, add to {file} in the "
            f'same pull request, for each of them:\n\n[[waiver]]\naddress = "{refused[0].address}"\nreason = "..."\n\n'
            "A waiver counts only in the change that adds it"
        )
    if unprepared:
        raise CommandError("\n".join(f"{address}: {why}" for address, why in unprepared.items()))
    if not found:
        session.display.line(
            f"{session.name}: the plan deletes nothing that holds data and replaces nothing that serves"
        )


def _refused(change: Change) -> str:
    known = of(change.type)
    return f"refused: lost would be {known.data}" if known.data else f"refused: cut off would be {known.serving}"


def _verb(refused: Sequence[Change]) -> str:
    return "delete data" if stateful(refused) else "cut off what serves"


command = command_line.delivery(
    run,
    click.option(
        "--plan",
        type=click.Path(path_type=Path, exists=True, dir_okay=False),
        help=f"The saved plan; default: cdktf.out/stacks/<env>/{PLAN}.",
    ),
    click.option(
        "--base", metavar="COMMIT", help="Waivers that stand in this commit already do not count; default: all count."
    ),
)
