"""Log groups that a plan deletes."""

from __future__ import annotations

from typing import Any

from ops.recovery import log_groups


def test_log_groups_that_a_destroy_deletes_are_told_by_name():
    def change(type_: str, *actions: str) -> dict[str, Any]:
        return {"type": type_, "change": {"actions": list(actions), "before": {"name": f"{type_} {actions}"}}}

    group = "aws_cloudwatch_log_group"
    changes = [change(group, "delete"), change(group, "delete", "create"), change("aws_lb", "delete")]
    assert log_groups.deleted({"resource_changes": changes}) == [f"{group} ('delete',)"]
