"""Rules that AWS documents and its models do not have: what is written in prose, pairs of parameters, quotas.

What moto checks itself is not repeated. The limits are those by which a tfvars file is read: here they are applied to
what reaches AWS another way, a module's own value or a command of `ops`.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

from moto.core.exceptions import ServiceException

from environments import aws_limits

Parameters = dict[str, Any]
TASK_ERROR = "ClientException"
PAIR_ERROR = "InvalidParameterCombination"


class Refusal(ServiceException):
    """AWS's refusal; moto looks for the model of an exception where its class is defined, and here is none."""


@dataclass(frozen=True)
class Rule:
    """What the named operations of a service refuse, or all of them where none is named.

    `refuses` gives AWS's words for parameters that the model accepts. Without a code it is that of the model.
    """

    service: str
    operations: tuple[str, ...]
    refuses: Callable[[Parameters], str | None]
    source: str
    code: str | None = None


def refused(service: str, operation: str, parameters: Parameters, code: str) -> Refusal | None:
    """The first refusal of an operation's parameters, with `code` where the rule has none of its own."""
    for rule in RULES:
        if rule.service == service and operation in (rule.operations or (operation,)):
            words = rule.refuses(parameters)
            if words:
                return Refusal(rule.code or code, words)
    return None


def _on_fargate(task: Parameters) -> bool:
    return "FARGATE" in task.get("requiresCompatibilities", [])


def fargate_size(task: Parameters) -> str | None:
    if not _on_fargate(task):
        return None
    cpu, memory = _units(task.get("cpu"), "vcpu"), _units(task.get("memory"), "gb")
    exists = memory in aws_limits.FARGATE_MEMORY.get(cpu, ())
    return None if exists else "No Fargate configuration exists for given values."


def _units(text: str | None, unit: str) -> int:
    """CPU units or MiB of "256", ".25 vCPU" or "0.5 GB"; 0 of nothing."""
    value = (text or "0").lower().replace(" ", "")
    return int(float(value.removesuffix(unit)) * 1024) if value.endswith(unit) else int(value)


def fargate_network(task: Parameters) -> str | None:
    other = _on_fargate(task) and task.get("networkMode") != "awsvpc"
    return "Fargate only supports network mode 'awsvpc'." if other else None


def fargate_execution_role(task: Parameters) -> str | None:
    if not _on_fargate(task) or task.get("executionRoleArn"):
        return None
    drivers = [each.get("logConfiguration", {}).get("logDriver") for each in task["containerDefinitions"]]
    if "awslogs" in drivers:
        return "Fargate requires task definition to have execution role ARN to support log driver awslogs."
    if any(".dkr.ecr." in each.get("image", "") for each in task["containerDefinitions"]):
        return "Fargate requires task definition to have execution role ARN to support ECR images."
    return None


def container_memory(task: Parameters) -> str | None:
    total = sum(each.get("memory", 0) for each in task["containerDefinitions"])
    if not task.get("memory") or total <= _units(task["memory"], "gb"):
        return None
    return "The total amount of memory reserved for all containers must be lower than the task memory value."


CONTAINER_CHECK = {"interval": (5, 300), "timeout": (2, 60), "retries": (1, 10), "startPeriod": (0, 300)}
LONGEST_STOP_SECONDS = 120


def container_times(task: Parameters) -> str | None:
    for container in task["containerDefinitions"]:
        check = container.get("healthCheck", {})
        for key, (least, most) in CONTAINER_CHECK.items():
            if not least <= check.get(key, least) <= most:
                return f"Container.healthCheck.{key}: you may specify between {least} and {most}, got {check[key]}."
        if _on_fargate(task) and container.get("stopTimeout", 0) > LONGEST_STOP_SECONDS:
            return f"The max stop timeout value is {LONGEST_STOP_SECONDS} seconds."
    return None


START_SECONDS = (2, 120)


def container_dependencies(task: Parameters) -> str | None:
    containers = {each["name"]: each for each in task["containerDefinitions"]}
    for container in containers.values():
        for needed in container.get("dependsOn", []):
            other = containers.get(needed["containerName"])
            if other is None:
                return f"Container dependency {needed['containerName']} does not exist in the task definition."
            if needed["condition"] in ("SUCCESS", "COMPLETE") and other.get("essential", True):
                return "A dependency container with SUCCESS or COMPLETE condition cannot be an essential container"
            if needed["condition"] == "HEALTHY" and "healthCheck" not in other:
                return f"Container {needed['containerName']} has no health check for the condition HEALTHY."
        least, most = START_SECONDS
        if _on_fargate(task) and not least <= container.get("startTimeout", least) <= most:
            return f"Container.startTimeout: you may specify between {least} and {most} on Fargate."
    return None


