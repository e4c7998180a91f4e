"""`recover`: stock Terraform takes what it finds, and the person is told what it does not decide."""

from __future__ import annotations

import functools
import json
import shutil
import subprocess
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from ops.core.aws import Aws
from ops.core.errors import CommandError
from ops.recovery.search import Client, Search
from ops.state import bootstrap
from ops.state import file as state
from ops.terraform import imports, synthesized
from ops.terraform.events import Changes
from ops.terraform.resource_types import of
from ops.terraform.run import Terraform
from ops.terraform.synthesized import Stack
from tests.apply.conftest import Tell
from tests.apply.faults import SMALL, Account
from tests.cloud import Cloud
from tests.support import Json

pytestmark = pytest.mark.apply("faults")


def clients(variables: dict[str, str]) -> Client:
    region = functools.cache(lambda name: Aws(variables, name))
    return lambda name, service: region(name).client(service)


@pytest.mark.apply("applied")
@pytest.mark.parametrize("name", ["bootstrap", "staging"])
def test_everything_that_is_applied_is_found_without_its_state_and_terraform_takes_every_id(
    applied: Terraform, cloud: Cloud, tmp_path: Path, name: str, tell: Tell
):
    directory = cloud.stacks / name
    stack = Stack.read(directory)
    result = Search(stack, None, clients(cloud.variables)).run()
    left = [address for address in stack.in_order() if of(address.partition(".")[0]).left_to_apply]
    assert result.found.keys() == stack.resources.keys() - {*left}
    assert (result.left, result.several, result.strays, result.pending) == (left, {}, {}, {})

    # A state of its own, in a file: nothing of the applied one is touched.
    own = tmp_path / name
    own.mkdir()
    document = json.loads((directory / "cdk.tf.json").read_text())
    document["terraform"]["backend"] = {"local": {"path": str(tmp_path / "own.tfstate")}}
    (own / "cdk.tf.json").write_text(json.dumps(document))
    imports.write(own, {address: each.import_id for address, each in result.found.items()}, "here")
    terraform, plan = Terraform(own, cloud.variables, cloud.work), cloud.plan_file(f"imports-{name}")
    terraform.init()
    changes = terraform.plan(plan)
    assert changes.imports == len(result.found)
    made: dict[str, list[str]] = {"create": [], "replace": []}
    for each in terraform.show_json(plan)["resource_changes"]:
        actions = each["change"]["actions"]
        if actions != ["no-op"] and actions != ["update"]:
            made["replace" if "delete" in actions else "create"].append(each["address"])
    # A secret's version is made anew, so the task that names the version is too.
    assert made == {"create": left, "replace": [] if name == "bootstrap" else ["aws_ecs_task_definition.backend_task"]}
    tell(f"{name}: {len(result.found)} of {len(stack.resources)} resources imported, {changes.change} of them updated")


@pytest.mark.apply("applied")
@pytest.mark.parametrize("name", ["bootstrap", "staging"])
def test_beside_its_state_nothing_is_found(applied: Terraform, cloud: Cloud, name: str):
    directory = cloud.stacks / name
    document = state.document(cloud.aws, synthesized.backend(directory))
    result = Search(Stack.read(directory), document, clients(cloud.variables)).run()
    assert result.nothing
    assert (result.unrecorded, result.tainted, result.unknown) == (0, [], [])


ADDRESS: Json = {"only": {"domain": "vpc", "tags": {"Name": "twice"}}}


def allocate(small: Account) -> str:
    """One more address as the code wants it."""
    tags = {"Name": "twice", "Environment": SMALL, "ManagedBy": "terraform"}
    listed = [{"Key": key, "Value": value} for key, value in tags.items()]
    specification = [{"ResourceType": "elastic-ip", "Tags": listed}]
    return small.client("ec2").allocate_address(Domain="vpc", TagSpecifications=specification)["AllocationId"]


def test_what_may_be_two_things_is_told_with_the_commands_and_never_guessed(small: Account):
    terraform = small.write({"aws_eip": ADDRESS})
    blocks = terraform.directory / imports.FILE
    one, two = allocate(small), allocate(small)
    told = small.ops("recover", "--json").check(1)
    assert "more than one thing may be aws_eip.only: see above, then repeat. Nothing was written" in told.err
    assert {each["id"] for each in told.json["several"]} == {one, two}
    assert not blocks.exists()

    # The person keeps one of them.
    assert small.remove(each["remove"] for each in told.json["several"] if each["id"] == two) == 1
    told = small.ops("recover").check(0)
    assert f"aws_eip.only  {one}  by tag Name twice" in told.out
    assert "1 to import, 0 to add, 0 to change, 0 to destroy" in told.out
    assert json.loads(blocks.read_text())["import"] == [{"to": "aws_eip.only", "id": one}]
    # By hand, as it tells: after that the blocks do nothing any more, and the next run takes them away.
    plan = small.work.plan("small")
    terraform.apply(plan, terraform.plan(plan))
    assert not terraform.plan(plan).any
    assert "Import blocks of an earlier run removed" in small.ops("recover").check(0).out
    assert not blocks.exists()

    three = allocate(small)
    told = small.ops("recover", "--json").check(1)
    assert [each["id"] for each in told.json["strays"]] == [three]
    assert "beside the state there is more that the code does not have (1)" in told.err
    small.remove(each["remove"] for each in told.json["strays"])
    assert "nothing to recover" in small.ops("recover").check(0).out
    terraform.destroy()


