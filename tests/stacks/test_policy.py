"""Who may do what with whose data, in every stack: what checkov does not see, beside the invariants of any settings."""

from __future__ import annotations

import dataclasses
import json
import re
from collections.abc import Callable, Iterator

import pytest

from environments.settings import Settings
from tests.support import Json, Output, strings

PLATFORMS = ("production", "staging")
KEY = "${aws_kms_key.data_key.arn}"

# Sid of each statement that allows something on more than one resource by a pattern, and why it has to.
PATTERNS = {
    "CopyRecoveryPoints": "recovery points are named by AWS Backup",
    "FindResources": "tag:GetResources is for no resource",
    "FindSnapshots": "a look at the databases and snapshots of the account, whose names AWS Backup does not give",
    "BackUpDatabase": "AWS Backup's own snapshots, which it names",
    "KeepSnapshots": "AWS Backup's own snapshots, which it names",
    "KeepTableBackups": "the backups of one table, which DynamoDB names",
    "Alarms": "in a key's policy, the key itself",
    "DatabaseEvents": "in a key's policy, the key itself",
    "DecryptSecretVersion": "an environment's key exists only later; the condition names the secrets",
    "HandRolesToServices": "the roles of an environment, which it makes itself",
    "IamPolicies": "in a key's policy, the key itself",
    "ImageLayers": "in an endpoint's policy, which only bounds; ECR's own bucket of the region",
    "KeepMetrics": "RDS names its log group by itself",
    "AllButRoles": "a permissions boundary grants nothing, it is the most that policies can grant",
    "LoadBalancerDelivery": "objects under the prefix of the account",
    "LogGroups": "in a key's policy, the key itself",
    "LogInToEcr": "ecr:GetAuthorizationToken is for no resource",
    "OwnBuckets": "in an endpoint's policy, which only bounds; the condition names the account",
    "OwnRoles": "the roles of an environment, which it makes itself",
    "MakePassword": "secretsmanager:GetRandomPassword is for no resource, and what it makes opens nothing",
    "OwnTables": "in an endpoint's policy, which only bounds; the condition names the account",
    "ReadVersions": "every object of the one bucket",
    "RefreshSecretVersion": "Secrets Manager ends an ARN with six characters of its own",
    "WriteLogs": "log streams are named by what writes them",
    "WriteMetrics": "log streams are named by what writes them",
    "WriteReplica": "every object of the one bucket",
}
SECRET = re.compile(r"PASSWORD|SECRET|TOKEN|CREDENTIAL|PRIVATE|API_?KEY|ACCESS_?KEY|_URL$")


@pytest.fixture(params=("bootstrap", *PLATFORMS))
def stack(request: pytest.FixtureRequest, stacks: dict[str, Output]) -> Output:
    return stacks[request.param]


@pytest.fixture(params=PLATFORMS)
def platform(request: pytest.FixtureRequest, stacks: dict[str, Output]) -> Output:
    return stacks[request.param]


def containers(platform: Output) -> Iterator[Json]:
    for definition in platform.all("aws_ecs_task_definition").values():
        yield from json.loads(definition["container_definitions"])


def test_a_statement_allows_something_on_a_pattern_for_a_reason_only(stacks: dict[str, Output]) -> None:
    found = {
        statement["Sid"]
        for stack in stacks.values()
        for _, policy in stack.policies()
        for statement in policy["Statement"]
        if statement["Effect"] == "Allow" and any("*" in resource for resource in statement.get("Resource", []))
    }
    assert found == PATTERNS.keys()


def test_policies_of_aws_are_for_the_pipeline_alone(stack: Output) -> None:
    attachments = stack.all("aws_iam_role_policy_attachment")
    assert all(name.startswith("github_") for name in attachments)
    assert {each["policy_arn"] for each in attachments.values()} <= {
        "arn:aws:iam::aws:policy/PowerUserAccess",
        "arn:aws:iam::aws:policy/ReadOnlyAccess",
    }


def test_every_log_group_expires(stack: Output) -> None:
    groups = stack.all("aws_cloudwatch_log_group")
    assert [name for name, group in groups.items() if not group["retention_in_days"] > 0] == []


def test_whatever_writes_logs_writes_to_a_group_of_the_stack(platform: Output) -> None:
    """A group that AWS makes by itself keeps its events for ever."""
    written = {each["logConfiguration"]["options"]["awslogs-group"] for each in containers(platform)}
    written |= {each["log_destination"].replace(".arn}", ".name}") for each in platform.all("aws_flow_log").values()}
    names = {group["name"]: name for name, group in platform.all("aws_cloudwatch_log_group").items()}
    for instance in platform.all("aws_db_instance").values():
        exports = instance["enabled_cloudwatch_logs_exports"]
        exported = [f"/aws/rds/instance/{instance['identifier']}/{export}" for export in exports]
        written |= {f"${{aws_cloudwatch_log_group.{names[name]}.name}}" for name in exported}
    assert written == {f"${{aws_cloudwatch_log_group.{name}.name}}" for name in names.values()}


def own_key(platform: Output) -> dict[str, str | None]:
    """The key of everything that can have one of the environment's own."""
    found = {
        f"aws_cloudwatch_log_group.{name}": group.get("kms_key_id")
        for name, group in platform.all("aws_cloudwatch_log_group").items()
    }
    found["aws_dynamodb_table"] = platform.one("aws_dynamodb_table")["server_side_encryption"].get("kms_key_arn")
    found |= {
        f"aws_secretsmanager_secret.{name}": secret.get("kms_key_id")
        for name, secret in platform.all("aws_secretsmanager_secret").items()
    }
    found["aws_sns_topic"] = platform.one("aws_sns_topic").get("kms_master_key_id")
    found["Performance Insights"] = platform.one("aws_db_instance").get("performance_insights_kms_key_id")
    return found


