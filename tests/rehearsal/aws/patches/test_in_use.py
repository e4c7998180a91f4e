"""What AWS refuses because a name is taken or a thing is in use, seen through its API."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from botocore.exceptions import ClientError

Client = Callable[[str], Any]


@pytest.fixture(scope="module")
def database(client: Client) -> str:
    """A database on PostgreSQL 15, in a subnet group and with a parameter group of its own."""
    ec2, rds = client("ec2"), client("rds")
    vpc = ec2.create_vpc(CidrBlock="10.11.0.0/16")["Vpc"]["VpcId"]
    subnet = ec2.create_subnet(VpcId=vpc, CidrBlock="10.11.0.0/24")["Subnet"]["SubnetId"]
    for group in ("in-use", "in-use-too"):
        rds.create_db_subnet_group(DBSubnetGroupName=group, DBSubnetGroupDescription="d", SubnetIds=[subnet])
    for major in ("15", "16"):
        rds.create_db_parameter_group(
            DBParameterGroupName=f"in-use-{major}", DBParameterGroupFamily=f"postgres{major}", Description="d"
        )
    rds.create_db_instance(
        DBInstanceIdentifier="in-use",
        Engine="postgres",
        EngineVersion="15",
        DBInstanceClass="db.t3.micro",
        AllocatedStorage=20,
        DBSubnetGroupName="in-use",
        DBParameterGroupName="in-use-15",
    )
    return "in-use"


def code(call: Callable[..., Any], **arguments: Any) -> str:
    """The error code that AWS answers with."""
    with pytest.raises(ClientError) as refused:
        call(**arguments)
    return refused.value.response["Error"]["Code"]


def test_a_parameter_group_of_a_database_stays(client: Client, database: str):
    rds = client("rds")
    assert code(rds.delete_db_parameter_group, DBParameterGroupName="in-use-15") == "InvalidDBParameterGroupState"


def test_a_parameter_groups_name_is_taken_once(client: Client, database: str):
    taken = code(
        client("rds").create_db_parameter_group,
        DBParameterGroupName="in-use-15",
        DBParameterGroupFamily="postgres16",
        Description="d",
    )
    assert taken == "DBParameterGroupAlreadyExists"


def test_a_subnet_group_of_a_database_stays_and_its_name_is_taken_once(client: Client, database: str):
    rds = client("rds")
    assert code(rds.delete_db_subnet_group, DBSubnetGroupName="in-use") == "InvalidDBSubnetGroupStateFault"
    subnets = rds.describe_db_subnet_groups(DBSubnetGroupName="in-use")["DBSubnetGroups"][0]["Subnets"]
    again = code(
        rds.create_db_subnet_group,
        DBSubnetGroupName="in-use",
        DBSubnetGroupDescription="d",
        SubnetIds=[each["SubnetIdentifier"] for each in subnets],
    )
    assert again == "DBSubnetGroupAlreadyExists"


def test_a_database_does_not_move_within_its_vpc(client: Client, database: str):
    moved = code(client("rds").modify_db_instance, DBInstanceIdentifier=database, DBSubnetGroupName="in-use-too")
    assert moved == "InvalidVPCNetworkStateFault"


def test_another_major_version_has_to_be_allowed_and_needs_parameters_of_its_family(client: Client, database: str):
    rds = client("rds")
    wanted = {"DBInstanceIdentifier": database, "EngineVersion": "16"}
    assert code(rds.modify_db_instance, **wanted) == "InvalidParameterCombination"
    assert code(rds.modify_db_instance, **wanted, AllowMajorVersionUpgrade=True) == "InvalidParameterCombination"
    rds.modify_db_instance(**wanted, AllowMajorVersionUpgrade=True, DBParameterGroupName="in-use-16")
    assert rds.describe_db_instances(DBInstanceIdentifier=database)["DBInstances"][0]["EngineVersion"] == "16"
    rds.delete_db_parameter_group(DBParameterGroupName="in-use-15")


def test_a_databases_and_a_final_snapshots_name_are_taken_once(client: Client, database: str):
    rds = client("rds")
    same = {"Engine": "postgres", "DBInstanceClass": "db.t3.micro", "AllocatedStorage": 20}
    assert code(rds.create_db_instance, DBInstanceIdentifier=database, **same) == "DBInstanceAlreadyExists"
    rds.create_db_snapshot(DBInstanceIdentifier=database, DBSnapshotIdentifier="in-use-final")
    last = code(rds.delete_db_instance, DBInstanceIdentifier=database, FinalDBSnapshotIdentifier="in-use-final")
    assert last == "DBSnapshotAlreadyExists"


def test_a_target_groups_name_is_taken_once_and_one_that_a_listener_names_stays(client: Client):
    ec2, elb = client("ec2"), client("elbv2")
    vpc = ec2.create_vpc(CidrBlock="10.12.0.0/16")["Vpc"]["VpcId"]
    zones = [each["ZoneName"] for each in ec2.describe_availability_zones()["AvailabilityZones"]][:2]
    subnets = [
        ec2.create_subnet(VpcId=vpc, CidrBlock=f"10.12.{number}.0/24", AvailabilityZone=zone)["Subnet"]["SubnetId"]
        for number, zone in enumerate(zones)
    ]
    group = {"Name": "in-use", "Protocol": "HTTP", "VpcId": vpc, "TargetType": "ip"}
    arn = elb.create_target_group(**group, Port=8080)["TargetGroups"][0]["TargetGroupArn"]
    balancer = elb.create_load_balancer(Name="in-use", Subnets=subnets)["LoadBalancers"][0]["LoadBalancerArn"]
    forward = [{"Type": "forward", "TargetGroupArn": arn}]
    elb.create_listener(LoadBalancerArn=balancer, Protocol="HTTP", Port=80, DefaultActions=forward)
    assert code(elb.create_target_group, **group, Port=8082) == "DuplicateTargetGroupName"
    assert code(elb.delete_target_group, TargetGroupArn=arn) == "ResourceInUse"


def test_the_name_of_a_secret_in_recovery_is_taken(client: Client):
    secrets = client("secretsmanager")
    secrets.create_secret(Name="in-recovery", SecretString="s")
    secrets.delete_secret(SecretId="in-recovery", RecoveryWindowInDays=7)
    assert code(secrets.create_secret, Name="in-recovery", SecretString="s") == "InvalidRequestException"
    secrets.delete_secret(SecretId="in-recovery", ForceDeleteWithoutRecovery=True)
    secrets.create_secret(Name="in-recovery", SecretString="s")
