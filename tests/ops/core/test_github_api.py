"""GitHub's API: one comment and one issue per subject, the rules of an environment, the subject of a token."""

from __future__ import annotations

import base64
import json
from pathlib import Path

import pytest

from ops.core import github_api
from ops.core.errors import CommandError, UserError
from tests.github_stand_in import GithubStandIn
from tests.ops.github_fixture import BRANCHES, REVIEWERS, api

__all__ = ["api"]

IDS = "repo:prodready-infra@12/prodready-infra@34:environment:staging"


def test_a_pull_request_has_one_comment_per_environment_however_often_it_is_planned(api: GithubStandIn):
    github_api.comment("plan staging", "first")
    github_api.comment("plan production", "other")
    github_api.comment("plan staging", "second")
    bodies = [each["body"].partition("\n")[2] for each in api.comments[7]]
    assert bodies == ["second", "other"]


def test_drift_is_one_issue_that_is_brought_up_to_date_and_closed(api: GithubStandIn):
    first = github_api.open_issue("drift staging", "Drift in staging", "one")
    assert github_api.open_issue("drift staging", "Drift in staging", "two") == first
    (issue,) = [each for each in api.issues.values() if each["number"] != 7]
    assert issue["body"].endswith("two")
    assert github_api.close_issue("drift staging", "gone") == first
    assert issue["state"] == "closed"
    assert api.comments[issue["number"]][-1]["body"] == "gone"
    assert github_api.close_issue("drift staging", "gone") is None


def test_what_github_refuses_is_a_message(api: GithubStandIn):
    api.refuse = True
    with pytest.raises(CommandError, match=r"GitHub's API at http://127.0.0.1:\d+ refused: .*403"):
        github_api.comment("plan staging", "text")


@pytest.mark.parametrize(
    ("environment", "reviewers", "branches"),
    [
        (None, False, False),
        ({"protection_rules": [], "deployment_branch_policy": None}, False, False),
        ({"protection_rules": [{"type": "wait_timer", "wait_timer": 30}, {"type": "branch_policy"}]}, False, False),
        ({"protection_rules": [{"type": "required_reviewers", "reviewers": []}]}, False, False),
        ({"protection_rules": [REVIEWERS], "deployment_branch_policy": BRANCHES}, True, True),
    ],
    ids=["missing", "bare", "other rules", "nobody", "gated"],
)
def test_an_environments_rules_are_read_of_github(
    api: GithubStandIn, environment: dict[str, object] | None, reviewers: bool, branches: bool
):
    if environment:
        api.environments["production"] = {"name": "production", **environment}
    assert github_api.environment_rules("production") == github_api.EnvironmentRules(reviewers, branches)


def test_the_subject_is_read_of_the_token_that_the_job_may_ask_for(api: GithubStandIn, monkeypatch: pytest.MonkeyPatch):
    assert github_api.token_subject() == "", "a job without id-token: write has no address to ask"
    payload = base64.urlsafe_b64encode(json.dumps({"sub": IDS}).encode()).decode().rstrip("=")
    api.token = f"e30.{payload}.signature"
    monkeypatch.setenv("ACTIONS_ID_TOKEN_REQUEST_URL", f"{api.url}/token?api-version=2.0")
    monkeypatch.setenv("ACTIONS_ID_TOKEN_REQUEST_TOKEN", "t")
    assert github_api.token_subject() == IDS
    api.refuse = True
    assert github_api.token_subject() == ""


@pytest.mark.parametrize("variable", ["GITHUB_TOKEN", "GITHUB_REPOSITORY", "GITHUB_EVENT_PATH"])
def test_outside_of_a_job_a_comment_is_refused_with_what_is_missing(
    api: GithubStandIn, monkeypatch: pytest.MonkeyPatch, variable: str
):
    monkeypatch.delenv(variable)
    with pytest.raises(UserError, match=f"{variable} is not set"):
        github_api.comment("plan staging", "text")


def test_a_push_has_no_pull_request_to_comment_on(api: GithubStandIn, tmp_path: Path):
    (tmp_path / "event.json").write_text('{"ref": "refs/heads/main"}')
    with pytest.raises(UserError, match="there is no pull request to comment on"):
        github_api.comment("plan staging", "text")
