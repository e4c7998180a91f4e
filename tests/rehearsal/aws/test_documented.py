"""What AWS's documentation refuses and its models do not, apart from any request."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from rehearsal.aws import documented
from rehearsal.aws.documented import RULES, Parameters, refused

ROLE = "arn:aws:iam::875486186130:role/execution"
Rule = Callable[[Parameters], str | None]


def task(**changes: Any) -> Parameters:
    """A right Fargate task but for the changes."""
    return {
        "family": "a",
        "requiresCompatibilities": ["FARGATE"],
        "networkMode": "awsvpc",
        "cpu": "256",
        "memory": "512",
        "executionRoleArn": ROLE,
        "containerDefinitions": [{"name": "a", "image": "b", "memory": 512}],
        **changes,
    }


def container(**changes: Any) -> Parameters:
    return task(containerDefinitions=[{"name": "a", "image": "b", **changes}])


def database(**changes: Any) -> Parameters:
    """A right database but for the changes."""
    return {"DBInstanceIdentifier": "a-b", "DBInstanceClass": "db.t3.micro", "Engine": "postgres", **changes}


def tags(key: str, value: str) -> Parameters:
    return {"TagSpecifications": [{"ResourceType": "vpc", "Tags": [{"Key": key, "Value": value}]}]}


def ingress(description: str) -> Parameters:
    return {"IpPermissions": [{"UserIdGroupPairs": [{"GroupId": "sg-1", "Description": description}]}]}


def waiting(condition: str, other: str = "b", **changes: Any) -> Parameters:
    first = {"name": "a", "image": "b", "dependsOn": [{"containerName": other, "condition": condition}]}
    return task(containerDefinitions=[first, {"name": "b", "image": "b", "essential": False, **changes}])


LOGS = {"logConfiguration": {"logDriver": "awslogs"}}
WRONG: list[tuple[Rule, Parameters]] = [
    (documented.fargate_size, task(memory="4096")),
    (documented.fargate_size, task(cpu="0.3 vCPU")),
    (documented.fargate_size, task(cpu=None)),
    (documented.fargate_network, task(networkMode="bridge")),
    (documented.fargate_execution_role, {**container(**LOGS), "executionRoleArn": None}),
    (
        documented.fargate_execution_role,
        {**container(image="1.dkr.ecr.us-east-1.amazonaws.com/a"), "executionRoleArn": None},
    ),
    (documented.container_memory, container(memory=513)),
    (documented.container_times, container(healthCheck={"command": ["a"], "interval": 4})),
    (documented.container_times, container(healthCheck={"command": ["a"], "startPeriod": 301})),
    (documented.container_times, container(stopTimeout=121)),
    (documented.container_dependencies, waiting("SUCCESS", essential=True)),
    (documented.container_dependencies, waiting("COMPLETE", essential=True)),
    (documented.container_dependencies, waiting("SUCCESS", other="c")),
    (documented.container_dependencies, waiting("HEALTHY")),
    (documented.container_dependencies, waiting("SUCCESS", startTimeout=121)),
    (documented.load_balancer_name, {"Name": "a" * 33}),
    (documented.load_balancer_name, {"Name": "internal-a"}),
    (documented.target_health_check, {"HealthCheckIntervalSeconds": 5, "HealthCheckTimeoutSeconds": 5}),
    (documented.alarm_periods, {"Period": 90, "EvaluationPeriods": 1}),
    (documented.alarm_periods, {"Period": 300, "EvaluationPeriods": 289}),
    (documented.alarm_periods, {"Period": 3600, "EvaluationPeriods": 169}),
    (documented.alarm_periods, {"Period": 60, "EvaluationPeriods": 2, "DatapointsToAlarm": 3}),
    (documented.log_retention, {"retentionInDays": 10}),
    (documented.database_password, database(MasterUserPassword="pass@word")),
    (documented.database_password, database(MasterUserPassword="pass word")),
    (documented.database_password, database(MasterUserPassword="a" * 129)),
    (documented.database_names, database(DBInstanceIdentifier="a--b")),
    (documented.database_names, database(DBName="1a")),
    (documented.database_names, database(MasterUsername="admin")),
    (documented.database_numbers, database(AllocatedStorage=19)),
    (documented.database_numbers, database(BackupRetentionPeriod=36)),
    (documented.database_numbers, database(MonitoringInterval=20)),
    (documented.database_numbers, database(PerformanceInsightsRetentionPeriod=94)),
    (documented.database_monitoring, database(MonitoringInterval=60)),
    (documented.database_monitoring, database(MonitoringInterval=0, MonitoringRoleArn=ROLE)),
    (documented.database_storage, database(AllocatedStorage=100, MaxAllocatedStorage=50)),
    (documented.security_group_text, {"Description": "the API's"}),
    (documented.security_group_text, ingress("a -> b")),
    (documented.security_group_text, ingress("a" * 256)),
    (documented.tag_lengths, tags("a" * 129, "b")),
    (documented.tag_lengths, tags("a", "b" * 257)),
    (documented.tag_lengths, {"Tags": [{"Key": "aws:a", "Value": "b"}]}),
    (documented.token_validity, {"AccessTokenValidity": 2, "TokenValidityUnits": {"AccessToken": "days"}}),
    (documented.token_validity, {"IdTokenValidity": 4, "TokenValidityUnits": {"IdToken": "minutes"}}),
    (documented.token_validity, {"RefreshTokenValidity": 3651}),
]
RIGHT: list[tuple[Rule, Parameters]] = [
    (documented.fargate_size, task()),
    (documented.fargate_size, task(cpu="1 vCPU", memory="2GB")),
    (documented.fargate_size, task(cpu=".25 vcpu", memory="0.5 GB")),
    (documented.fargate_size, task(requiresCompatibilities=["EC2"], memory="4096")),
    (documented.fargate_network, task(requiresCompatibilities=["EC2"], networkMode="bridge")),
    (documented.fargate_execution_role, container(**LOGS)),
    (documented.fargate_execution_role, task(executionRoleArn=None)),
    (documented.container_memory, container(memory=512)),
    (documented.container_memory, {**container(memory=5000), "memory": None, "requiresCompatibilities": ["EC2"]}),
    (documented.container_times, container(stopTimeout=120, healthCheck={"command": ["a"], "interval": 300})),
    (documented.container_dependencies, waiting("SUCCESS", startTimeout=120)),
    (documented.container_dependencies, waiting("START", essential=True)),
    (documented.load_balancer_name, {"Name": "a" * 32}),
    (documented.target_health_check, {"HealthCheckIntervalSeconds": 5}),
    (documented.alarm_periods, {"Period": 10, "EvaluationPeriods": 1}),
    (documented.alarm_periods, {"Period": 300, "EvaluationPeriods": 288, "DatapointsToAlarm": 288}),
    (documented.alarm_periods, {"Period": 3600, "EvaluationPeriods": 168}),
    (documented.alarm_periods, {"Metrics": [], "EvaluationPeriods": 2}),
    (documented.log_retention, {"retentionInDays": 30}),
    (documented.database_password, database(MasterUserPassword="S3cr3t#%+&=?:!~^")),
    (documented.database_password, database(ManageMasterUserPassword=True)),
    (documented.database_names, database(DBName="a_b", MasterUsername="postgres")),
    (documented.database_numbers, database(AllocatedStorage=20, PerformanceInsightsRetentionPeriod=93)),
    (documented.database_monitoring, database(MonitoringInterval=60, MonitoringRoleArn=ROLE)),
    (documented.database_monitoring, database(MonitoringInterval=0)),
    (documented.database_storage, database(AllocatedStorage=20, MaxAllocatedStorage=100)),
    (documented.database_storage, database(AllocatedStorage=20)),
    (documented.security_group_text, {"Description": "a-zA-Z0-9. _-:/()#,@[]+=&;{}!$*"}),
    (documented.security_group_text, ingress("")),
    (documented.tag_lengths, tags("a" * 128, "b" * 256)),
    (documented.token_validity, {"AccessTokenValidity": 5, "TokenValidityUnits": {"AccessToken": "minutes"}}),
    (documented.token_validity, {"RefreshTokenValidity": 0}),
]


def rule_of(refuses: Rule) -> documented.Rule:
    (rule,) = [each for each in RULES if each.refuses is refuses]
    return rule


def answer(refuses: Rule, parameters: Parameters) -> documented.Refusal | None:
    """What the emulator says to the first operation of the rule, and so whether another rule is in its way."""
    rule = rule_of(refuses)
    operation = rule.operations[0] if rule.operations else "CreateVpc"
    return refused(rule.service, operation, {k: v for k, v in parameters.items() if v is not None}, "OfTheModel")


@pytest.mark.parametrize(("refuses", "parameters"), WRONG)
def test_what_the_documentation_forbids_is_refused(refuses: Rule, parameters: Parameters):
    refusal = answer(refuses, parameters)
    assert refusal is not None
    assert refusal.message == refuses(parameters)
    assert refusal.code == (rule_of(refuses).code or "OfTheModel")


@pytest.mark.parametrize(("refuses", "parameters"), RIGHT)
def test_what_the_documentation_allows_is_taken(refuses: Rule, parameters: Parameters):
    assert answer(refuses, parameters) is None


@pytest.mark.parametrize("rule", RULES, ids=lambda each: each.refuses.__name__)
def test_every_rule_has_a_source_and_both_examples(rule: documented.Rule):
    assert rule.source
    assert {rule.refuses} <= {refuses for refuses, _ in WRONG} & {refuses for refuses, _ in RIGHT}


def test_another_operation_is_not_refused():
    assert refused("ecs", "RunTask", task(memory="4096"), "") is None