def test_half_made_data_is_kept_and_what_holds_none_is_made_anew(small: Account):
    attribute = [{"name": "id", "type": "S"}]
    table: Json = {"name": "half-made", "billing_mode": "PAY_PER_REQUEST", "hash_key": "id", "attribute": attribute}
    terraform = small.write({"aws_dynamodb_table": {"data": table}, "aws_eip": ADDRESS})
    plan = small.work.plan("small")
    terraform.apply(plan, terraform.plan(plan))
    for address in ("aws_dynamodb_table.data", "aws_eip.only"):
        taint = [terraform.binary, f"-chdir={terraform.directory}", "taint", address]
        subprocess.run(taint, env=terraform.environment, check=True, capture_output=True)
    small.client("dynamodb").put_item(TableName="half-made", Item={"id": {"S": "kept"}})

    told = small.ops("recover", "--json").check(0).json
    assert (told["whole"], told["tainted"]) == (["aws_dynamodb_table.data"], ["aws_eip.only"])
    assert told["plan"] == "1 to add, 0 to change, 1 to destroy"
    terraform.apply(plan, terraform.plan(plan))
    assert small.client("dynamodb").scan(TableName="half-made")["Count"] == 1
    assert not terraform.plan(plan).any
    terraform.destroy()


def leave_lock(small: Account, age: timedelta) -> None:
    """As an apply that was killed leaves it."""
    backend = small.backend(SMALL)
    created = f"{datetime.now(UTC) - age:%Y-%m-%dT%H:%M:%S.%f}789Z"
    info = {"ID": "1", "Operation": "OperationTypeApply", "Who": "ada@laptop", "Created": created}
    item = {"LockID": {"S": backend.lock_id}, "Info": {"S": json.dumps(info)}}
    small.client("dynamodb").put_item(TableName=backend.dynamodb_table, Item=item)


def test_the_lock_of_a_dead_apply_is_removed_and_a_younger_one_is_left_with_its_holder_named(small: Account):
    small.write({"aws_eip": ADDRESS})
    leave_lock(small, timedelta(minutes=50))
    told = small.ops("recover").check(1)
    assert "the lock is younger than 60 min: ada@laptop since " in told.err
    assert small.lock() is not None
    told = small.ops("recover", "--older-than", "45").check(0)
    assert "unlocked; it was held by ada@laptop" in told.out
    assert "nothing to recover; an apply goes on with the 1 that are missing" in told.out
    assert small.lock() is None


def test_a_state_written_without_its_digest_is_mended_before_anything_reads_it(small: Account):
    terraform = small.write({"aws_eip": ADDRESS})
    plan, backend = small.work.plan("small"), small.backend(SMALL)
    terraform.apply(plan, terraform.plan(plan))
    item = {"LockID": {"S": f"{backend.lock_id}-md5"}, "Digest": {"S": "of the version before"}}
    small.client("dynamodb").put_item(TableName=backend.dynamodb_table, Item=item)
    told = small.ops("recover").check(0)
    assert "digest was that of an older version: it agrees again" in told.out
    assert not terraform.plan(plan).any
    terraform.destroy()


def test_blocks_for_an_account_that_is_gone_do_not_reach_the_next_plan(small: Account):
    terraform = small.write({"aws_eip": ADDRESS})
    imports.write(terraform.directory, {"aws_eip.only": "eipalloc-00000000000000000"}, "http://127.0.0.1:1")
    assert "has drifted: 1 to add" in small.ops("drift").check(1).err
    assert not (terraform.directory / imports.FILE).exists()


def test_an_apply_is_not_done_without_a_yes(small: Account):
    terraform = small.write({"aws_eip": ADDRESS})
    id_ = allocate(small)
    told = small.ops("recover", "--apply").check(2)
    assert "1 to import, 0 to add, 0 to change, 0 to destroy in account" in told.err
    assert "not applied; add --yes to apply it" in told.err
    told = small.ops("recover", "--apply", "--yes", "--json").check(0).json
    assert (told["imports"], told["applied"]) == ({"aws_eip.only": id_}, True)
    assert not (terraform.directory / imports.FILE).exists()
    assert not terraform.plan(small.work.plan("small")).any
    terraform.destroy()


def test_a_bootstrap_that_was_killed_before_it_recorded_its_bucket_goes_on(small: Account, outdir: Path):
    """Its bucket and two of its lock tables exist, and no state says so."""
    directory = small.stacks / "bootstrap"
    shutil.copytree(outdir / "stacks" / "bootstrap", directory)
    terraform = small.terraform("bootstrap")
    local = small.work.emulator / "bootstrap.tfstate"

    def stop(changes: Changes, _plan: Path) -> None:
        raise CommandError(f"it would be {changes}")

    with pytest.raises(CommandError, match="`python -m ops recover --bootstrap` finds the bucket"):
        bootstrap.apply_bootstrap(terraform, small.aws, local, stop)
    assert "--bootstrap only finds" in small.ops("recover", "--bootstrap", "--apply").check(2).err
    told: Any = small.ops("recover", "--bootstrap", "--json").check(0).json
    bucket = small.backend(SMALL).bucket
    assert told["imports"]["aws_s3_bucket.state_bucket"] == bucket
    assert told["imports"]["aws_dynamodb_table.state_lock_production"] == "terraform-state-lock-production"
    with pytest.raises(CommandError, match=f"it would be {len(told['imports'])} to import, .* 0 to destroy"):
        bootstrap.apply_bootstrap(terraform, small.aws, local, stop)
    shutil.rmtree(directory)
