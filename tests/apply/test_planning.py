"""The plan of the applied staging as it is, after a rollback of its state to itself."""

from __future__ import annotations

from pathlib import Path

import pytest

from ops.core.paths import Work
from ops.state import file as state
from ops.terraform import synthesized
from ops.terraform.run import Terraform
from tests.cloud import Cloud
from tests.ops.person import Person

# Before test_rehearsal.py, which deploys on staging without Terraform.
pytestmark = pytest.mark.apply("applied")


def test_a_rollback_of_an_environment_ends_with_its_plan(
    applied: Terraform,
    cloud: Cloud,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
):
    work = Work(tmp_path / "work")
    ops = Person(cloud.settings, work, cloud.record, monkeypatch, capsys)
    # The stacks that were applied, instead of writing them into the repository once more.
    monkeypatch.setattr(synthesized, "synthesize", lambda: None)
    monkeypatch.setattr(synthesized, "directory", lambda name: cloud.stacks / name)
    found = state.remote(cloud.aws, synthesized.backend(applied.directory))
    assert found is not None
    answer = ops("state", "rollback", str(found.serial), "--yes", "--json")
    assert answer.code == 0, answer.err
    # With another database password than the applied one, which no plan compares.
    assert answer.json["plan"] == "no changes", answer.err
    assert "A plan shows no changes." in answer.err
    assert list(work.plan("any").parent.iterdir()) == []
