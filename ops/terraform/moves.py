"""Moves that a plan makes in place, and that need one setting more than the one that was changed."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, cast

INGRESS = "aws_vpc_security_group_ingress_rule"

Json = dict[str, Any]


def unprepared(document: Mapping[str, Any]) -> dict[str, str]:
    """By address what a plan, as `terraform show -json` has it, would cut off, and which setting prevents that."""
    found: dict[str, str] = {}
    changes = [(each, each["change"]) for each in document.get("resource_changes", [])]
    closed = {
        change["before"]["from_port"]
        for each, change in changes
        if each["type"] == INGRESS and change["actions"] == ["delete"]
    }
    for each, change in changes:
        before, after = (cast("Json", change.get(side) or {}) for side in ("before", "after"))
        if change["actions"] != ["update"]:
            continue
        if each["type"] == "aws_ecs_service":
            for port in sorted((_ports(before) - _ports(after)) & closed):
                found[each["address"]] = (
                    f"the load balancer would no longer reach the tasks that listen on {port}, before others are "
                    f"healthy: add previous_port = {port} to the service, and take it out in the next apply"
                )
        waits = not after.get("apply_immediately")
        if each["type"] == "aws_db_instance" and _major(before) != _major(after) and waits:
            found[each["address"]] = (
                f"PostgreSQL would go from {_major(before)} to {_major(after)} in the maintenance window, and this "
                "apply end with InvalidDBParameterGroupState: add db_apply_immediately = true, which takes the "
                "database down for minutes in the apply, and take it out afterwards"
            )
    return found


def _ports(service: Json) -> set[int]:
    return {block["container_port"] for block in service.get("load_balancer", [])}


def _major(database: Json) -> str:
    return str(database.get("engine_version")).partition(".")[0]
