"""Stock Terraform after the operators' commands on its state and its lock: it goes on without any mending by hand."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import time
from dataclasses import dataclass
from pathlib import Path

import pytest

from ops.core.aws import Aws
from ops.core.errors import TerraformFailed
from ops.core.paths import Work
from ops.state import lock as state_lock
from ops.state import versions
from ops.terraform.events import Changes
from ops.terraform.run import Terraform
from ops.terraform.synthesized import S3Backend
from tests.cloud import Cloud
from tests.ops.person import REGION, Person, Place, own
from tests.support import Json

pytestmark = pytest.mark.apply("faults")


# Built into Terraform: the AWS provider takes some seconds a run.
FIRST: Json = {"terraform_data": {"first": {}}}
BOTH: Json = {"terraform_data": {"first": {}, "second": {}}}
# One whose creation does not end within a test.
WAITING: Json = {"terraform_data": {"waits": {"provisioner": {"local-exec": {"command": "sleep 60"}}}}}


@dataclass
class Root:
    """A small root module with a state of its own."""

    terraform: Terraform
    place: Place
    plan_file: Path

    def write(self, resources: Json) -> None:
        document: Json = {"terraform": {"backend": {"s3": self.backend()}}, "resource": resources}
        if any(kind.startswith("aws_") for kind in resources):
            document["terraform"]["required_providers"] = {"aws": {"source": "hashicorp/aws"}}
            document["provider"] = {"aws": {"region": REGION}}
        (self.terraform.directory / "main.tf.json").write_text(json.dumps(document))

    def backend(self) -> Json:
        backend = self.place.backend
        where = {"bucket": backend.bucket, "key": backend.key, "region": backend.region}
        return {**where, "dynamodb_table": backend.dynamodb_table, "encrypt": True}

    def plan(self) -> Changes:
        return self.terraform.plan(self.plan_file)

    def start_apply(self) -> subprocess.Popen[bytes]:
        """In a process group of its own, which can be killed with all that belongs to it."""
        command = [self.terraform.binary, f"-chdir={self.terraform.directory}", "apply", "-auto-approve", "-no-color"]
        with self.log.open("wb") as output:
            return subprocess.Popen(
                command,
                env=self.terraform.environment,
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=output,
                start_new_session=True,
            )

    def apply(self) -> int:
        """The serial of the state that it left."""
        assert self.start_apply().wait(300) == 0, self.log.read_text()
        return json.loads(self.place.read())["serial"]

    @property
    def log(self) -> Path:
        return self.terraform.directory / "apply.log"

    def backup(self, uri: str) -> bytes:
        return self.place.read(uri.removeprefix(f"s3://{self.place.backend.bucket}/"))


@pytest.fixture
def ops(cloud: Cloud, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Person:
    return Person(own(cloud.settings), Work(tmp_path / "work"), cloud.record, monkeypatch, capsys)


@pytest.fixture
def root(cloud: Cloud, ops: Person, tmp_path: Path) -> Root:
    place = Place(Aws(cloud.variables, REGION), S3Backend.of(ops.settings.backend))
    place.make_bucket()
    place.make_table()
    directory = tmp_path / "root"
    directory.mkdir()
    return Root(Terraform(directory, cloud.variables, cloud.work), place, cloud.plan_file(tmp_path.name))


@pytest.fixture
def twice_applied(root: Root) -> tuple[int, int]:
    """The serials after an apply of one resource and of a second one."""
    root.write(FIRST)
    root.terraform.init()
    one = root.apply()
    root.write(BOTH)
    return one, root.apply()


def roll(ops: Person, serial: int) -> Json:
    answer = ops("state", "rollback", str(serial), "--yes", "--no-plan", "--json")
    assert answer.code == 0, answer.err
    return answer.json


def test_after_a_rollback_terraform_plans_what_it_forgot_and_after_the_way_forward_nothing(root: Root, ops: Person):
    name, secret = f"/{root.place.backend.bucket}", "hunter2-and-more"
    parameter: Json = {"aws_ssm_parameter": {"second": {"name": name, "type": "SecureString", "value": secret}}}
    root.write(FIRST)
    root.terraform.init()
    one, older = root.apply(), root.place.read()
    root.write({**FIRST, **parameter})
    root.terraform.init()
    two, newer = root.apply(), root.place.read()
    assert secret in newer.decode()

    answer = roll(ops, one)
    assert root.place.read() == older
    assert root.backup(answer["backup"]) == newer
    changes = root.plan()
    assert (changes.add, changes.change, changes.remove) == (1, 0, 0)

    answer = roll(ops, two)
    assert root.place.read() == newer
    assert root.backup(answer["backup"]) == older
    assert not root.plan().any

    # Sensitive by the provider's schema, not by the configuration.
    other = json.loads(newer.decode().replace(secret, "another"))
    (difference,) = versions.compare(json.loads(newer), other)
    assert difference.address == "aws_ssm_parameter.second"
    assert "value: (sensitive)" in difference.details
    assert secret not in str(difference)


def test_a_state_copied_by_hand_fails_every_plan_until_a_rollback_mends_the_digest(
    root: Root, ops: Person, twice_applied: tuple[int, int]
):
    one, _ = twice_applied
    place = root.place
    older = versions.find(place.aws, place.backend, str(one))
    source = {"Bucket": place.backend.bucket, "Key": place.backend.key, "VersionId": older.id}
    place.s3.copy_object(Bucket=place.backend.bucket, Key=place.backend.key, CopySource=source)
    # Terraform waits 10 s for the object that its digest belongs to.
    with pytest.raises(TerraformFailed, match="state data in S3 does not have the expected content"):
        root.plan()
    roll(ops, one)
    changes = root.plan()
    assert (changes.add, changes.change, changes.remove) == (1, 0, 0)
    # It goes on from there: the digest of its own next write is right again.
    root.apply()
    assert not root.plan().any


def test_a_lock_of_ops_keeps_terraform_out_and_one_of_terraform_a_rollback(
    root: Root, ops: Person, twice_applied: tuple[int, int]
):
    one, _ = twice_applied
    place = root.place
    before = place.read()
    with state_lock.hold(place.aws, place.backend, "rollback of the state"):
        lock = state_lock.read(place.aws, place.backend)
        assert lock is not None
        with pytest.raises(TerraformFailed, match="Error acquiring the state lock") as error:
            root.plan()
    for told in (f"ID: +{lock.id}", f"Who: +{lock.who}", "Operation: +rollback of the state", "Created: +20"):
        assert error.match(told)

    root.write({"terraform_data": BOTH["terraform_data"] | WAITING["terraform_data"]})
    apply = root.start_apply()
    try:
        lock = held(place, apply)
        refused = ops("state", "rollback", str(one), "--yes", "--no-plan")
    finally:
        kill(apply)
    assert refused.code == 1
    assert f"the state is locked by {lock.who} since " in refused.err
    assert place.read() == before
    assert place.keys() == {place.backend.key}


def test_the_lock_of_a_killed_apply_is_named_kept_and_removed_and_the_next_plan_works(root: Root, ops: Person):
    root.write(WAITING)
    root.terraform.init()
    apply = root.start_apply()
    try:
        lock = held(root.place, apply)
    finally:
        kill(apply)

    told = ops("lock", "--json").json
    assert (told["id"], told["who"], told["operation"]) == (lock.id, lock.who, "OperationTypeApply")
    refused = ops("unlock")
    assert refused.code == 1
    assert lock.who in refused.err
    with pytest.raises(TerraformFailed, match=f"ID: +{lock.id}"):
        root.plan()

    assert ops("unlock", "--older-than", "0").code == 0
    changes = root.plan()
    assert (changes.add, changes.change, changes.remove) == (1, 0, 0)


def held(place: Place, apply: subprocess.Popen[bytes]) -> state_lock.StateLock:
    """Wait until the apply has the lock."""
    deadline = time.monotonic() + 150
    while (lock := state_lock.read(place.aws, place.backend)) is None:
        assert apply.poll() is None, "the apply ended before it was seen to hold the lock"
        assert time.monotonic() < deadline
        time.sleep(0.05)
    return lock


def kill(apply: subprocess.Popen[bytes]) -> None:
    """As the end of its machine would: without a chance to let go of the lock."""
    if apply.poll() is None:
        os.killpg(apply.pid, signal.SIGKILL)
    apply.wait()
