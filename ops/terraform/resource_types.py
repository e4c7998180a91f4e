"""The one table of resource types: what the commands have to know of each type that the stacks consist of.

A new type needs a row here. Where no single call tells whether it exists, it needs a finder in ops/recovery too.
"""

from __future__ import annotations

from dataclasses import dataclass

from environments import aws_limits as aws
from environments.aws_limits import NameLimit


@dataclass(frozen=True)
class Name:
    """A name that the stack gives."""

    limit: NameLimit
    argument: str = "name"
    within: str = ""
    """What it is unique in, where that is not the account and region."""


@dataclass(frozen=True)
class Call:
    """The call that tells whether there is one: where there is none, AWS answers with an error or without a part."""

    service: str
    operation: str
    parameter: str
    argument: str = "name"
    """Of the resource: what is asked for, and Terraform's id of it."""
    part: str = ""
    """What the answer has only where there is one; empty where an answer is enough."""


@dataclass(frozen=True)
class ResourceType:
    """What is known of a type; an empty field says that it does not apply."""

    name: Name | None = None
    data: str = ""
    """What is lost with it: a plan may delete or replace one only with a waiver."""
    serving: str = ""
    """What is cut off while it is replaced: a plan may do that only with a waiver."""
    protection: tuple[str, object] | None = None
    """The attribute that protects it from deletion, and its value then."""
    found_by: Call | None = None
    """How `recover` finds it after a killed apply, where one call does."""
    left_to_apply: str = ""
    """Why `recover` does not import it: the next apply makes it again without a conflict."""


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


def _of_bucket(operation: str, part: str = "") -> ResourceType:
    """A part of a bucket's configuration."""
    return ResourceType(found_by=Call("s3", operation, "Bucket", "bucket", part))


