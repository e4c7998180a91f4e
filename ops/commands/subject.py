"""`subject`: for a job whose sign-in AWS refused, whom the roles expect and whom GitHub says that it is."""

from __future__ import annotations

from collections.abc import Mapping

from environments.settings import Settings
from ops import command_line
from ops.core import github, github_api
from ops.session import Session


def run(session: Session) -> None:
    """Tell which subjects of GitHub's tokens the roles of the account take.

    For a job whose sign-in was refused. In one that may ask for a token, also the subject that GitHub gives it.
    """
    roles = expected(session.settings)
    lines = [f"The role that {what} expects the subject {' or '.join(them)}." for what, them in roles.items()]
    got = github_api.token_subject()
    if got:
        lines.append(f"GitHub gives this job the subject {got}.")
    lines.append(_advice(session.settings, got, roles))
    for line in lines:
        session.display.line(line)
    github.summary("\n\n".join(("**Sign-in to AWS**", *lines)))
    session.answer({"expected": [each for them in roles.values() for each in them], "got": got})


def expected(settings: Settings) -> Mapping[str, tuple[str, ...]]:
    """What the bootstrap stack writes into the roles' trust policies, by what the role does."""
    start, name = f"repo:{settings.github_repository}", settings.environment
    return {
        "plans a pull request": (f"{start}:pull_request",),
        "plans main and looks for drift": (f"{start}:ref:refs/heads/main",),
        f"deploys {name}": (f"{start}:environment:{name}",),
    }


def _advice(settings: Settings, got: str, roles: Mapping[str, tuple[str, ...]]) -> str:
    if any(got in them for them in roles.values()):
        return (
            f"That is one of them: look whether the role of the variable exists in account {settings.account_id}, and "
            "for one that deploys whether the job is of the branch main."
        )
    given = got.removeprefix("repo:").partition(":")[0] if got else "owner@id/name@id"
    return (
        f'Expected is what github_repository = "{settings.github_repository}" says. A repository made or renamed after '
        f'2026-07-15 has ids in it: set github_repository = "{given}" in every environments/*.tfvars, then '
        "`python -m ops bootstrap`."
    )


command = command_line.delivery(run)
