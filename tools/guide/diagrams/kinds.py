"""How each type of resource is drawn, and what is said below its icon."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from environments.problems import counted
from tools.guide.diagrams.stack import (
    Json,
    Stack,
    label,
    type_of,
)

Facts = Callable[[Stack, dict[str, Json]], list[str]]


def names(_: Stack, resources: dict[str, Json]) -> list[str]:
    return [label(address) for address in resources]


def database(_: Stack, resources: dict[str, Json]) -> list[str]:
    ((address, each),) = resources.items()
    where = "Multi-AZ" if each["multi_az"] else "Single-AZ"
    return [label(address), f"{each['engine']} {each['engine_version']}", f"{each['instance_class']}, {where}"]


def service(stack: Stack, resources: dict[str, Json]) -> list[str]:
    ((address, each),) = resources.items()
    scaling = [each for each in stack.of("aws_appautoscaling_target").values() if address in each["resource_id"]]
    tasks = f"{scaling[0]['min_capacity']}-{scaling[0]['max_capacity']}" if scaling else each["desired_count"]
    ports = ", ".join(str(target["container_port"]) for target in each["load_balancer"])
    return [label(address), f"port {ports}", f"{tasks} {each['launch_type'].title()} tasks"]


def log_groups(_: Stack, resources: dict[str, Json]) -> list[str]:
    days = sorted({each["retention_in_days"] for each in resources.values()})
    return [f"{len(resources)} log groups", f"kept {'-'.join(map(str, days))} days"]


def alarms(_: Stack, resources: dict[str, Json]) -> list[str]:
    return [f"{len(resources)} alarms"]


def bucket(stack: Stack, resources: dict[str, Json]) -> list[str]:
    return [label(*resources), *(stack.region(each["provider"]) for each in resources.values() if "provider" in each)]


def endpoints(_: Stack, resources: dict[str, Json]) -> list[str]:
    services = ", ".join(each["service_name"].rpartition(".")[2] for each in resources.values())
    return [f"gateway endpoints for {services}"]


def key(stack: Stack, resources: dict[str, Json]) -> list[str]:
    encrypted = [each for each in stack.resources if kind(each) and resources.keys() & stack.uses(each)]
    return [*names(stack, resources), f"encrypts {counted(len(encrypted), 'resource')}"]


def roles(stack: Stack, resources: dict[str, Json]) -> list[str]:
    """Those that the identity provider's tokens may take."""
    return [label(address) for address in stack.of("aws_iam_role") if resources.keys() & stack.uses(address)]


@dataclass(frozen=True)
class Kind:
    """An icon, AWS's name, whether all of a type are one node, and what is said of them."""

    icon: str
    title: str
    together: bool = False
    facts: Facts = names


KINDS = {
    "aws_backup_vault": Kind("storage.Backup", "AWS Backup", True),
    "aws_cloudwatch_log_group": Kind("management.CloudwatchLogs", "CloudWatch Logs", True, log_groups),
    "aws_cloudwatch_metric_alarm": Kind("management.CloudwatchAlarm", "CloudWatch", True, alarms),
    "aws_cognito_user_pool": Kind("security.Cognito", "Cognito"),
    "aws_db_instance": Kind("database.RDS", "RDS", facts=database),
    "aws_dynamodb_table": Kind("database.Dynamodb", "DynamoDB", True),
    "aws_ecr_repository": Kind("compute.EC2ContainerRegistry", "ECR", True),
    "aws_ecs_service": Kind("compute.Fargate", "ECS", facts=service),
    "aws_iam_openid_connect_provider": Kind("security.IAMRole", "IAM roles", facts=roles),
    "aws_kms_key": Kind("security.KeyManagementService", "KMS", True, key),
    "aws_lb": Kind("network.ElbApplicationLoadBalancer", "Load balancer"),
    "aws_nat_gateway": Kind("network.NATGateway", "NAT gateways", True),
    "aws_s3_bucket": Kind("storage.SimpleStorageServiceS3Bucket", "S3", facts=bucket),
    "aws_secretsmanager_secret": Kind("security.SecretsManager", "Secrets Manager"),
    "aws_sns_topic": Kind("integration.SNS", "SNS"),
    "aws_vpc_endpoint": Kind("network.Endpoint", "Gateway endpoints", True, endpoints),
}

# Drawn as a frame or an edge, or a part of what is drawn. So is a type whose name only lengthens a drawn one's.
DETAILS = {
    "aws_appautoscaling_policy",
    "aws_appautoscaling_target",
    "aws_backup_plan",
    "aws_backup_selection",
    "aws_cloudwatch_dashboard",
    "aws_cloudwatch_log_stream",
    "aws_cognito_user_group",
    "aws_db_event_subscription",
    "aws_db_parameter_group",
    "aws_db_subnet_group",
    "aws_default_network_acl",
    "aws_default_security_group",
    "aws_ecr_lifecycle_policy",
    "aws_ecs_cluster",
    "aws_ecs_cluster_capacity_providers",
    "aws_ecs_task_definition",
    "aws_eip",
    "aws_flow_log",
    "aws_iam_policy",
    "aws_iam_role",
    "aws_iam_role_policy",
    "aws_iam_role_policy_attachment",
    "aws_internet_gateway",
    "aws_kms_alias",
    "aws_route",
    "aws_route_table",
    "aws_route_table_association",
    "aws_security_group",
    "aws_subnet",
    "aws_vpc",
    "aws_vpc_security_group_egress_rule",
    "aws_vpc_security_group_ingress_rule",
}


def kind(address: str) -> Kind | None:
    """How a resource is drawn; None for what is part of another. What nobody has drawn yet gets a general icon."""
    type_ = type_of(address)
    if type_ in KINDS:
        return KINDS[type_]
    if type_ in DETAILS or not type_.startswith("aws_") or any(type_.startswith(f"{drawn}_") for drawn in KINDS):
        return None
    return Kind("general.General", type_.removeprefix("aws_").replace("_", " "))
