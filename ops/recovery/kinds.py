"""Every resource type of the stacks: how its objects are found, or why they are not imported."""

from __future__ import annotations

from ops.recovery import (
    backups,
    buckets,
    containers,
    databases,
    identity,
    load_balancing,
    monitoring,
    network,
    secrets,
    security_groups,
)
from ops.recovery.finding import Kind

KINDS: dict[str, Kind] = {
    **network.KINDS,
    **security_groups.KINDS,
    **load_balancing.KINDS,
    **containers.KINDS,
    **databases.KINDS,
    **identity.KINDS,
    **backups.KINDS,
    **buckets.KINDS,
    **secrets.KINDS,
    **monitoring.KINDS,
}

LEFT_TO_APPLY = {
    "aws_default_network_acl": (
        "is not imported: the apply takes over the VPC's own, sets its rules and removes others"
    ),
    "aws_default_security_group": (
        "is not imported: the rules that it may still have would stay, and no plan would show them. The apply takes "
        "the VPC's group over and removes them"
    ),
    "aws_secretsmanager_secret_version": (
        "is not imported: that would read the secret's value into the state. The apply writes a newer version, which "
        "is the current one then"
    ),
    "aws_sns_topic_subscription": (
        "is not imported: one that nobody confirmed yet cannot be. The apply subscribes the same address, which stays "
        "one subscription"
    ),
    "terraform_data": "is in no account: the apply writes it into the state again",
}
"""Types that the next apply makes again without a conflict, and why that is better than an import."""
