"""What exists in the account of an environment, asked from the AWS API and not from Terraform's state."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from typing import Any

from botocore.exceptions import ClientError

from environments.settings import SERVICES, Settings
from ops.core.aws import Aws
from ops.state import file as state
from ops.state import lock as state_lock
from ops.terraform.synthesized import S3Backend

Row = tuple[str, str]
"""What, and how it is."""


class Missing(Exception):
    """Something that should exist does not."""


def inspect(aws: Aws, settings: Settings, backend: S3Backend) -> tuple[list[Row], list[str]]:
    """The rows of the table, and the parts that do not exist."""
    rows: list[Row] = []
    missing: list[str] = []
    for what, look in PARTS:
        try:
            rows.append((what, look(aws, settings)))
        except (Missing, ClientError) as error:
            rows.append((what, f"missing: {error}"))
            missing.append(what)
    for what, look_at_state in STATE_PARTS:
        try:
            rows.append((what, look_at_state(aws, backend)))
        except Missing as error:
            rows.append((what, f"missing: {error}"))
            missing.append(what)
    return rows, missing


def _one(found: list[Any], what: str) -> Any:
    if not found:
        raise Missing(what)
    return found[0]


def _load_balancer(aws: Aws, settings: Settings) -> Any:
    name = settings.names.load_balancer
    return _one(aws.client("elbv2").describe_load_balancers(Names=[name])["LoadBalancers"], name)


def network(aws: Aws, settings: Settings) -> str:
    vpc_id = _load_balancer(aws, settings)["VpcId"]
    ec2 = aws.client("ec2")
    of_vpc = [{"Name": "vpc-id", "Values": [vpc_id]}]
    vpc = _one(ec2.describe_vpcs(VpcIds=[vpc_id])["Vpcs"], vpc_id)
    subnets = ec2.describe_subnets(Filters=of_vpc)["Subnets"]
    zones = sorted({subnet["AvailabilityZone"] for subnet in subnets})
    nats = [nat for nat in ec2.describe_nat_gateways(Filters=of_vpc)["NatGateways"] if nat["State"] == "available"]
    return f"{vpc['CidrBlock']}, {len(subnets)} subnets in {', '.join(zones)}, {len(nats)} NAT"


def load_balancer(aws: Aws, settings: Settings) -> str:
    balancer = _load_balancer(aws, settings)
    elb = aws.client("elbv2")
    listeners = elb.describe_listeners(LoadBalancerArn=balancer["LoadBalancerArn"])["Listeners"]
    parts: list[str] = []
    for listener in listeners:
        rules = elb.describe_rules(ListenerArn=listener["ListenerArn"])["Rules"]
        paths = [
            value
            for rule in sorted(rules, key=lambda rule: rule["Priority"])
            for condition in rule["Conditions"]
            for value in condition.get("PathPatternConfig", {}).get("Values", condition.get("Values", []))
        ]
        parts.append(f"{listener['Protocol']}:{listener['Port']} rules {' '.join(paths) or 'default only'}")
    return f"{balancer['State']['Code']}, {'; '.join(parts)}"


def services(aws: Aws, settings: Settings) -> str:
    names = settings.names
    wanted = [names.service(each).ecs_service for each in SERVICES]
    found = aws.client("ecs").describe_services(cluster=names.cluster, services=wanted)["services"]
    active = {service["serviceName"]: service for service in found if service["status"] == "ACTIVE"}
    for name in wanted:
        if name not in active:
            raise Missing(name)
    return ", ".join(
        f"{active[name]['taskDefinition'].rpartition('/')[2]} x{active[name]['desiredCount']}" for name in wanted
    )


def database(aws: Aws, settings: Settings) -> str:
    name = settings.names.database
    instance = _one(aws.client("rds").describe_db_instances(DBInstanceIdentifier=name)["DBInstances"], name)
    zones = "multi-AZ" if instance["MultiAZ"] else "one zone"
    return f"{instance['Engine']} {instance['EngineVersion']} {instance['DBInstanceStatus']}, {zones}"


def items(aws: Aws, settings: Settings) -> str:
    table = aws.client("dynamodb").describe_table(TableName=settings.names.items_table)["Table"]
    return f"{table['TableName']} {table['TableStatus']}"


def users(aws: Aws, settings: Settings) -> str:
    name = settings.names.user_pool
    pools = aws.client("cognito-idp").list_user_pools(MaxResults=60)["UserPools"]
    return f"{_one([pool for pool in pools if pool['Name'] == name], name)['Id']}"


def secret(aws: Aws, settings: Settings) -> str:
    """Existence only: the value is never read."""
    if settings.password_from_rds:
        name = settings.names.database
        instance = _one(aws.client("rds").describe_db_instances(DBInstanceIdentifier=name)["DBInstances"], name)
        kept = instance.get("MasterUserSecret")
        if not kept:
            raise Missing(f"the secret of {name}, which RDS makes")
        return f"{kept['SecretArn'].rpartition(':')[2]} {kept['SecretStatus']}"
    return str(aws.client("secretsmanager").describe_secret(SecretId=settings.names.database_url_secret)["Name"])


def alarms(aws: Aws, settings: Settings) -> str:
    prefix, suffix = f"{settings.project}-", f"-{settings.environment}"
    pages = aws.client("cloudwatch").get_paginator("describe_alarms").paginate(AlarmNamePrefix=prefix)
    own = [alarm for page in pages for alarm in page["MetricAlarms"] if alarm["AlarmName"].endswith(suffix)]
    _one(own, f"{prefix}*{suffix}")
    states = Counter(str(alarm["StateValue"]) for alarm in own)
    return ", ".join(f"{count} {name}" for name, count in sorted(states.items()))


def log_groups(aws: Aws, settings: Settings) -> str:
    logs = aws.client("logs")
    shown: list[str] = []
    for name in (settings.names.service(each).log_group for each in SERVICES):
        groups = logs.describe_log_groups(logGroupNamePrefix=name)["logGroups"]
        group = _one([group for group in groups if group["logGroupName"] == name], name)
        shown.append(f"{name} {group.get('retentionInDays', 'unlimited')} d")
    return ", ".join(shown)


def state_object(aws: Aws, backend: S3Backend) -> str:
    found = state.remote(aws, backend)
    if found is None:
        raise Missing(f"s3://{backend.bucket}/{backend.key}")
    return f"{backend.key} serial {found.serial}, {found.resources} resources"


def lock(aws: Aws, backend: S3Backend) -> str:
    holder = state_lock.read(aws, backend)
    return f"held by {holder}" if holder else f"{backend.dynamodb_table} free"


PARTS: tuple[tuple[str, Callable[[Aws, Settings], str]], ...] = (
    ("network", network),
    ("load balancer", load_balancer),
    ("services", services),
    ("database", database),
    ("items table", items),
    ("user pool", users),
    ("database URL secret", secret),
    ("alarms", alarms),
    ("log groups", log_groups),
)
STATE_PARTS: tuple[tuple[str, Callable[[Aws, S3Backend], str]], ...] = (
    ("state", state_object),
    ("state lock", lock),
)
