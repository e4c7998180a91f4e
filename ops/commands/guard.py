"""`guard`: no plan deletes data unnoticed."""

from __future__ import annotations

from pathlib import Path

import click

from ops import command_line, synthesized, waivers
from ops.commands.plan_summary import PLAN
from ops.errors import CommandError
from ops.paths import ROOT
from ops.plan_file import STATEFUL, construct_names, read, stateful
from ops.session import Session
from ops.terraform import Terraform


def run(session: Session, plan: Path | None, base: str | None) -> None:
    """Fail when a saved plan deletes or replaces what holds data.

    A waiver in environments/<name>.waivers.toml lets it pass; it names the address and a reason.
    """
    directory = synthesized.directory(session.name)
    path = (plan or directory / PLAN).resolve()
    terraform = Terraform(directory, session.variables, session.work)
    found = stateful(read(terraform.show_json(path), construct_names(directory)).changes)
    file = waivers.path(session.name)
    valid = waivers.new(ROOT, file, base)
    refused = [each for each in found if each.address not in valid]
    for each in found:
        reason = valid.get(each.address)
        text = f"waived: {reason}" if reason else f"refused: lost would be {STATEFUL[each.type]}"
        session.display.line(f"{each.kind} {each.address}: {text}")
    session.answer({"refused": len(refused), "addresses": [each.address for each in found]})
    if refused:
        addresses = ", ".join(f"{each.kind} {each.address}" for each in refused)
        raise CommandError(
            f"the plan for {session.name} would delete data: {addresses}. If that is meant, add to {file} in the same "
            f'pull request, for each of them:\n\n[[waiver]]\naddress = "{refused[0].address}"\nreason = "..."\n\n'
            "A waiver counts only in the change that adds it"
        )
    if not found:
        session.display.line(f"{session.name}: the plan deletes nothing that holds data")


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