def test_personal_data_and_secrets_have_the_environments_own_key(platform: Output) -> None:
    """A customer-managed key: items are users' data; logs and query texts hold addresses and e-mails; the secrets open
    the database. Who decrypts them is in CloudTrail, needs a grant on this key, and can be stopped for all at once.

    Not of its own: the database's storage (the next test), the user pool (Cognito encrypts it and takes no key), images
    (no data of users), the load balancer's access logs and Terraform's states (tools/policy/skips.toml says why).
    """
    keys = own_key(platform)
    assert len(keys) == 10
    assert set(keys.values()) == {KEY}


def test_the_databases_storage_has_a_key_that_outlives_the_environment(platform: Output) -> None:
    """The key that AWS manages for RDS: the environment's own is destroyed with it, and 30 days later a final snapshot
    under that could not be restored any more.
    """
    instance = platform.one("aws_db_instance")
    assert instance["storage_encrypted"] is True
    assert "kms_key_id" not in instance


def test_without_a_key_of_its_own_an_environment_has_those_of_aws(
    settings: dict[str, Settings], synth_platform: Callable[[Settings], Output]
) -> None:
    platform = synth_platform(dataclasses.replace(settings["staging"], customer_managed_key=False))
    assert set(own_key(platform).values()) == {None}
    assert [text for text in strings(platform.document) if "kms" in text.lower()] == []
    assert platform.one("aws_dynamodb_table")["server_side_encryption"] == {"enabled": True}


def test_a_role_uses_the_key_only_through_the_service_that_keeps_the_data(platform: Output) -> None:
    through = {}
    for where, policy in platform.policies():
        for statement in policy["Statement"]:
            # A grant is for an AWS service by its own condition, and a description tells nothing.
            if statement["Action"] in (["kms:CreateGrant"], ["kms:DescribeKey"]):
                assert where.startswith("aws_iam_role_policy.backup_role_")
                continue
            if where.startswith("aws_iam_role_policy.") and KEY in statement["Resource"]:
                through[where.split(".")[1]] = statement["Condition"]["StringEquals"]["kms:ViaService"]
    backups = through.pop("backup_role_read_table_key", None)
    assert backups == ("dynamodb.us-east-1.amazonaws.com" if platform.all("aws_backup_plan") else None)
    assert through == {
        "backend_task_execution_role_decrypt_application_url": "secretsmanager.us-east-1.amazonaws.com",
        "backend_task_execution_role_decrypt_database_url": "secretsmanager.us-east-1.amazonaws.com",
        "backend_task_role_use_items_key": "dynamodb.us-east-1.amazonaws.com",
    }


def test_the_database_is_reached_by_tls_alone(platform: Output) -> None:
    parameters = platform.one("aws_db_parameter_group")["parameter"]
    assert {"name": "rds.force_ssl", "value": "1"} in parameters
    versions = platform.all("aws_secretsmanager_secret_version").values()
    assert [each for each in versions if not each["secret_string_wo"].endswith("?sslmode=require")] == []


def test_only_the_tasks_reach_the_world_and_only_by_https(platform: Output) -> None:
    out = {
        (rule["security_group_id"], rule["from_port"], rule["to_port"])
        for rule in platform.all("aws_vpc_security_group_egress_rule").values()
        if {"cidr_ipv4", "cidr_ipv6"} & rule.keys()
    }
    assert out == {("${aws_security_group.ecs.id}", 443, 443)}


def test_containers_write_nowhere_but_to_their_scratch_volume(platform: Output) -> None:
    for container in containers(platform):
        assert container["readonlyRootFilesystem"] is True
        volumes = [{"sourceVolume": "scratch", "containerPath": "/tmp", "readOnly": False}]
        assert container.get("mountPoints", []) == (volumes if container["essential"] else [])
    for definition in platform.all("aws_ecs_task_definition").values():
        assert definition["volume"] == [{"name": "scratch"}]


def test_no_secret_is_in_a_plain_environment_variable(platform: Output) -> None:
    secrets = {each["name"] for container in containers(platform) for each in container["secrets"]}
    assert secrets == {"DATABASE_URL", "MIGRATION_DATABASE_URL"}
    for container in containers(platform):
        for variable in container["environment"]:
            assert not SECRET.search(variable["name"]), variable
            # The id of a secret's version tells nothing of it.
            value = re.sub(r"\$\{aws_secretsmanager_secret_version\.\w+\.version_id\}", "", variable["value"])
            assert not re.search(r"secret|password|://", value, re.IGNORECASE), variable


def test_everything_stateful_in_production_is_protected(stacks: dict[str, Output]) -> None:
    production = stacks["production"]
    database = production.one("aws_db_instance")
    assert (database["deletion_protection"], database["skip_final_snapshot"]) == (True, False)
    assert production.one("aws_dynamodb_table")["deletion_protection_enabled"] is True
    assert production.one("aws_cognito_user_pool")["deletion_protection"] == "ACTIVE"
    assert production.one("aws_lb")["enable_deletion_protection"] is True
    secrets = production.all("aws_secretsmanager_secret").values()
    assert {secret["recovery_window_in_days"] for secret in secrets} == {30}
    keys = production.all("aws_kms_key")
    assert {name: key["deletion_window_in_days"] for name, key in keys.items()} == {
        "data_key": 30,
        "backup_copy_key": 30,
    }
    vaults = production.all("aws_backup_vault")
    assert {name for name, vault in vaults.items() if "force_destroy" not in vault} == {
        "backup_vault",
        "backup_copy_vault",
    }
    for stack in (stacks["bootstrap"], production):
        assert [name for name, bucket in stack.all("aws_s3_bucket").items() if "force_destroy" in bucket] == []
