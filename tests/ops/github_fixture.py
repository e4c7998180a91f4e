"""GitHub's API for a job of a pull request, as the commands find it."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.github_stand_in import GithubStandIn

REPOSITORY = "owner/name"
# As "Get an environment" of GitHub's REST API answers.
REVIEWERS = {"type": "required_reviewers", "reviewers": [{"type": "User", "reviewer": {"login": "ann"}}]}
BRANCHES = {"protected_branches": False, "custom_branch_policies": True}


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
