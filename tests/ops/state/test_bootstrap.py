"""Where a bootstrap begins, and that its state always ends in the bucket."""

from __future__ import annotations

import json
import uuid
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, cast

import pytest

from ops.core.aws import Aws
from ops.core.errors import CommandError, TerraformFailed, UserError
from ops.core.paths import Work
from ops.state import bootstrap
from ops.state import file as state
from ops.state.bootstrap import (
    OVERRIDE,
    Found,
    Start,
    apply_bootstrap,
    decide,
)
from ops.state.file import State
from ops.terraform.events import Changes
from ops.terraform.run import Terraform
from ops.terraform.synthesized import S3Backend

EMPTY, FULL, OTHER = State(1, 0, "empty"), State(9, 36, "full"), State(3, 12, "other")
LOCAL = Path("local.tfstate")


@pytest.mark.parametrize(
    ("what", "found", "start"),
    [
        ("nothing yet", Found(False, None, None), Start.LOCAL),
        ("cut off before the bucket", Found(False, OTHER, None), Start.LOCAL),
        ("the account was emptied since", Found(False, FULL, None), Start.LOCAL),
        ("cut off before the move", Found(True, FULL, None), Start.LOCAL),
        ("cut off in the move", Found(True, FULL, EMPTY), Start.LOCAL),
        ("cut off after the move", Found(True, FULL, State(1, 36, "full")), Start.REMOTE),
        ("a local state without resources", Found(True, EMPTY, FULL), Start.REMOTE),
        ("as it should be", Found(True, None, FULL), Start.REMOTE),
    ],
)
def test_a_run_begins_with_what_the_last_one_left(what: str, found: Found, start: Start):
    assert decide(found, "bucket", LOCAL) is start, what


@pytest.mark.parametrize(
    ("found", "message"),
    [
        (Found(True, None, None), "bucket bucket exists, but no state records it"),
        (Found(True, EMPTY, None), "bucket bucket exists, but no state records it"),
        (Found(True, None, EMPTY), "bucket bucket exists, but no state records it"),
        (Found(True, FULL, OTHER), r"two states: local.tfstate \(36 resources\) and another one"),
    ],
)
def test_states_that_contradict_each_other_are_left_to_the_person(found: Found, message: str):
    with pytest.raises(UserError, match=message):
        decide(found, "bucket", LOCAL)


@dataclass
class StandIn:
    """Does with files and a real bucket what Terraform would do."""

    directory: Path
    work: Work
    aws: Aws
    backend: S3Backend
    local: Path
    crash: str = ""
    calls: list[str] = field(default_factory=list[str])

    def _call(self, name: str) -> None:
        override = (self.directory / OVERRIDE).exists()
        self.calls.append(f"{name} {'local' if override else 'bucket'}")
        if self.crash == name:
            self.crash = ""
            raise TerraformFailed(name)

    def init(self) -> None:
        self._call("init")

    def plan(self, out: Path) -> Changes:
        self._call("plan")
        return Changes(add=1, any=not self.local.exists() and state.remote(self.aws, self.backend) is None)

    def apply(self, plan: Path, changes: Changes) -> None:
        s3 = self.aws.client("s3")
        s3.create_bucket(Bucket=self.backend.bucket, CreateBucketConfiguration={"LocationConstraint": "us-east-2"})
        self.local.write_text(json.dumps({"lineage": "a", "serial": 4, "resources": [{"name": "bucket"}]}))
        self._call("apply")

    def push_state(self, path: Path) -> None:
        self._call("push")
        document = {**json.loads(path.read_text()), "lineage": "new", "serial": 1}
        self.aws.client("s3").put_object(
            Bucket=self.backend.bucket, Key=self.backend.key, Body=json.dumps(document).encode()
        )


@pytest.fixture
def terraform(tmp_path: Path, work: Work, aws: Aws) -> StandIn:
    backend = S3Backend(f"state-{uuid.uuid4()}", "p/bootstrap/terraform.tfstate", "us-east-2", "lock")
    settings = {name: getattr(backend, name) for name in ("bucket", "key", "region", "dynamodb_table")}
    directory = tmp_path / "bootstrap"
    directory.mkdir()
    (directory / "cdk.tf.json").write_text(json.dumps({"terraform": {"backend": {"s3": settings}}}))
    return StandIn(directory, work, aws, backend, tmp_path / "states" / "bootstrap.tfstate")


def run(terraform: StandIn, **arguments: Any) -> Changes:
    return apply_bootstrap(cast("Terraform", terraform), terraform.aws, terraform.local, **arguments)


def test_the_first_run_applies_locally_and_moves_the_state(terraform: StandIn):
    assert run(terraform).any
    assert terraform.calls == ["init local", "plan local", "apply local", "init bucket", "push bucket"]
    moved = state.remote(terraform.aws, terraform.backend)
    assert moved is not None
    assert moved.resources == 1
    assert not terraform.local.exists()
    assert not (terraform.directory / OVERRIDE).exists()


def test_later_runs_use_the_bucket(terraform: StandIn):
    run(terraform)
    terraform.calls.clear()
    assert not run(terraform).any
    assert terraform.calls == ["init bucket", "plan bucket"]


@pytest.mark.parametrize("crash", ["init", "plan", "apply", "push"])
def test_a_run_that_was_cut_off_is_taken_up(terraform: StandIn, crash: str):
    terraform.crash = crash
    with pytest.raises(TerraformFailed):
        run(terraform)
    assert not (terraform.directory / OVERRIDE).exists(), "it would turn later commands to the local state"
    run(terraform)
    assert state.remote(terraform.aws, terraform.backend) is not None
    assert not terraform.local.exists()


def test_an_override_left_by_a_killed_run_is_removed(terraform: StandIn):
    run(terraform)
    (terraform.directory / OVERRIDE).write_text("{}")
    terraform.calls.clear()
    run(terraform)
    assert terraform.calls == ["init bucket", "plan bucket"]


def test_a_local_state_left_after_the_move_is_removed(terraform: StandIn, monkeypatch: pytest.MonkeyPatch):
    with monkeypatch.context() as killed:
        killed.setattr(bootstrap, "_forget", lambda _path: None)
        run(terraform)
    assert terraform.local.exists()
    assert not run(terraform).any
    assert not terraform.local.exists()


def test_a_state_that_did_not_arrive_is_not_forgotten(terraform: StandIn, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(StandIn, "push_state", lambda _self, _path: None)
    with pytest.raises(CommandError, match="did not arrive"):
        run(terraform)
    assert terraform.local.exists()


def test_nothing_is_applied_that_was_not_confirmed(terraform: StandIn):
    def refuse(changes: Changes, plan: Path) -> None:
        raise CommandError("not applied")

    with pytest.raises(CommandError, match="not applied"):
        run(terraform, confirm=refuse)
    assert "apply local" not in terraform.calls
    assert not state.bucket_exists(terraform.aws, terraform.backend.bucket)


def test_a_damaged_local_state_is_not_overwritten(terraform: StandIn):
    terraform.local.parent.mkdir()
    terraform.local.write_text('{"lineage":')
    with pytest.raises(UserError, match="is not a Terraform state"):
        run(terraform)
    assert terraform.calls == []
