"""A deployment on one page."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from environments.settings import Settings
from ops.commands import deploy_summary
from ops.core.errors import UserError
from ops.core.paths import Work
from ops.session import Session

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
