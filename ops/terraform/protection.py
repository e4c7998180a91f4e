"""Deletion protection, seen in a plan before anything of it is carried out."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, cast

PROTECTED: dict[str, object] = {
    "aws_db_instance.deletion_protection": True,
    "aws_dynamodb_table.deletion_protection_enabled": True,
    "aws_lb.enable_deletion_protection": True,
    "aws_cognito_user_pool.deletion_protection": "ACTIVE",
}


def protected(plan: Mapping[str, Any]) -> list[str]:
    """Addresses that the plan would delete and AWS would refuse to, after the rest is already gone."""
    found: list[str] = []
    for change in plan.get("resource_changes", []):
        before = cast("dict[str, object]", change["change"].get("before") or {})
        if "delete" in change["change"]["actions"] and (_is_set(change["type"], before) or _is_kept(before)):
            found.append(change["address"])
    return found


def _is_set(type_: str, before: Mapping[str, object]) -> bool:
    return any(
        f"{type_}.{attribute}" in PROTECTED and value == PROTECTED[f"{type_}.{attribute}"]
        for attribute, value in before.items()
    )


def _is_kept(before: Mapping[str, object]) -> bool:
    """Whether it is a vault of AWS Backup with recovery points in it that Terraform is not to delete."""
    return bool(before.get("recovery_points")) and not before.get("force_destroy")
