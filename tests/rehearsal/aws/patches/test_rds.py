"""The gaps of RDS mended in the emulator, seen through its API as the Terraform provider sees them."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest
from botocore.exceptions import ClientError

Client = Callable[[str], Any]


def test_db_parameters_are_the_users_and_can_be_reset(client: Client):
    rds = client("rds")
    rds.create_db_parameter_group(DBParameterGroupName="pg", DBParameterGroupFamily="postgres15", Description="pg")
    parameters = [
        {"ParameterName": name, "ParameterValue": "1", "ApplyMethod": "immediate"}
        for name in ("rds.force_ssl", "log_connections")
    ]
    rds.modify_db_parameter_group(DBParameterGroupName="pg", Parameters=parameters)

    def own() -> dict[str, str]:
        found = rds.describe_db_parameters(DBParameterGroupName="pg", Source="user")["Parameters"]
        return {each["ParameterName"]: each["Source"] for each in found}

    assert own() == {"rds.force_ssl": "user", "log_connections": "user"}
    rds.reset_db_parameter_group(DBParameterGroupName="pg", Parameters=parameters[1:])
    assert own() == {"rds.force_ssl": "user"}
    rds.reset_db_parameter_group(DBParameterGroupName="pg", ResetAllParameters=True)
    assert own() == {}


def db_instance(client: Client, name: str, **settings: Any) -> dict[str, Any]:
    return client("rds").create_db_instance(
        DBInstanceIdentifier=name,
        Engine="postgres",
        EngineVersion="15",
        DBInstanceClass="db.t3.micro",
        AllocatedStorage=20,
        **settings,
    )["DBInstance"]


def test_each_database_has_a_resource_id_of_its_own(client: Client):
    first, second = (db_instance(client, name)["DbiResourceId"] for name in ("db-one", "db-two"))
    assert first != second
    found = client("rds").describe_db_instances(Filters=[{"Name": "dbi-resource-id", "Values": [second]}])
    assert [each["DBInstanceIdentifier"] for each in found["DBInstances"]] == ["db-two"]


def test_databases_keep_their_performance_insights(client: Client):
    db_instance(client, "db-insights", EnablePerformanceInsights=True, PerformanceInsightsRetentionPeriod=31)

    def insights() -> tuple[Any, Any]:
        found = client("rds").describe_db_instances(DBInstanceIdentifier="db-insights")["DBInstances"][0]
        return found["PerformanceInsightsEnabled"], found.get("PerformanceInsightsRetentionPeriod")

    assert insights() == (True, 31)
    client("rds").modify_db_instance(DBInstanceIdentifier="db-insights", EnablePerformanceInsights=False)
    assert insights() == (False, None)
    client("rds").modify_db_instance(DBInstanceIdentifier="db-insights", EnablePerformanceInsights=True)
    assert insights() == (True, 7), "the free retention, in days"


def test_backups_may_end_when_maintenance_begins_but_not_later(client: Client):
    windows = {"PreferredBackupWindow": "03:00-04:00", "PreferredMaintenanceWindow": "sun:04:00-sun:05:00"}
    assert db_instance(client, "db-windows", **windows)["PreferredBackupWindow"] == "03:00-04:00"
    with pytest.raises(ClientError, match="must not overlap"):
        db_instance(client, "db-overlap", **{**windows, "PreferredBackupWindow": "03:00-04:30"})


def test_a_database_subnet_group_grows_by_a_zone(client: Client, network: dict[str, str]):
    ec2, rds = client("ec2"), client("rds")
    further = ec2.create_subnet(VpcId=network["vpc"], CidrBlock="10.9.7.0/24")["Subnet"]["SubnetId"]
    named = {"DBSubnetGroupName": "grows", "DBSubnetGroupDescription": "for the database"}
    rds.create_db_subnet_group(**named, SubnetIds=[network["subnet"]])
    rds.modify_db_subnet_group(**named, SubnetIds=[network["subnet"], further])
    (group,) = rds.describe_db_subnet_groups(DBSubnetGroupName="grows")["DBSubnetGroups"]
    assert [each["SubnetIdentifier"] for each in group["Subnets"]] == [network["subnet"], further]


def test_rds_makes_its_log_groups_anew_while_it_is_deleted_and_the_next_apply_collides(client: Client):
    rds, logs = client("rds"), client("logs")
    name = "/aws/rds/instance/last-lines/postgresql"
    logs.create_log_group(logGroupName=name)
    logs.put_retention_policy(logGroupName=name, retentionInDays=7)
    database = {"Engine": "postgres", "DBInstanceClass": "db.t3.micro", "AllocatedStorage": 20}
    rds.create_db_instance(
        DBInstanceIdentifier="last-lines", EnableCloudwatchLogsExports=["postgresql", "upgrade"], **database
    )
    rds.delete_db_instance(DBInstanceIdentifier="last-lines", SkipFinalSnapshot=True)
    logs.delete_log_group(logGroupName=name)
    groups = logs.describe_log_groups(logGroupNamePrefix="/aws/rds/instance/last-lines/")["logGroups"]
    assert {each["logGroupName"].rpartition("/")[2] for each in groups} == {"postgresql", "upgrade"}
    assert not any("retentionInDays" in each for each in groups)
    with pytest.raises(ClientError, match="ResourceAlreadyExistsException"):
        logs.create_log_group(logGroupName=name)
    # Once only: what it left can be deleted for good.
    logs.delete_log_group(logGroupName=name)
    logs.create_log_group(logGroupName=name)


NAME = "managed"


def test_rds_makes_keeps_and_renews_the_password_and_gives_it_back_for_another(client: Client) -> None:
    rds, manager = client("rds"), client("secretsmanager")
    size = {"Engine": "postgres", "DBInstanceClass": "db.t3.micro", "AllocatedStorage": 20, "MasterUsername": "ada"}

    def secret(answer: dict[str, Any]) -> str:
        return answer["DBInstance"]["MasterUserSecret"]["SecretArn"]

    def kept(arn: str) -> dict[str, str]:
        return json.loads(manager.get_secret_value(SecretId=arn)["SecretString"])

    def modify(**changes: Any) -> dict[str, Any]:
        return rds.modify_db_instance(DBInstanceIdentifier=NAME, ApplyImmediately=True, **changes)

    with pytest.raises(ClientError, match="InvalidParameterCombination"):
        rds.create_db_instance(
            DBInstanceIdentifier=NAME, **size, ManageMasterUserPassword=True, MasterUserPassword="password-1"
        )
    rds.create_db_instance(DBInstanceIdentifier=NAME, **size, MasterUserPassword="password-1")
    arn = secret(modify(ManageMasterUserPassword=True))
    first = kept(arn)
    assert first["username"] == "ada"
    with pytest.raises(ClientError, match="InvalidParameterCombination"):
        modify(MasterUserPassword="password-2")
    assert secret(modify(ManageMasterUserPassword=True)) == arn, "it is managed already"
    modify(RotateMasterUserPassword=True)
    assert kept(arn)["password"] != first["password"]
    with pytest.raises(ClientError, match="InvalidParameterCombination"):
        modify(ManageMasterUserPassword=False)
    modify(ManageMasterUserPassword=False, MasterUserPassword="password-2")
    with pytest.raises(ClientError, match="ResourceNotFoundException"):
        kept(arn)
