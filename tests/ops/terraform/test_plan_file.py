"""What a plan would do: its counts, what it would delete, and what AWS would refuse to delete."""

from __future__ import annotations

from typing import Any

import pytest

from ops.terraform import plan_file
from ops.terraform.plan_file import protected
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


def test_changes_are_grouped_by_the_construct_they_belong_to():
    modules = {"aws_subnet.vpc_public_a": "vpc", "aws_vpc.vpc": "vpc"}
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


@pytest.mark.parametrize(
    ("kind", "before"),
    [
        ("aws_db_instance", {"deletion_protection": True}),
        ("aws_dynamodb_table", {"deletion_protection_enabled": True}),
        ("aws_lb", {"enable_deletion_protection": True}),
        ("aws_cognito_user_pool", {"deletion_protection": "ACTIVE"}),
    ],
)
def test_protected_resources_are_found_before_the_destroy(kind: str, before: dict[str, Any]):
    def planned(actions: list[str], attributes: dict[str, Any] | None) -> dict[str, Any]:
        change = {"address": f"{kind}.a", "type": kind, "change": {"actions": actions, "before": attributes}}
        return {"resource_changes": [change]}

    unprotected = {key: "INACTIVE" if value == "ACTIVE" else False for key, value in before.items()}
    assert protected(planned(["delete"], before)) == [f"{kind}.a"]
    assert protected(planned(["delete", "create"], before)) == [f"{kind}.a"]
    assert protected(planned(["delete"], unprotected)) == []
    assert protected(planned(["no-op"], before)) == []
    assert protected(planned(["create"], None)) == []
    assert protected({}) == []


@pytest.mark.parametrize(("points", "disposable", "is_kept"), [(2, False, True), (2, True, False), (0, False, False)])
def test_a_vault_with_recovery_points_is_found_before_the_destroy(points: int, disposable: bool, is_kept: bool):
    before = {"recovery_points": points, "force_destroy": disposable}
    change = {"address": "a", "type": "aws_backup_vault", "change": {"actions": ["delete"], "before": before}}
    assert protected({"resource_changes": [change]}) == (["a"] if is_kept else [])