TYPES: dict[str, ResourceType] = {
    "aws_appautoscaling_policy": ResourceType(Name(aws.SCALING_POLICY, within="the service")),
    "aws_appautoscaling_target": ResourceType(),
    "aws_backup_plan": ResourceType(Name(aws.BACKUP_PLAN)),
    "aws_backup_selection": ResourceType(Name(aws.BACKUP_PLAN, within="the plan")),
    "aws_backup_vault": ResourceType(Name(aws.BACKUP_VAULT), data="its recovery points"),
    "aws_cloudwatch_dashboard": ResourceType(
        Name(aws.DASHBOARD, "dashboard_name"),
        found_by=Call("cloudwatch", "get_dashboard", "DashboardName", "dashboard_name"),
    ),
    "aws_cloudwatch_log_group": ResourceType(Name(aws.LOG_GROUP)),
    "aws_cloudwatch_log_stream": ResourceType(Name(LOG_STREAM, within="the log group")),
    "aws_cloudwatch_metric_alarm": ResourceType(Name(ALARM, "alarm_name")),
    "aws_cognito_user_group": ResourceType(Name(USER_GROUP, within="the user pool")),
    "aws_cognito_user_pool": ResourceType(
        Name(aws.USER_POOL), data="its accounts and passwords", protection=("deletion_protection", "ACTIVE")
    ),
    "aws_cognito_user_pool_client": ResourceType(Name(aws.USER_POOL, within="the user pool")),
    "aws_db_event_subscription": ResourceType(
        Name(aws.DB_EVENT_SUBSCRIPTION), found_by=Call("rds", "describe_event_subscriptions", "SubscriptionName")
    ),
    "aws_db_instance": ResourceType(
        Name(aws.DATABASE, "identifier"), data="the database", protection=("deletion_protection", True)
    ),
    "aws_db_parameter_group": ResourceType(
        Name(aws.DB_PARAMETER_GROUP), found_by=Call("rds", "describe_db_parameter_groups", "DBParameterGroupName")
    ),
    "aws_db_subnet_group": ResourceType(
        Name(aws.DB_SUBNET_GROUP),
        serving="the database's network; AWS deletes none in use",
        found_by=Call("rds", "describe_db_subnet_groups", "DBSubnetGroupName"),
    ),
    "aws_default_network_acl": ResourceType(
        left_to_apply="is not imported: the apply takes over the VPC's own, sets its rules and removes others"
    ),
    "aws_default_security_group": ResourceType(
        left_to_apply=(
            "is not imported: the rules that it may still have would stay, and no plan would show them. The apply "
            "takes the VPC's group over and removes them"
        )
    ),
    "aws_dynamodb_table": ResourceType(
        Name(aws.DYNAMODB_TABLE),
        data="the table's items, or a state's lock",
        protection=("deletion_protection_enabled", True),
    ),
    "aws_ecr_lifecycle_policy": ResourceType(
        found_by=Call("ecr", "get_lifecycle_policy", "repositoryName", "repository")
    ),
    "aws_ecr_repository": ResourceType(Name(REPOSITORY), data="every image, so that nothing can start or roll back"),
    "aws_ecs_cluster": ResourceType(Name(aws.ECS), serving="every task until the new cluster has its own"),
    "aws_ecs_cluster_capacity_providers": ResourceType(),
    "aws_ecs_service": ResourceType(
        Name(aws.ECS, within="the cluster"), serving="every task of it until new ones are healthy"
    ),
    "aws_ecs_task_definition": ResourceType(Name(aws.ECS, "family")),
    "aws_eip": ResourceType(),
    "aws_flow_log": ResourceType(),
    "aws_iam_openid_connect_provider": ResourceType(),
    "aws_iam_policy": ResourceType(Name(aws.POLICY)),
    "aws_iam_role": ResourceType(Name(aws.ROLE)),
    "aws_iam_role_policy": ResourceType(Name(ROLE_POLICY, within="the role")),
    "aws_iam_role_policy_attachment": ResourceType(),
    "aws_internet_gateway": ResourceType(),
    "aws_kms_alias": ResourceType(Name(KMS_ALIAS)),
    "aws_kms_key": ResourceType(data="the key, and with it all that it encrypts"),
    "aws_lb": ResourceType(
        Name(aws.LOAD_BALANCER),
        serving="the address that requests come to",
        protection=("enable_deletion_protection", True),
    ),
    "aws_lb_listener": ResourceType(),
    "aws_lb_listener_rule": ResourceType(),
    "aws_lb_target_group": ResourceType(
        Name(aws.TARGET_GROUP),
        serving="every request to its service; AWS deletes none that a listener or rule names",
    ),
    "aws_nat_gateway": ResourceType(),
    "aws_route": ResourceType(),
    "aws_route_table": ResourceType(),
    "aws_route_table_association": ResourceType(),
    "aws_s3_bucket": ResourceType(
        Name(aws.BUCKET, "bucket"), data="the bucket's objects: access logs, or every Terraform state"
    ),
    "aws_s3_bucket_lifecycle_configuration": _of_bucket("get_bucket_lifecycle_configuration"),
    "aws_s3_bucket_notification": _of_bucket("get_bucket_notification_configuration", "EventBridgeConfiguration"),
    "aws_s3_bucket_ownership_controls": _of_bucket("get_bucket_ownership_controls"),
    "aws_s3_bucket_policy": _of_bucket("get_bucket_policy"),
    "aws_s3_bucket_public_access_block": _of_bucket("get_public_access_block"),
    "aws_s3_bucket_replication_configuration": _of_bucket("get_bucket_replication"),
    "aws_s3_bucket_server_side_encryption_configuration": _of_bucket("get_bucket_encryption"),
    "aws_s3_bucket_versioning": _of_bucket("get_bucket_versioning", "Status"),
    "aws_secretsmanager_secret": ResourceType(Name(aws.SECRET), data="the secret"),
    "aws_secretsmanager_secret_version": ResourceType(
        left_to_apply=(
            "is not imported: that would read the secret's value into the state. The apply writes a newer version, "
            "which is the current one then"
        )
    ),
    "aws_security_group": ResourceType(Name(aws.SECURITY_GROUP, within="the VPC")),
    "aws_sns_topic": ResourceType(Name(aws.TOPIC)),
    "aws_sns_topic_policy": ResourceType(),
    "aws_sns_topic_subscription": ResourceType(
        left_to_apply=(
            "is not imported: one that nobody confirmed yet cannot be. The apply subscribes the same address, which "
            "stays one subscription"
        )
    ),
    "aws_subnet": ResourceType(serving="what is in it; AWS deletes none in use"),
    "aws_vpc": ResourceType(serving="the whole network; AWS deletes none in use"),
    "aws_vpc_endpoint": ResourceType(),
    "aws_vpc_security_group_egress_rule": ResourceType(),
    "aws_vpc_security_group_ingress_rule": ResourceType(),
    "terraform_data": ResourceType(left_to_apply="is in no account: the apply writes it into the state again"),
}


def of(type_: str) -> ResourceType:
    """The row of a type; an empty one for a type of which nothing is known."""
    return TYPES.get(type_, ResourceType())
