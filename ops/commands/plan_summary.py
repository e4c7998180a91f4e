"""`plan-summary`: a saved plan as a person reviews it."""

from __future__ import annotations

from pathlib import Path

import click

from environments.rules.production import accepted
from ops import command_line
from ops.core import github, github_api
from ops.core.errors import CommandError
from ops.core.paths import PLAN, PLAN_LOG
from ops.delivery import plan_report
from ops.session import Session
from ops.terraform import synthesized
from ops.terraform.events import plain_errors
from ops.terraform.plan_file import counted, read
from ops.terraform.run import Terraform


def run(session: Session, plan: Path | None, comment: bool) -> None:
    """Sum up a saved plan for a review.

    As Markdown: counts, resources by module, then the whole plan; in a GitHub Actions job in its summary too.
    """
    directory = synthesized.directory(session.name)
    path = (plan or directory / PLAN).resolve()
    log = path.with_name(PLAN_LOG)
    failed = not path.is_file()
    if failed:
        text = log.read_text(encoding="utf-8", errors="replace") if log.is_file() else ""
        body = plan_report.of_failure(session.name, plain_errors(text), text)
        answer: dict[str, object] = {"failed": True}
    else:
        terraform = Terraform(directory, session.variables, session.work)
        found = read(terraform.show_json(path), synthesized.Stack.read(directory).constructs())
        body = plan_report.of_plan(session.name, found, terraform.show(path))
        answer = {**found.counts, "empty": found.empty, "changes": counted(found.counts)}
    warnings = [f"> **Warning:** `{key}`: {text}" for key, text in accepted(session.settings)]
    body = "\n\n".join([body.rstrip("\n"), *warnings]) + "\n"
    session.display.line(body)
    github.summary(body)
    if comment:
        url = github_api.comment(f"plan {session.name}", body)
        session.display.line(f"Posted as {url}")
        answer["comment"] = url
    session.answer(answer)
    if failed:
        raise CommandError(f"there is no plan {path}: it could not be made, or was not made yet")


command = command_line.delivery(
    run,
    click.option(
        "--plan",
        type=click.Path(path_type=Path, dir_okay=False),
        help=f"The saved plan; default: cdktf.out/stacks/<env>/{PLAN}, with {PLAN_LOG} beside it for one that failed.",
    ),
    click.option("--comment", is_flag=True, help="Post it on the pull request of the GitHub Actions job."),
)
