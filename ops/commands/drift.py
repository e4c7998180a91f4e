"""`drift`: whether the account still is what the code says."""

from __future__ import annotations

import click

from ops import command_line
from ops.checks.drift import plan_now
from ops.core import github, github_api
from ops.core.errors import CommandError
from ops.session import Session

LONGEST = 50_000


def run(session: Session, issue: bool) -> None:
    """Tell whether the account still is what the code says.

    Plans with the images that run now; code 1 when that shows a change.
    """
    found = plan_now(session.steps(), session.account, session.settings)
    name, subject = session.name, f"drift {session.name}"
    if not found.changes.any:
        session.display.line(f"{name}: no drift")
        answer: dict[str, object] = {"drift": False}
        if issue and (url := github_api.close_issue(subject, f"{name} matches the code again.")):
            session.display.line(f"Closed {url}")
            answer["issue"] = url
        session.answer(answer)
        return
    body = "\n\n".join(
        (
            f"What is applied in {name} differs from the code: {found.changes}.",
            "Either the account was changed by hand (apply the code again), or the code was not applied yet (do), or "
            "the change is wanted (bring the code in line).",
            f"<details><summary>Plan</summary>\n\n{github.fenced(found.text[:LONGEST])}\n\n</details>",
        )
    )
    github.summary(body)
    session.display.line(found.text)
    answer = {"drift": True, "changes": str(found.changes)}
    if issue:
        url = github_api.open_issue(subject, f"Drift in {name}", body)
        session.display.line(f"Written to {url}")
        answer["issue"] = url
    session.answer(answer)
    raise CommandError(f"{name} has drifted: {found.changes}")


command = command_line.delivery(
    run, click.option("--issue", is_flag=True, help="Open, bring up to date or close the GitHub issue on it.")
)