def load_balancer_name(balancer: Parameters) -> str | None:
    name, limit = balancer["Name"], aws_limits.LOAD_BALANCER
    if len(name) > limit.longest:
        return f"The load balancer name '{name}' cannot be longer than '{limit.longest}' characters"
    return None if re.fullmatch(limit.pattern, name) else f"The load balancer name '{name}' must have {limit.allowed}"


def target_health_check(group: Parameters) -> str | None:
    interval, timeout = group.get("HealthCheckIntervalSeconds"), group.get("HealthCheckTimeoutSeconds")
    late = interval is not None and timeout is not None and interval <= timeout
    return "Health check interval must be greater than the timeout." if late else None


def alarm_periods(alarm: Parameters) -> str | None:
    period, count = alarm.get("Period"), alarm.get("EvaluationPeriods", 1)
    if alarm.get("DatapointsToAlarm", 1) > count:
        return "DatapointsToAlarm must be less than or equal to EvaluationPeriods"
    if period is None:
        return None
    if period not in (10, 20, 30) and period % 60:
        return "Valid values for Period are 10, 20, 30, and any multiple of 60."
    longest = 86400 if period < 3600 else 604800
    too_long = period * count > longest
    return f"Period multiplied by EvaluationPeriods can't be more than {longest} seconds." if too_long else None


def log_retention(policy: Parameters) -> str | None:
    days = policy["retentionInDays"]
    known = days in aws_limits.LOG_RETENTION_DAYS
    return None if known else f"Invalid retention value {days}. Valid values are: {list(aws_limits.LOG_RETENTION_DAYS)}"


def database_password(database: Parameters) -> str | None:
    password = database.get("MasterUserPassword")
    if password is None:
        return None
    if not 8 <= len(password) <= 128:
        return "The parameter MasterUserPassword is not a valid password: it must contain from 8 to 128 characters."
    if not re.fullmatch(r"[!-~]+", password) or set(password) & set('/@"'):
        return (
            "The parameter MasterUserPassword is not a valid password. "
            "Only printable ASCII characters besides '/', '@', '\"', ' ' may be used."
        )
    return None


def database_names(database: Parameters) -> str | None:
    identifier = database["DBInstanceIdentifier"]
    if len(identifier) > aws_limits.DATABASE.longest or not re.fullmatch(
        aws_limits.DATABASE.pattern, identifier.lower()
    ):
        return f"The parameter DBInstanceIdentifier is not a valid identifier: {aws_limits.DATABASE.allowed}."
    for key in ("DBName", "MasterUsername"):
        name = database.get(key)
        if name is None:
            continue
        if not re.fullmatch(aws_limits.DATABASE_IDENTIFIER, name):
            return f"{key} must begin with a letter and contain only alphanumeric characters."
        if name.lower() in aws_limits.RESERVED_DATABASE_WORDS:
            return f"{key} {name} cannot be used as it is a reserved word used by the engine"
    return None


def database_numbers(database: Parameters) -> str | None:
    for key, allowed in (
        ("AllocatedStorage", aws_limits.STORAGE_GIB),
        ("BackupRetentionPeriod", aws_limits.BACKUP_DAYS),
        ("MonitoringInterval", aws_limits.MONITORING_SECONDS),
        ("PerformanceInsightsRetentionPeriod", (7, *range(31, 23 * 31 + 1, 31), 731)),
    ):
        if database.get(key, allowed[0]) not in allowed:
            return f"Invalid value {database[key]} for {key}."
    return None


def database_monitoring(database: Parameters) -> str | None:
    if bool(database.get("MonitoringInterval")) == bool(database.get("MonitoringRoleArn")):
        return None
    return "A MonitoringRoleARN value is required if you specify a MonitoringInterval value other than 0."


def database_storage(database: Parameters) -> str | None:
    size = database.get("AllocatedStorage", 0)
    too_small = database.get("MaxAllocatedStorage", size) < size
    return "Max storage size must be greater than storage size" if too_small else None


SECURITY_GROUP_TEXT = r"[a-zA-Z0-9. _\-:/()#,@\[\]+=&;{}!$*]{0,255}"


def security_group_text(parameters: Parameters) -> str | None:
    told = [("security group", parameters)]
    for rule in parameters.get("IpPermissions", []):
        for key in ("IpRanges", "Ipv6Ranges", "PrefixListIds", "UserIdGroupPairs"):
            told += [("rule", each) for each in rule.get(key, [])]
    for what, each in told:
        if not re.fullmatch(SECURITY_GROUP_TEXT, each.get("Description", "")):
            return (
                f"Invalid {what} description. Valid descriptions are strings less than 256 characters from the "
                "following set: a-zA-Z0-9. _-:/()#,@[]+=&;{}!$*"
            )
    return None


