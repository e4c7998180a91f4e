"""Leaving CDKTF by keeping its output: the committed JSON is what Terraform applied (docs/leaving-cdktf.md)."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from ops.terraform.run import Terraform
from tests.cloud import Cloud
from tests.support import ROOT

# Sorted after test_apply.py, before what changes staging without Terraform.
pytestmark = pytest.mark.apply("applied")


def test_the_committed_json_alone_plans_no_change_of_what_was_applied(
    applied: Terraform, cloud: Cloud, tmp_path: Path
) -> None:
    shutil.copy(ROOT / "tests" / "golden" / "staging.json", tmp_path / "main.tf.json")
    alone = Terraform(tmp_path, {**cloud.variables, "PATH": str(tmp_path)}, cloud.work)
    alone.init()
    assert not alone.plan(cloud.plan_file("plain-json")).any
    assert set(alone.state_list()) == set(applied.state_list())
