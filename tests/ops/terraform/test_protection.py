"""Deletion protection, seen in a plan."""

from __future__ import annotations

from typing import Any

import pytest

from ops.terraform.protection import protected


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
