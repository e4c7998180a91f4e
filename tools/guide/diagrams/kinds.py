"""Which resources are drawn, with which icon, and what is said of them."""

from __future__ import annotations

from typing import NamedTuple

from environments.problems import counted
from tools.guide.diagrams.stack import Json, Stack, label, type_of


class Kind(NamedTuple):
    """An icon, AWS's name, and whether all resources of the type are one node."""

    icon: str
    title: str
    together: bool = False


KINDS = {
    "aws_backup_vault": Kind("aws/storage/backup", "AWS Backup", True),
    "aws_cloudwatch_log_group": Kind("aws/management/cloudwatch-logs", "CloudWatch Logs", True),
    "aws_cloudwatch_metric_alarm": Kind("aws/management/cloudwatch-alarm", "CloudWatch", True),
    "aws_cognito_user_pool": Kind("aws/security/cognito", "Cognito"),
    "aws_db_instance": Kind("aws/database/rds", "RDS"),
    "aws_dynamodb_table": Kind("aws/database/dynamodb", "DynamoDB", True),
    "aws_ecr_repository": Kind("aws/compute/ec2-container-registry", "ECR", True),
    "aws_ecs_service": Kind("aws/compute/fargate", "ECS"),
    "aws_iam_openid_connect_provider": Kind("aws/security/identity-and-access-management-iam-role", "IAM roles"),
    "aws_kms_key": Kind("aws/security/key-management-service", "KMS", True),
    "aws_lb": Kind("aws/network/elb-application-load-balancer", "Load balancer"),
    "aws_nat_gateway": Kind("aws/network/nat-gateway", "NAT gateways", True),
    "aws_s3_bucket": Kind("aws/storage/simple-storage-service-s3-bucket", "S3"),
    "aws_secretsmanager_secret": Kind("aws/security/secrets-manager", "Secrets Manager"),
    "aws_sns_topic": Kind("aws/integration/simple-notification-service-sns", "SNS"),
}
UNKNOWN = "aws/general/general"
# A service is the second word of a type's name. Of one with a kind above, other types are details of what is drawn.
SERVICES = {type_.split("_")[1] for type_ in KINDS}
# Drawn as frames and edges, or in the picture of the network.
NOT_DRAWN = {"appautoscaling", "default", "eip", "flow", "internet", "route", "security", "subnet", "vpc"}


def kind(address: str) -> Kind | None:
    """How a resource is drawn, None if it is not; one of a service that nobody has drawn yet gets a general icon."""
    type_ = type_of(address)
    if type_ in KINDS:
        return KINDS[type_]
    if not type_.startswith("aws_") or type_.split("_")[1] in SERVICES | NOT_DRAWN:
        return None
    return Kind(UNKNOWN, type_.removeprefix("aws_").replace("_", " "))


def facts(stack: Stack, resources: dict[str, Json]) -> list[str]:
    """The lines below a node's title: which resources it stands for, and what tells most about them."""
    names = [label(address) for address in resources]
    address, first = next(iter(resources.items()))
    match type_of(address):
        case "aws_cloudwatch_log_group":
            days = sorted({each["retention_in_days"] for each in resources.values()})
            return [f"{len(names)} log groups", f"kept {'-'.join(map(str, days))} days"]
        case "aws_cloudwatch_metric_alarm":
            return [f"{len(names)} alarms"]
        case "aws_db_instance":
            zones = "Multi-AZ" if first["multi_az"] else "Single-AZ"
            return [*names, f"{first['engine']} {first['engine_version']}", f"{first['instance_class']}, {zones}"]
        case "aws_ecs_service":
            scaling = [
                each for each in stack.of("aws_appautoscaling_target").values() if address in each["resource_id"]
            ]
            tasks = f"{scaling[0]['min_capacity']}-{scaling[0]['max_capacity']}" if scaling else first["desired_count"]
            ports = ", ".join(str(each["container_port"]) for each in first["load_balancer"])
            return [*names, f"port {ports}", f"{tasks} {first['launch_type'].title()} tasks"]
        case "aws_iam_openid_connect_provider":
            return [label(role) for role in stack.of("aws_iam_role") if address in stack.uses(role)]
        case "aws_kms_key":
            encrypted = [each for each in stack.resources if kind(each) and resources.keys() & stack.uses(each)]
            return [*names, f"encrypts {counted(len(encrypted), 'resource')}"]
        case "aws_s3_bucket" if "provider" in first:
            return [*names, stack.region(first["provider"])]
        case _:
            return names
