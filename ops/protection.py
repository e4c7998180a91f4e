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
        if "delete" in change["change"]["actions"] and any(
            f"{change['type']}.{attribute}" in PROTECTED and value == PROTECTED[f"{change['type']}.{attribute}"]
            for attribute, value in before.items()
        ):
            found.append(change["address"])
    return found
