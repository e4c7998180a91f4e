"""Mends moto 5.2.5 where the Terraform AWS provider 5.100 needs more than moto keeps; one function a gap.

Each says what AWS and the provider do, and what moto does instead. A gap mended upstream shows as a test of
tests/rehearsal/aws/patches/ that passes without its function: delete both.
"""

from __future__ import annotations

from collections.abc import Callable

from rehearsal.aws.patches import (
    autoscaling,
    backup,
    cognito,
    dynamodb,
    ec2,
    ecr,
    ecs,
    in_use,
    protection,
    rds,
    running,
    s3,
)

PATCHES: tuple[Callable[[], None], ...] = (
    autoscaling.target_tags,
    autoscaling.policies_end_with_their_target,
    backup.tags,
    backup.plans_that_change,
    backup.selections,
    backup.recovery_points,
    s3.bucket_replication,
    s3.bucket_events,
    s3.bucket_policy_conditions,
    s3.versions_of_a_suspended_bucket,
    ec2.rule_descriptions,
    rds.parameters_of_the_user,
    rds.instance_identity_and_insights,
    rds.changed_subnet_groups,
    rds.windows_that_touch,
    rds.last_log_lines,
    rds.managed_passwords,
    ecs.service_settings,
    ecs.service_updates,
    ecr.digests,
    ecr.immutable_tags,
    ecr.scan_on_push,
    dynamodb.encryption_of_an_existing_table,
    dynamodb.writes_one_at_a_time,
    cognito.revoke_token,
    cognito.what_a_pool_is_made_with,
    cognito.tags_of_pools,
    cognito.confirmation_codes,
    in_use.parameter_groups,
    in_use.subnet_groups,
    in_use.changes_of_a_database,
    in_use.names_of_deleted_secrets,
    protection.load_balancers,
    protection.user_pools,
    running.services,
    running.tasks,
    running.target_health,
)


def apply() -> None:
    """Mend the moto of this process; call once, before its first request."""
    for patch in PATCHES:
        patch()
