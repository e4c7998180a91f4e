"""What the commands tell GitHub: outputs, summaries, one comment and one issue per subject."""

from __future__ import annotations

import base64
import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from environments.settings import Settings
from ops.commands import approval, deploy_summary, subject
from ops.core import github, github_api
from ops.core.errors import CommandError, UserError
from ops.core.paths import Work
from ops.session import Session
from tests.github_stand_in import GithubStandIn

REPOSITORY = "owner/name"


@pytest.fixture
def api(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[GithubStandIn]:
    event = tmp_path / "event.json"
    event.write_text(json.dumps({"pull_request": {"number": 7}}))
    with GithubStandIn(REPOSITORY) as api:
        api.issues[7] = {"number": 7, "title": "A change", "body": "", "state": "open"}
        monkeypatch.setenv("GITHUB_API_URL", api.url)
        monkeypatch.setenv("GITHUB_TOKEN", "t")
        monkeypatch.setenv("GITHUB_REPOSITORY", REPOSITORY)
        monkeypatch.setenv("GITHUB_EVENT_PATH", str(event))
        yield api


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


# As "Get an environment" of GitHub's REST API answers.
REVIEWERS = {"type": "required_reviewers", "reviewers": [{"type": "User", "reviewer": {"login": "ann"}}]}
BRANCHES = {"protected_branches": False, "custom_branch_policies": True}


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


def test_a_deployment_that_nobody_has_to_approve_stops_unless_that_is_accepted(
    api: GithubStandIn, settings: dict[str, Settings], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    """As in a private repository below GitHub Enterprise."""
    session = Session(settings["production"], work=Work(tmp_path))
    api.environments["production"] = {"protection_rules": [], "deployment_branch_policy": BRANCHES}
    with pytest.raises(CommandError, match="production has no required reviewers, so nobody is asked"):
        approval.run(session, required=True)
    summary = tmp_path / "summary.md"
    monkeypatch.setenv("GITHUB_STEP_SUMMARY", str(summary))
    monkeypatch.setenv("DEPLOY_WITHOUT_REVIEWERS", "true")
    approval.run(session, required=True)
    assert "has no required reviewers, so nobody is asked" in summary.read_text()
    monkeypatch.delenv("DEPLOY_WITHOUT_REVIEWERS")
    api.environments["production"]["protection_rules"] = [REVIEWERS]
    approval.run(session, required=True)


def test_an_environment_that_any_branch_may_use_is_said_in_the_summary(
    api: GithubStandIn, settings: dict[str, Settings], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    summary = tmp_path / "summary.md"
    monkeypatch.setenv("GITHUB_STEP_SUMMARY", str(summary))
    approval.run(Session(settings["staging"], work=Work(tmp_path)), required=False)
    assert "admits jobs of any branch, which get its secrets" in summary.read_text()


IDS = "repo:prodready-infra@12/prodready-infra@34:environment:staging"


@pytest.mark.parametrize(
    ("got", "told"),
    [
        ("", 'set github_repository = "owner@id/name@id" in every environments/*.tfvars'),
        (IDS, 'set github_repository = "prodready-infra@12/prodready-infra@34" in every environments/*.tfvars'),
        ("repo:prodready-infra/prodready-infra:environment:staging", "look whether the role of the variable exists"),
    ],
    ids=["not asked", "with ids", "as expected"],
)
def test_a_refused_sign_in_is_told_the_subject_that_was_expected_and_what_to_set(
    settings: dict[str, Settings], tmp_path: Path, monkeypatch: pytest.MonkeyPatch, got: str, told: str
):
    """A repository made after 2026-07-15 has ids in its subject, which the trust policy compares."""
    summary = tmp_path / "summary.md"
    monkeypatch.setenv("GITHUB_STEP_SUMMARY", str(summary))
    monkeypatch.setattr(github_api, "token_subject", lambda: got)
    subject.run(Session(settings["staging"], work=Work(tmp_path)))
    text = summary.read_text()
    assert "deploys staging expects the subject repo:prodready-infra/prodready-infra:environment:staging." in text
    assert told in text
    assert (f"GitHub gives this job the subject {got}." in text) == bool(got)


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


def test_a_warning_is_at_its_line_and_nothing_in_it_ends_its_annotation(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
):
    monkeypatch.setenv("GITHUB_ACTIONS", "true")
    github.warning("a: b, c", "app/api/Dockerfile:3", "100%\n::error::more")
    assert capsys.readouterr().err == (
        "::warning file=app/api/Dockerfile,line=3,title=a%3A b%2C c::app/api/Dockerfile:3: 100%25%0A::error::more\n"
    )


def test_a_value_of_several_lines_cannot_set_another_output(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    path = tmp_path / "output"
    monkeypatch.setenv("GITHUB_OUTPUT", str(path))
    github.outputs({"plain": 1, "lines": "a\nevil=1"})
    plain, start, *_, end = path.read_text().splitlines()
    assert plain == "plain=1"
    assert start.startswith("lines<<")
    assert start.removeprefix("lines<<") == end


def test_nothing_in_a_text_ends_its_fence():
    assert github.fenced("a\n```\nb") == "````\na\n```\nb\n````"


STEPS = {
    "backend_image": {
        "outputs": {"image_tag": "a1b2c3d-1", "scan": "scan: 1 low", "seconds": "61.5"},
        "outcome": "success",
    },
    "summary": {"outputs": {"changes": "0 to create, 1 to update, 1 to replace, 0 to destroy"}, "outcome": "success"},
    "deploy": {"outputs": {"backend_revision": "api:5"}, "outcome": "success"},
    "outputs": {"outputs": {"url": "http://lb"}, "outcome": "success"},
    "wait": {"outputs": {"seconds": "12"}, "outcome": "failure"},
}


def test_the_summary_of_a_deployment_has_images_revisions_plan_durations_and_address(
    settings: dict[str, Settings], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    summary = tmp_path / "summary.md"
    monkeypatch.setenv("GITHUB_STEP_SUMMARY", str(summary))
    monkeypatch.setenv("STEPS", json.dumps(STEPS))
    monkeypatch.setenv("JOB_STATUS", "failure")
    monkeypatch.setenv("GITHUB_SHA", "a1b2c3d4e5f6")
    deploy_summary.run(Session(settings["staging"], work=Work(tmp_path)))
    text = summary.read_text()
    assert text.startswith("## Deployment of staging: failure")
    for row in (
        "| commit | a1b2c3d |",
        "| backend image | a1b2c3d-1, scan: 1 low |",
        "| backend revision | api:5 |",
        "| plan | 0 to create, 1 to update, 1 to replace, 0 to destroy |",
        "| durations | build backend 61.5 s, wait 12 s |",
        "| address | http://lb |",
        "| failed steps | wait |",
    ):
        assert row in text


@pytest.mark.parametrize("text", ["", "[]", "{"])
def test_the_summary_needs_the_steps_of_the_job(
    settings: dict[str, Settings], monkeypatch: pytest.MonkeyPatch, text: str
):
    monkeypatch.setenv("STEPS", text)
    with pytest.raises(UserError, match="STEPS is not the JSON of a job's steps"):
        deploy_summary.run(Session(settings["staging"]))
