"""`recover`: bring into the state what a killed apply made and did not record."""

from __future__ import annotations

import functools
import json
import os
import sys
from pathlib import Path
from typing import cast

import click

from ops import command_line
from ops.commands import planning
from ops.commands.unlock import OLDER_THAN, remove_dead
from ops.core.aws import Aws
from ops.core.errors import CommandError, UserError
from ops.recovery import imports
from ops.recovery.finding import Json
from ops.recovery.report import Report
from ops.recovery.search import Result, Search
from ops.recovery.stack import Stack
from ops.session import Session
from ops.state import file as state
from ops.state import lock, versions
from ops.terraform import synthesized
from ops.terraform.events import Changes
from ops.terraform.synthesized import BOOTSTRAP

PASSWORD = "TF_VAR_db_password"


def run(session: Session, older_than: int, bootstrap: bool, apply: bool, yes: bool) -> None:
    """Find what a killed apply made without recording it, and plan its import.

    Whatever the state lacks is looked up in the account, by names and tags. What exists is written as import blocks
    beside the stack's JSON, and the next apply in this checkout takes them. What may be two things, or carries another
    project's tag, is shown and left alone. A lock older than the limit is removed. Code 1 names the holder of a younger
    one, or tells that something is left to be done by hand.
    """
    if bootstrap:
        if apply:
            raise UserError("--bootstrap only finds; `python -m ops bootstrap` shows the plan and applies it")
        _recover_bootstrap(session, older_than)
        return
    needs_password = apply and session.target == "aws" and not session.settings.password_from_rds
    if needs_password and PASSWORD not in os.environ:
        raise UserError(f"{PASSWORD} is not set: an apply gives the database this password")
    aws, backend, name = session.account, session.backend, session.name
    remove_dead(session, backend, older_than)
    variables = planning.variables_now(session)
    with lock.hold(aws, backend, "recover"):
        document = state.document(aws, backend)
        # First, since an init reads the state too.
        if versions.mend_digest(aws, backend):
            session.display.line("The state's digest was that of an older version: it agrees again.")
        planning.prepare(session, variables)
        directory = synthesized.directory(name)
        result = _search(session, name, directory, document)
        report = _report(session, name, directory, result)
    answer = report.to_json()
    if result.found or result.whole:
        answer["plan"] = str(_plan(session, variables, result, apply, yes))
        answer["applied"] = apply
    session.answer(answer)
    _fail_for_strays(name, result)


def _recover_bootstrap(session: Session, older_than: int) -> None:
    """Its state is a file until its bucket exists, so only the bootstrap command plans it."""
    with session.prepare_alone():
        session.synthesize()
    directory = synthesized.directory(BOOTSTRAP)
    backend = synthesized.backend(directory)
    remove_dead(session, backend, older_than)
    result = search_bootstrap(session)
    report = _report(session, BOOTSTRAP, directory, result)
    if result.found:
        session.display.line("`python -m ops bootstrap` shows the plan and applies it.")
    session.answer(report.to_json())
    _fail_for_strays(BOOTSTRAP, result)


def search_bootstrap(session: Session) -> Result:
    """What the account has of the bootstrap stack, and of others under its names."""
    directory = synthesized.directory(BOOTSTRAP)
    local = state.local(session.bootstrap_state)
    if local is not None and local.resources:
        document = cast("Json", json.loads(session.bootstrap_state.read_text(encoding="utf-8")))
    else:
        document = state.document(session.account, synthesized.backend(directory))
    return _search(session, BOOTSTRAP, directory, document)


def _search(session: Session, name: str, directory: Path, document: Json | None) -> Result:
    @functools.cache
    def region(name: str) -> Aws:
        return Aws(session.variables, name)

    stack = Stack.read(directory, document)
    with session.display.step(f"{name}: look in the account") as step:
        result = Search(stack, lambda name, service: region(name).client(service)).run(step.progress)
        recorded = len(stack.resources) - result.unrecorded
        step.note = f"of {len(stack.resources)} resources {recorded} recorded, {len(result.found)} more exist"
    return result


def _report(session: Session, name: str, directory: Path, result: Result) -> Report:
    """Tell what was found and write the import blocks; raises CommandError where nothing can be decided."""
    report = Report(result, name, session.settings.aws_region)
    report.show(session.display)
    undecided = _undecided(result)
    if undecided:
        session.answer(report.to_json())
        raise CommandError(f"{name}: {undecided}. Nothing was written")
    if result.found:
        ids = {address: each.import_id for address, each in result.found.items()}
        path = imports.write(directory, ids, session.place(session.variables))
        session.display.line(f"\nImport blocks written: {path}")
    elif imports.remove(directory):
        session.display.line(f"Import blocks of an earlier run removed: {directory / imports.FILE}")
    if result.nothing:
        missing = f"; an apply goes on with the {result.unrecorded} that are missing" if result.unrecorded else ""
        session.display.line(f"{name}: nothing to recover{missing}")
    return report


def _undecided(result: Result) -> str:
    """Why nothing can be written yet; empty where it can."""
    if result.pending:
        made = ", ".join(f"{address} ({each.pending})" for address, each in result.pending.items())
        return f"AWS is still making {made}: wait, then repeat"
    if result.foreign:
        return f"another project has {', '.join(result.foreign)}: see above; two projects of one account need two names"
    if result.several:
        return f"more than one thing may be {', '.join(result.several)}: see above, then repeat"
    return ""


def _plan(session: Session, variables: dict[str, str], result: Result, apply: bool, yes: bool) -> Changes:
    """Plan, and if so told apply."""
    display, name = session.display, session.name
    for address in result.whole:
        with display.step(f"{name}: untaint") as step:
            session.terraform(name, variables, step).untaint(address)
            step.note = address
    with planning.planned(session, variables) as (terraform, plan, changes):
        if not apply:
            display.line(f"The next apply in this checkout does that, or `python -m ops recover --env {name} --apply`.")
            return changes
        _confirm(session, changes, yes)
        with display.step(f"{name}: apply") as step:
            session.terraform(name, variables, step).apply(plan, changes)
        imports.remove(terraform.directory)
    return changes


def _confirm(session: Session, changes: Changes, yes: bool) -> None:
    if yes:
        return
    where = f"account {session.settings.account_id}"
    if not sys.stdin.isatty():
        raise UserError(f"{changes} in {where}: not applied; add --yes to apply it")
    if click.prompt(f"{changes}. Apply to {where}? Only 'yes' is accepted", err=True) != "yes":
        raise CommandError("not applied")


def _fail_for_strays(name: str, result: Result) -> None:
    count = sum(len(each) for each in result.strays.values())
    if count:
        raise CommandError(f"{name}: beside the state there is more that the code does not have ({count}): see above")


command = command_line.delivery(
    run,
    OLDER_THAN,
    click.option("--bootstrap", is_flag=True, help="Look for the account's bootstrap stack instead."),
    click.option("--apply", is_flag=True, help="Apply the plan too, after a question."),
    click.option("--yes", is_flag=True, help="Apply without asking."),
)
