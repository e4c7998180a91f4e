"""`check`: all that can be known before an apply."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Sequence
from datetime import UTC, datetime

import click

from environments.settings import Settings
from ops import command_line
from ops.checks.offline import reach
from ops.checks.offline.findings import (
    FAIL,
    STATUSES,
    WARN,
    Row,
)
from ops.checks.offline.subjects import Checkout
from ops.checks.offline.survey import survey
from ops.core import github
from ops.core.aws import Aws
from ops.core.console import Display
from ops.core.errors import CommandError
from ops.core.paths import ROOT
from ops.session import Session


def run(env: tuple[str, ...], offline: bool, fail_on_end_of_life: bool, target: str, as_json: bool) -> None:
    """Tell all that can be known before an apply, in one table.

    Settings, ports and health paths, listener rules, security groups, sizes, names, ends of life; in the account its
    owner, state, images and quotas. Code 1 when a check fails; a version whose support has ended is a warning. In a
    GitHub Actions job each warning is an annotation too.
    """
    display = Display(stderr=as_json)

    def connect(settings: Settings) -> Aws:
        return Session(settings, target=target).aws

    ask = reach.offline if offline else reach.online(connect, rehearsed=target == "emulator")
    checkout = Checkout(ROOT, datetime.now(UTC).date(), ended=FAIL if fail_on_end_of_life else WARN)
    found = list(survey(checkout, env, ask))
    display.table("Before an apply:", [("", "of", "check", "where", "why"), *(_cells(each) for each in found)])
    counts = Counter(each.status for each in found)
    display.line(f"\n{', '.join(f'{counts[status]} {status}' for status in STATUSES)}")
    answer = {status: counts[status] for status in STATUSES}
    if as_json:
        print(json.dumps({**answer, "rows": [each.to_json() for each in found]}, indent=2))
    github.outputs(answer)
    for each in found:
        if each.status == WARN:
            github.warning(f"{each.subject}: {each.check}", each.where, each.why)
    failed = [each for each in found if each.status == FAIL]
    if failed:
        raise CommandError(_told(failed))


def _cells(row: Row) -> tuple[str, ...]:
    return row.status, row.subject, row.check, row.where, row.why.replace("\n", " ")


def _told(failed: Sequence[Row]) -> str:
    lines = [f"{each.subject}: {each.check}: {each.where}: {each.why}" for each in failed]
    return "\n  ".join((f"{len(failed)} {'check fails' if len(failed) == 1 else 'checks fail'}:", *lines))


OFFLINE = click.option("--offline", is_flag=True, help="Look at files only: no credentials, no network.")
END_OF_LIFE = click.option(
    "--fail-on-end-of-life", is_flag=True, help="A version whose support has ended is a failure, not a warning."
)
command = click.command("check", cls=command_line.Command, help=run.__doc__)(
    click.option("--env", multiple=True, metavar="NAME", help="One environment, or some; default: all.")(
        OFFLINE(END_OF_LIFE(command_line.TARGET(command_line.JSON(run))))
    )
)
