"""Every name in a stack's JSON, against what its service accepts."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator

from environments import aws_limits as aws
from environments.aws_limits import NameLimit
from environments.problems import quote
from ops.checks.offline.findings import Finding, fail
from ops.terraform.synthesized import Stack

ALARM = NameLimit("alarm", 255, r"[ -~]+", "printable characters")
"""CloudWatch API reference, "PutMetricAlarm"."""
KMS_ALIAS = NameLimit(
    "KMS alias", 256, r"alias/(?!aws/)[A-Za-z0-9/_-]+", "alias/ and letters, digits, slashes, _ and -"
)
"""KMS API reference, "CreateAlias"."""
LOG_STREAM = NameLimit("log stream", 512, r"[^:*]+", "no colon and no asterisk")
"""CloudWatch Logs API reference, "CreateLogStream"."""
ROLE_POLICY = NameLimit("role policy", 128, r"[\w+=,.@-]+", "letters, digits and _+=,.@-")
"""IAM API reference, "PutRolePolicy"."""
USER_GROUP = NameLimit("Cognito group", 128, r"\S+", "letters, digits and punctuation")
"""Cognito user pools API reference, "CreateGroup"."""
REPOSITORY = NameLimit("repository", 256, aws.REPOSITORY, "lowercase words joined by - _ . or /")

LIMITS: dict[str, tuple[str, NameLimit]] = {
    "aws_appautoscaling_policy": ("name", aws.SCALING_POLICY),
    "aws_backup_plan": ("name", aws.BACKUP_PLAN),
    "aws_backup_selection": ("name", aws.BACKUP_PLAN),
    "aws_backup_vault": ("name", aws.BACKUP_VAULT),
    "aws_cloudwatch_dashboard": ("dashboard_name", aws.DASHBOARD),
    "aws_cloudwatch_log_group": ("name", aws.LOG_GROUP),
    "aws_cloudwatch_log_stream": ("name", LOG_STREAM),
    "aws_cloudwatch_metric_alarm": ("alarm_name", ALARM),
    "aws_cognito_user_group": ("name", USER_GROUP),
    "aws_cognito_user_pool": ("name", aws.USER_POOL),
    "aws_cognito_user_pool_client": ("name", aws.USER_POOL),
    "aws_db_event_subscription": ("name", aws.DB_EVENT_SUBSCRIPTION),
    "aws_db_instance": ("identifier", aws.DATABASE),
    "aws_db_parameter_group": ("name", aws.DB_PARAMETER_GROUP),
    "aws_db_subnet_group": ("name", aws.DB_SUBNET_GROUP),
    "aws_dynamodb_table": ("name", aws.DYNAMODB_TABLE),
    "aws_ecr_repository": ("name", REPOSITORY),
    "aws_ecs_cluster": ("name", aws.ECS),
    "aws_ecs_service": ("name", aws.ECS),
    "aws_ecs_task_definition": ("family", aws.ECS),
    "aws_iam_policy": ("name", aws.POLICY),
    "aws_iam_role": ("name", aws.ROLE),
    "aws_iam_role_policy": ("name", ROLE_POLICY),
    "aws_kms_alias": ("name", KMS_ALIAS),
    "aws_lb": ("name", aws.LOAD_BALANCER),
    "aws_lb_target_group": ("name", aws.TARGET_GROUP),
    "aws_s3_bucket": ("bucket", aws.BUCKET),
    "aws_secretsmanager_secret": ("name", aws.SECRET),
    "aws_security_group": ("name", aws.SECURITY_GROUP),
    "aws_sns_topic": ("name", aws.TOPIC),
}
"""Of each type that has a name of its own: the attribute, and what may be in it."""


def names_fit(stack: Stack) -> Iterator[Finding]:
    for type_, (attribute, limit) in LIMITS.items():
        for address, resource in stack.all(type_).items():
            if attribute in resource:
                yield from _fits(address, attribute, limit, resource[attribute])
    for address, task in stack.all("aws_ecs_task_definition").items():
        for container in json.loads(task["container_definitions"]):
            yield from _fits(address, "container's name", aws.ECS, container["name"])


def _fits(address: str, attribute: str, limit: NameLimit, name: str) -> Iterator[Finding]:
    if "${" in name:
        return  # made of what is known only after an apply
    if len(name) > limit.longest:
        over = len(name) - limit.longest
        yield fail(
            address,
            f"{attribute} {quote(name)} has {len(name)} characters, expected at most {limit.longest}: make project, "
            f"environment or vpc_name {over} shorter",
        )
    elif not re.fullmatch(limit.pattern, name, re.ASCII):
        yield fail(address, f"{attribute} is {quote(name)}, expected {limit.allowed}")
