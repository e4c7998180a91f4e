"""Whom the roles expect, for a job whose sign-in was refused."""

from __future__ import annotations

from pathlib import Path

import pytest

from environments.settings import Settings
from ops.commands import subject
from ops.core import github_api
from ops.core.paths import Work
from ops.session import Session

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
