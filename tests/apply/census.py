"""How many there are of each kind in an account that holds nothing but one platform, asked without ops/recovery."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from tests.support import Json

NOT_COUNTED = {
    "aws_default_network_acl": "one with each VPC",
    "aws_default_security_group": "one with each VPC",
    "aws_ecs_cluster_capacity_providers": "part of the cluster",
    "aws_ecs_task_definition": "an older revision stays registered, by design",
    "aws_route": "part of its table",
    "aws_secretsmanager_secret_version": "the one before stays, without a label of its own",
    "aws_sns_topic_policy": "part of the topic",
}


def expected(document: Json) -> dict[str, int]:
    """By type, as the stack's JSON has it; parts of a bucket's configuration are left out."""
    counts = {kind: len(found) for kind, found in document["resource"].items() if not kind.startswith("aws_s3_bucket_")}
    return {kind: count for kind, count in counts.items() if kind not in NOT_COUNTED}


def census(account: Any) -> dict[str, int]:
    """By type, as the API has it; what every account has of itself, and the places of states, are left out."""
    return {kind: len(list(found)) for kind, found in _all(account.client)}


def _all(client: Any) -> Iterator[tuple[str, Any]]:
    yield from _network(client("ec2"))
    elb, ecs, scaling = client("elbv2"), client("ecs"), client("application-autoscaling")
    balancers = elb.describe_load_balancers()["LoadBalancers"]
    listeners = [
        each
        for balancer in balancers
        for each in elb.describe_listeners(LoadBalancerArn=balancer["LoadBalancerArn"])["Listeners"]
    ]
    yield "aws_lb", balancers
    yield "aws_lb_target_group", elb.describe_target_groups()["TargetGroups"]
    yield "aws_lb_listener", listeners
    yield (
        "aws_lb_listener_rule",
        [
            rule
            for each in listeners
            for rule in elb.describe_rules(ListenerArn=each["ListenerArn"])["Rules"]
            if not rule["IsDefault"]
        ],
    )
    clusters = ecs.list_clusters()["clusterArns"]
    yield "aws_ecs_cluster", clusters
    yield "aws_ecs_service", [arn for each in clusters for arn in ecs.list_services(cluster=each)["serviceArns"]]
    yield "aws_appautoscaling_target", scaling.describe_scalable_targets(ServiceNamespace="ecs")["ScalableTargets"]
    yield "aws_appautoscaling_policy", scaling.describe_scaling_policies(ServiceNamespace="ecs")["ScalingPolicies"]

    rds, users, kms = client("rds"), client("cognito-idp"), client("kms")
    yield "aws_db_instance", rds.describe_db_instances()["DBInstances"]
    yield "aws_db_event_subscription", rds.describe_event_subscriptions()["EventSubscriptionsList"]
    yield "aws_db_parameter_group", rds.describe_db_parameter_groups()["DBParameterGroups"]
    yield "aws_db_subnet_group", rds.describe_db_subnet_groups()["DBSubnetGroups"]
    tables = client("dynamodb").list_tables()["TableNames"]
    yield "aws_dynamodb_table", [name for name in tables if not name.startswith("terraform-state-lock-")]
    pools = [each["Id"] for each in users.list_user_pools(MaxResults=60)["UserPools"]]
    yield "aws_cognito_user_pool", pools
    yield (
        "aws_cognito_user_pool_client",
        [each for pool in pools for each in users.list_user_pool_clients(UserPoolId=pool)["UserPoolClients"]],
    )
    yield "aws_cognito_user_group", [each for pool in pools for each in users.list_groups(UserPoolId=pool)["Groups"]]
    aliases = kms.list_aliases()["Aliases"]
    of_aws = {each.get("TargetKeyId") for each in aliases if each["AliasName"].startswith("alias/aws/")}
    yield "aws_kms_alias", [each for each in aliases if not each["AliasName"].startswith("alias/aws/")]
    yield "aws_kms_key", [key for key in kms.list_keys()["Keys"] if key["KeyId"] not in of_aws]
    yield "aws_secretsmanager_secret", client("secretsmanager").list_secrets()["SecretList"]
    yield "aws_s3_bucket", [each for each in client("s3").list_buckets()["Buckets"] if "state" not in each["Name"]]

    backup = client("backup")
    plans = [each["BackupPlanId"] for each in backup.list_backup_plans()["BackupPlansList"]]
    yield "aws_backup_plan", plans
    yield (
        "aws_backup_selection",
        [each for plan in plans for each in backup.list_backup_selections(BackupPlanId=plan)["BackupSelectionsList"]],
    )
    yield "aws_backup_vault", backup.list_backup_vaults()["BackupVaultList"]
    iam, logs, alarms = client("iam"), client("logs"), client("cloudwatch")
    roles = [each["RoleName"] for each in iam.list_roles()["Roles"]]
    yield "aws_iam_role", roles
    yield (
        "aws_iam_role_policy",
        [name for each in roles for name in iam.list_role_policies(RoleName=each)["PolicyNames"]],
    )
    groups = [each["logGroupName"] for each in logs.describe_log_groups()["logGroups"]]
    yield "aws_cloudwatch_log_group", groups
    yield (
        "aws_cloudwatch_log_stream",
        [each for group in groups for each in logs.describe_log_streams(logGroupName=group)["logStreams"]],
    )
    found = alarms.describe_alarms()["MetricAlarms"]
    # Autoscaling makes some of its own.
    yield "aws_cloudwatch_metric_alarm", [each for each in found if not each["AlarmName"].startswith("TargetTracking-")]
    yield "aws_cloudwatch_dashboard", alarms.list_dashboards()["DashboardEntries"]
    yield "aws_sns_topic", client("sns").list_topics()["Topics"]


def _network(ec2: Any) -> Iterator[tuple[str, Any]]:
    vpcs = [each["VpcId"] for each in ec2.describe_vpcs()["Vpcs"] if not each["IsDefault"]]
    inside = [{"Name": "vpc-id", "Values": vpcs}]
    groups = ec2.describe_security_groups(Filters=inside)["SecurityGroups"]
    rules = ec2.describe_security_group_rules(Filters=[{"Name": "group-id", "Values": [g["GroupId"] for g in groups]}])
    tables = ec2.describe_route_tables(Filters=inside)["RouteTables"]
    default = [each["VpcId"] for each in ec2.describe_vpcs()["Vpcs"] if each["IsDefault"]]
    gateways = ec2.describe_internet_gateways()["InternetGateways"]
    yield "aws_vpc", vpcs
    yield "aws_subnet", ec2.describe_subnets(Filters=inside)["Subnets"]
    yield (
        "aws_internet_gateway",
        [each for each in gateways if not any(at["VpcId"] in default for at in each["Attachments"])],
    )
    yield "aws_eip", ec2.describe_addresses()["Addresses"]
    yield "aws_nat_gateway", [n for n in ec2.describe_nat_gateways()["NatGateways"] if n["State"] == "available"]
    yield (
        "aws_route_table",
        [each for each in tables if not any(at.get("Main") for at in each["Associations"])],
    )
    yield (
        "aws_route_table_association",
        [at for each in tables for at in each["Associations"] if not at.get("Main")],
    )
    yield "aws_vpc_endpoint", ec2.describe_vpc_endpoints(Filters=inside)["VpcEndpoints"]
    yield "aws_flow_log", ec2.describe_flow_logs()["FlowLogs"]
    yield "aws_security_group", [each for each in groups if each["GroupName"] != "default"]
    for kind, egress in (("ingress", False), ("egress", True)):
        yield f"aws_vpc_security_group_{kind}_rule", [r for r in rules["SecurityGroupRules"] if r["IsEgress"] == egress]
