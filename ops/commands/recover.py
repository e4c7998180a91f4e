"""`recover`: bring into the state what a killed apply made and did not record."""

from __future__ import annotations

import os
from dataclasses import replace

import click

from ops import command_line
from ops.core.errors import CommandError, UserError
from ops.delivery import deployed
from ops.recovery.report import Report
from ops.recovery.search import Result, search_account
from ops.session import Session
from ops.state import bootstrap as bootstrap_state
from ops.state import file as state
from ops.state import lock, versions
from ops.terraform import imports, synthesized
from ops.terraform.events import Changes
from ops.terraform.steps import Steps, alone, synthesize
from ops.terraform.synthesized import BOOTSTRAP, S3Backend

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
    _unlock(session, backend, older_than)
    steps = session.steps()
    steps = replace(steps, variables=deployed.variables(aws, session.settings, steps.variables))
    with lock.hold(aws, backend, "recover"):
        document = state.document(aws, backend)
        # First, since an init reads the state too.
        if versions.mend_digest(aws, backend):
            session.display.line("The state's digest was that of an older version: it agrees again.")
        steps.prepare()
        result = search_account(steps.directory, document, session.variables, session.display)
        report = _report(session, steps, result)
    answer = report.to_json()
    if result.found or result.whole:
        answer["plan"] = str(_plan(session, steps, result, apply, yes))
        answer["applied"] = apply
    session.answer(answer)
    _fail_for_strays(name, result)


def _recover_bootstrap(session: Session, older_than: int) -> None:
    """Its state is a file until its bucket exists, so only the bootstrap command plans it."""
    with alone(session.work, session.display):
        synthesize(session.display)
    steps = session.steps(BOOTSTRAP)
    backend = synthesized.backend(steps.directory)
    _unlock(session, backend, older_than)
    document = bootstrap_state.document(session.account, backend, session.bootstrap_state)
    result = search_account(steps.directory, document, session.variables, session.display)
    report = _report(session, steps, result)
    if result.found:
        session.display.line("`python -m ops bootstrap` shows the plan and applies it.")
    session.answer(report.to_json())
    _fail_for_strays(BOOTSTRAP, result)


def _unlock(session: Session, backend: S3Backend, older_than: int) -> None:
    removed = lock.remove_dead(session.account, backend, session.name, older_than)
    if removed:
        session.display.line(f"{session.name}: unlocked; it was held by {removed}")


def _report(session: Session, steps: Steps, result: Result) -> Report:
    """Tell what was found and write the import blocks; raises CommandError where nothing can be decided."""
    name, directory = steps.stack, steps.directory
    report = Report(result, name, session.settings.aws_region)
    report.show(session.display)
    undecided = _undecided(result)
    if undecided:
        session.answer(report.to_json())
        raise CommandError(f"{name}: {undecided}. Nothing was written")
    if result.found:
        ids = {address: each.import_id for address, each in result.found.items()}
        path = imports.write(directory, ids, steps.place)
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


def _plan(session: Session, steps: Steps, result: Result, apply: bool, yes: bool) -> Changes:
    """Plan, and if so told apply."""
    for address in result.whole:
        steps.untaint(address)
    with steps.planned() as (_, plan, changes):
        if not apply:
            session.display.line(
                f"The next apply in this checkout does that, or `python -m ops recover --env {session.name} --apply`."
            )
            return changes
        where = f"account {session.settings.account_id}"
        command_line.confirm(
            yes,
            f"{changes}. Apply to {where}?",
            without_terminal=f"{changes} in {where}: not applied; add --yes to apply it",
            refused="not applied",
        )
        steps.apply(plan, changes)
        imports.remove(steps.directory)
    return changes


def _fail_for_strays(name: str, result: Result) -> None:
    count = sum(len(each) for each in result.strays.values())
    if count:
        raise CommandError(f"{name}: beside the state there is more that the code does not have ({count}): see above")


command = command_line.delivery(
    run,
    command_line.OLDER_THAN,
    click.option("--bootstrap", is_flag=True, help="Look for the account's bootstrap stack instead."),
    click.option("--apply", is_flag=True, help="Apply the plan too, after a question."),
    click.option("--yes", is_flag=True, help="Apply without asking."),
)
