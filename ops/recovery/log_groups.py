"""Log groups that are there without a state: RDS makes its own anew while it is deleted, for its last lines.

They never expire, and the next apply would fail on their names ("Conflict between enabling cloudwatch logs on RDS
cluster and explicitly setting retention for the log group", issue 42858 of the Terraform AWS provider).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from ops.core.aws import Aws

TYPE = "aws_cloudwatch_log_group"


def existing(aws: Aws, names: Iterable[str]) -> list[str]:
    """Those of the names that a log group has."""
    pages = aws.client("logs").get_paginator("describe_log_groups")
    return [
        name
        for name in names
        if any(
            group["logGroupName"] == name
            for page in pages.paginate(logGroupNamePrefix=name)
            for group in page["logGroups"]
        )
    ]


def deleted(plan: Mapping[str, Any]) -> list[str]:
    """Names of those that a plan, as `terraform show -json` has it, deletes and does not make again."""
    return [
        change["change"]["before"]["name"]
        for change in plan.get("resource_changes", [])
        if change["type"] == TYPE and change["change"]["actions"] == ["delete"]
    ]


def remove(aws: Aws, names: Iterable[str]) -> list[str]:
    """Delete those that exist; their names."""
    found = existing(aws, names)
    for name in found:
        aws.client("logs").delete_log_group(logGroupName=name)
    return found
