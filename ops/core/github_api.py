"""GitHub's API as far as the pipeline needs it: comments and issues by subject, the rules of an environment."""

from __future__ import annotations

import base64
import json
import os
from collections.abc import Generator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

from ops.core.errors import CommandError, UserError

if TYPE_CHECKING:
    from github.Issue import Issue
    from github.Repository import Repository

# Invisible; what a subject wrote before is found by it.
MARK = "<!-- prodready-infra: {} -->"


@dataclass(frozen=True)
class EnvironmentRules:
    """What a GitHub environment asks for before a job may use it."""

    reviewers: bool
    """A person has to approve."""
    branches: bool
    """Not every branch is admitted."""


def environment_rules(name: str) -> EnvironmentRules:
    """The rules of an environment; GitHub makes one that does not exist without any, when a job names it.

    Source: "Get an environment", GitHub's REST API; it needs the permission `actions: read`.
    """
    from github import UnknownObjectException

    with _repository() as repository:
        try:
            found = repository.get_environment(name).raw_data
        except UnknownObjectException:
            return EnvironmentRules(reviewers=False, branches=False)
    rules = cast("list[dict[str, Any]]", found.get("protection_rules") or [])
    return EnvironmentRules(
        reviewers=any(each["type"] == "required_reviewers" and each.get("reviewers") for each in rules),
        branches=found.get("deployment_branch_policy") is not None,
    )


def token_subject() -> str:
    """The subject of the OIDC token that this job may ask for; empty where it may not or GitHub does not answer.

    Source: "Requesting the JWT using environment variables", GitHub's OpenID Connect reference.
    """
    import requests

    url, token = os.environ.get("ACTIONS_ID_TOKEN_REQUEST_URL"), os.environ.get("ACTIONS_ID_TOKEN_REQUEST_TOKEN")
    if not url or not token:
        return ""
    try:
        answer = requests.get(
            url, params={"audience": "sts.amazonaws.com"}, headers={"Authorization": f"bearer {token}"}, timeout=30
        )
        payload = str(answer.json()["value"]).split(".")[1]
        return str(json.loads(base64.urlsafe_b64decode(payload + "=" * (-len(payload) % 4)))["sub"])
    except (requests.RequestException, LookupError, TypeError, ValueError):
        return ""


def comment(subject: str, body: str) -> str:
    """Write the pull request's comment on a subject, in place of its earlier one; the comment's address."""
    text = f"{MARK.format(subject)}\n{body}"
    with _repository() as repository:
        pull_request = repository.get_issue(_number())
        for earlier in pull_request.get_comments():
            if earlier.body.startswith(MARK.format(subject)):
                earlier.edit(text)
                return earlier.html_url
        return pull_request.create_comment(text).html_url


def open_issue(subject: str, title: str, body: str) -> str:
    """Open the issue on a subject, or bring the open one up to date; its address."""
    text = f"{MARK.format(subject)}\n{body}"
    with _repository() as repository:
        earlier = _find_issue(repository, subject)
        if earlier is None:
            return repository.create_issue(title, text).html_url
        earlier.edit(title=title, body=text)
        return earlier.html_url


def close_issue(subject: str, body: str) -> str | None:
    """Close the open issue on a subject with a last comment; its address, None where there is none."""
    with _repository() as repository:
        earlier = _find_issue(repository, subject)
        if earlier is None:
            return None
        earlier.create_comment(body)
        earlier.edit(state="closed")
        return earlier.html_url


def _find_issue(repository: Repository, subject: str) -> Issue | None:
    start = MARK.format(subject)
    return next((each for each in repository.get_issues(state="open") if (each.body or "").startswith(start)), None)


@contextmanager
def _repository() -> Generator[Repository]:
    """The job's repository; raises CommandError for what GitHub refuses."""
    # Loaded here: most commands need none of it.
    from github import Auth, Github, GithubException
    from requests import RequestException

    token, name = _given("GITHUB_TOKEN"), _given("GITHUB_REPOSITORY")
    url = os.environ.get("GITHUB_API_URL", "https://api.github.com")
    try:
        yield Github(auth=Auth.Token(token), base_url=url, timeout=30, lazy=True).get_repo(name)
    except (GithubException, RequestException) as error:
        raise CommandError(f"GitHub's API at {url} refused: {error}") from None


def _number() -> int:
    event = json.loads(Path(_given("GITHUB_EVENT_PATH")).read_text(encoding="utf-8"))
    try:
        return int(event["pull_request"]["number"])
    except (KeyError, TypeError):
        raise UserError("there is no pull request to comment on: the job's event has none") from None


def _given(variable: str) -> str:
    value = os.environ.get(variable)
    if not value:
        raise UserError(f"{variable} is not set: GitHub Actions sets it, GITHUB_TOKEN only through `env` of the step")
    return value
