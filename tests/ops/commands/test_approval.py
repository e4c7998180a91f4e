"""Whether a deployment has to be approved."""

from __future__ import annotations

from pathlib import Path

import pytest

from environments.settings import Settings
from ops.commands import approval
from ops.core.errors import CommandError
from ops.core.paths import Work
from ops.session import Session
from tests.github_stand_in import GithubStandIn
from tests.ops.github_fixture import BRANCHES, REVIEWERS, api

__all__ = ["api"]


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
