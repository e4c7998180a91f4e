"""What a plan would do: counts, groups, and what holds data or serves."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from ops.terraform import plan_file
from tests.ops.plans import change, plan


def test_counts_tell_a_replacement_from_a_deletion_whichever_comes_first():
    found = plan(
        change("a.create", "create"),
        change("a.update", "update"),
        change("a.replace", "delete", "create"),
        change("a.gently", "create", "delete"),
        change("a.destroy", "delete"),
        change("a.same", "no-op"),
        change("data.a.read", "read"),
    )
    assert found.counts == {"create": 1, "update": 1, "replace": 2, "destroy": 1}


def test_resources_are_grouped_by_the_construct_they_belong_to(tmp_path: Path):
    document = {
        "resource": {
            "aws_subnet": {"vpc_public_a": {"//": {"metadata": {"path": "staging/vpc/public_a"}}}},
            "aws_vpc": {"vpc": {"//": {"metadata": {"path": "staging/vpc/Default"}}}},
        }
    }
    (tmp_path / "cdk.tf.json").write_text(json.dumps(document))
    modules = plan_file.construct_names(tmp_path)
    assert modules == {"aws_subnet.vpc_public_a": "vpc", "aws_vpc.vpc": "vpc"}
    found = plan(change("aws_vpc.vpc", "update"), change("aws_eip.old", "delete"), modules=modules).by_module()
    assert {module: [each.address for each in changes] for module, changes in found.items()} == {
        "vpc": ["aws_vpc.vpc"],
        plan_file.GONE: ["aws_eip.old"],
    }


@pytest.mark.parametrize(
    "type_",
    [
        "aws_backup_vault",
        "aws_db_instance",
        "aws_dynamodb_table",
        "aws_cognito_user_pool",
        "aws_ecr_repository",
        "aws_s3_bucket",
        "aws_kms_key",
        "aws_secretsmanager_secret",
    ],
)
def test_everything_that_holds_data_is_guarded(type_: str):
    for actions in (("delete",), ("delete", "create"), ("create", "delete")):
        assert plan_file.stateful(plan(change(f"{type_}.it", *actions)).changes) != []
    for actions in (("create",), ("update",), ("no-op",)):
        assert plan_file.stateful(plan(change(f"{type_}.it", *actions)).changes) == []
    assert plan_file.stateful(plan(change("aws_ecs_service.it", "delete")).changes) == []


@pytest.mark.parametrize("type_", ["aws_lb_target_group", "aws_subnet", "aws_vpc", "aws_lb", "aws_db_subnet_group"])
def test_what_serves_is_not_replaced_unnoticed(type_: str):
    for actions in (("delete", "create"), ("create", "delete")):
        found = plan(change(f"{type_}.it", *actions))
        assert [each.address for each in plan_file.serving(found.changes)] == [f"{type_}.it"]
    for actions in (("create",), ("update",), ("delete",), ("no-op",)):
        assert plan_file.serving(plan(change(f"{type_}.it", *actions)).changes) == []