def tag_lengths(parameters: Parameters) -> str | None:
    specified: Iterable[Parameters] = parameters.get("TagSpecifications", [])
    for tag in [*parameters.get("Tags", []), *(each for one in specified for each in one.get("Tags", []))]:
        if len(tag.get("Key", "")) > aws_limits.TAG_KEY_LENGTH:
            return f"Tag key exceeds the maximum length of {aws_limits.TAG_KEY_LENGTH} characters"
        if len(tag.get("Value", "")) > aws_limits.TAG_VALUE_LENGTH:
            return f"Tag value exceeds the maximum length of {aws_limits.TAG_VALUE_LENGTH} characters"
        if tag.get("Key", "").startswith("aws:"):
            return f"Tag keys starting with 'aws:' are reserved for internal use, got {tag['Key']}"
    return None


SECONDS = {"seconds": 1, "minutes": 60, "hours": 3600, "days": 86400}
TOKENS = {
    # The unit and the range in seconds: five minutes to a day, an hour to ten years.
    "AccessToken": ("hours", 300, 86400),
    "IdToken": ("hours", 300, 86400),
    "RefreshToken": ("days", 3600, 315360000),
}


def token_validity(client: Parameters) -> str | None:
    units = client.get("TokenValidityUnits", {})
    for token, (unit, least, most) in TOKENS.items():
        # 0 is the default ("CreateUserPoolClient", RefreshTokenValidity).
        given = client.get(f"{token}Validity") or 0
        if given and not least <= given * SECONDS[units.get(token, unit)] <= most:
            return f"Invalid range for {token[0].lower()}{token[1:]}Validity: between {least} and {most} seconds."
    return None


TASKS = ("RegisterTaskDefinition",)
DATABASES = ("CreateDBInstance", "ModifyDBInstance")
GROUPS = ("CreateSecurityGroup", "AuthorizeSecurityGroupIngress", "AuthorizeSecurityGroupEgress")
TARGET_GROUPS = ("CreateTargetGroup", "ModifyTargetGroup")
CLIENTS = ("CreateUserPoolClient", "UpdateUserPoolClient")
RULES = (
    Rule("ecs", TASKS, fargate_size, "ECS developer guide, task definition invalid CPU or memory errors", TASK_ERROR),
    Rule("ecs", TASKS, fargate_network, "ECS API reference, RegisterTaskDefinition, networkMode", TASK_ERROR),
    Rule("ecs", TASKS, fargate_execution_role, "ECS developer guide, task execution IAM role", TASK_ERROR),
    Rule("ecs", TASKS, container_memory, "ECS API reference, ContainerDefinition, memory", TASK_ERROR),
    Rule("ecs", TASKS, container_times, "ECS API reference, HealthCheck; ContainerDefinition, stopTimeout", TASK_ERROR),
    Rule("ecs", TASKS, container_dependencies, "ECS API reference, ContainerDependency; startTimeout", TASK_ERROR),
    Rule("elbv2", ("CreateLoadBalancer",), load_balancer_name, "ELB API reference, CreateLoadBalancer, Name"),
    Rule("elbv2", TARGET_GROUPS, target_health_check, "Terraform AWS provider, issue 48070, which quotes the API"),
    Rule("cloudwatch", ("PutMetricAlarm",), alarm_periods, "CloudWatch API reference, PutMetricAlarm"),
    Rule("logs", ("PutRetentionPolicy",), log_retention, "CloudWatch Logs API reference, PutRetentionPolicy"),
    Rule("rds", DATABASES, database_password, "RDS API reference, CreateDBInstance, MasterUserPassword"),
    Rule("rds", ("CreateDBInstance",), database_names, "RDS API reference, CreateDBInstance"),
    Rule("rds", DATABASES, database_numbers, "RDS API reference, CreateDBInstance"),
    Rule("rds", ("CreateDBInstance",), database_monitoring, "the same, MonitoringRoleArn", PAIR_ERROR),
    Rule("rds", ("CreateDBInstance",), database_storage, "RDS user guide, storage autoscaling", PAIR_ERROR),
    Rule("ec2", GROUPS, security_group_text, "EC2 API reference, CreateSecurityGroup, GroupDescription; IpRange"),
    Rule("ec2", (), tag_lengths, "Tagging AWS resources user guide, tag naming limits and requirements"),
    Rule("cognito-idp", CLIENTS, token_validity, "Cognito API reference, TokenValidityUnitsType"),
)
