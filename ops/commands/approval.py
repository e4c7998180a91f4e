"""`approval`: whether GitHub asks a person before a job may deploy, and which branches it admits."""

from __future__ import annotations

import os

import click

from ops import command_line
from ops.core import github, github_api
from ops.core.errors import CommandError
from ops.session import Session

ACCEPTED = "DEPLOY_WITHOUT_REVIEWERS"


def run(session: Session, required: bool) -> None:
    """Tell what GitHub asks before an environment is deployed.

    Reads the rules of the GitHub environment of that name. An environment that admits any branch is a warning. With
    --required, code 1 where no person is asked, unless DEPLOY_WITHOUT_REVIEWERS is "true": then that is said.
    """
    rules = github_api.environment_rules(session.name)
    if not rules.branches:
        _warn(
            session,
            "admits jobs of any branch, which get its secrets: set its deployment branches to main. Its role takes "
            "main only",
        )
    if required and not rules.reviewers:
        text = (
            "has no required reviewers, so nobody is asked before it is deployed. Private repositories have them with "
            "GitHub Enterprise only"
        )
        if os.environ.get(ACCEPTED) != "true":
            raise CommandError(
                f"the GitHub environment {session.name} {text}. Set them in the repository's settings, or accept it by "
                f"the repository's variable {ACCEPTED} = true"
            )
        _warn(session, f"{text}. {ACCEPTED} accepts that")
    asked = "asks its reviewers" if rules.reviewers else "asks nobody"
    admits = "some branches" if rules.branches else "any branch"
    session.display.line(f"{session.name}: GitHub {asked} and admits {admits}")
    session.answer({"reviewers": rules.reviewers, "branches": rules.branches})


def _warn(session: Session, text: str) -> None:
    where = f"GitHub environment {session.name}"
    github.warning("Deployment is not gated", where, text)
    github.summary(f"**{where}** {text}.")
    session.display.line(f"warning: {where} {text}")


command = command_line.delivery(
    run, click.option("--required", is_flag=True, help="Fail where nobody has to approve a deployment.")
)
