"""The gaps mended in the emulator, seen through the AWS API as the Terraform provider sees them."""

from __future__ import annotations

import json
import time
import uuid
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from botocore.exceptions import ClientError
from moto.dynamodb.responses import DynamoHandler

from rehearsal.aws import patches

Client = Callable[[str], Any]
ECS_TARGET = {"ServiceNamespace": "ecs", "ScalableDimension": "ecs:service:DesiredCount"}


def test_every_patch_is_applied_to_a_fresh_emulator_only_once():
    assert len(set(patches.PATCHES)) == len(patches.PATCHES)


def create_bucket(client: Client, name: str) -> None:
    client("s3").create_bucket(Bucket=name, CreateBucketConfiguration={"LocationConstraint": "us-east-2"})


DESTINATION = {"Bucket": "arn:aws:s3:::replica", "StorageClass": "STANDARD_IA"}


@pytest.mark.parametrize(
    "rule",
    [
        {"Filter": {"Prefix": ""}, "DeleteMarkerReplication": {"Status": "Enabled"}},
        {"Filter": {"Prefix": "state/"}, "DeleteMarkerReplication": {"Status": "Disabled"}},
        {
            "Filter": {"And": {"Prefix": "x/", "Tags": [{"Key": "a", "Value": "b"}]}},
            "DeleteMarkerReplication": {"Status": "Disabled"},
        },
        {
            "Filter": {"And": {"Prefix": "", "Tags": [{"Key": "a", "Value": "b"}, {"Key": "c", "Value": "d"}]}},
            "DeleteMarkerReplication": {"Status": "Disabled"},
        },
    ],
)
def test_replication_rules_come_back_as_they_were_put(client: Client, rule: dict[str, Any]):
    s3 = client("s3")
    bucket = f"replicated-{uuid.uuid4()}"
    create_bucket(client, bucket)
    s3.put_bucket_versioning(Bucket=bucket, VersioningConfiguration={"Status": "Enabled"})
    full = {"ID": "one", "Priority": 3, "Status": "Enabled", "Destination": DESTINATION, **rule}
    role = "arn:aws:iam::875486186130:role/replication"
    s3.put_bucket_replication(Bucket=bucket, ReplicationConfiguration={"Role": role, "Rules": [full]})
    stored = s3.get_bucket_replication(Bucket=bucket)["ReplicationConfiguration"]
    assert stored["Role"] == role
    got = stored["Rules"][0]
    # An empty prefix and none are one and the same.
    got["Filter"].get("And", got["Filter"]).setdefault("Prefix", "")
    assert got == full


def test_a_bucket_without_replication_says_so(client: Client):
    create_bucket(client, "alone")
    with pytest.raises(ClientError, match="ReplicationConfigurationNotFoundError"):
        client("s3").get_bucket_replication(Bucket="alone")


def test_a_tls_only_policy_does_not_shut_everybody_out(client: Client):
    s3 = client("s3")
    create_bucket(client, "tls-only")
    statement = {"Effect": "Deny", "Principal": "*", "Action": "s3:*", "Resource": "arn:aws:s3:::tls-only/*"}
    condition = {"Bool": {"aws:SecureTransport": "false"}}
    policy = {"Version": "2012-10-17", "Statement": [{**statement, "Condition": condition}]}
    s3.put_bucket_policy(Bucket="tls-only", Policy=json.dumps(policy))
    s3.put_object(Bucket="tls-only", Key="a", Body=b"a")
    assert s3.get_object(Bucket="tls-only", Key="a")["Body"].read() == b"a"
    s3.put_bucket_policy(Bucket="tls-only", Policy=json.dumps({"Version": "2012-10-17", "Statement": [statement]}))
    with pytest.raises(ClientError, match=r"Forbidden|AccessDenied"):
        s3.get_object(Bucket="tls-only", Key="a")


def test_versions_and_delete_markers_can_be_deleted_once_versioning_is_suspended(client: Client):
    s3 = client("s3")
    bucket = "suspended"
    create_bucket(client, bucket)
    s3.put_bucket_versioning(Bucket=bucket, VersioningConfiguration={"Status": "Enabled"})
    for key in ("a", "a", "b"):
        s3.put_object(Bucket=bucket, Key=key, Body=b"1")
    s3.delete_object(Bucket=bucket, Key="a")
    s3.delete_object(Bucket=bucket, Key="a")
    s3.put_bucket_versioning(Bucket=bucket, VersioningConfiguration={"Status": "Suspended"})

    def left() -> list[tuple[str, str]]:
        page = s3.list_object_versions(Bucket=bucket)
        return [
            (each["Key"], each["VersionId"]) for kind in ("Versions", "DeleteMarkers") for each in page.get(kind, [])
        ]

    everything = left()
    assert len(everything) == 5
    for count, (key, version) in enumerate(everything, start=1):
        s3.delete_object(Bucket=bucket, Key=key, VersionId=version)
        assert len(left()) == len(everything) - count, "one version a call"
    s3.delete_bucket(Bucket=bucket)


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


def test_encryption_of_a_table_can_be_changed(client: Client):
    dynamodb = client("dynamodb")
    dynamodb.create_table(
        TableName="encrypted",
        AttributeDefinitions=[{"AttributeName": "id", "AttributeType": "S"}],
        KeySchema=[{"AttributeName": "id", "KeyType": "HASH"}],
        BillingMode="PAY_PER_REQUEST",
    )
    table = dynamodb.update_table(TableName="encrypted", SSESpecification={"Enabled": True, "SSEType": "KMS"})
    assert table["TableDescription"]["SSEDescription"]["Status"] == "ENABLED"
    assert "KMSMasterKeyArn" in table["TableDescription"]["SSEDescription"]
    dynamodb.update_table(TableName="encrypted", SSESpecification={"Enabled": False})
    assert "SSEDescription" not in dynamodb.describe_table(TableName="encrypted")["Table"]


def test_no_two_writes_to_dynamodb_overlap(monkeypatch: pytest.MonkeyPatch):
    """Of two conditional writes in the same instant one succeeds; seen with two applies at once, as rarely as it is."""
    inside: list[str] = []
    overlaps: list[str] = []

    def slow(handler: str) -> None:
        overlaps.extend(inside)
        inside.append(handler)
        time.sleep(0.02)
        inside.remove(handler)

    writes = ("put_item", "update_item", "delete_item", "batch_write_item", "transact_write_items")
    for name in writes:
        monkeypatch.setattr(DynamoHandler, name, slow)
    patches.dynamodb.writes_one_at_a_time()
    with ThreadPoolExecutor(len(writes)) as clients:
        list(clients.map(lambda name: getattr(DynamoHandler, name)(name), writes))
    assert overlaps == []


def test_protected_user_pools_are_not_deleted(client: Client):
    cognito = client("cognito-idp")
    pool = cognito.create_user_pool(PoolName="protected", DeletionProtection="ACTIVE")["UserPool"]["Id"]
    with pytest.raises(ClientError, match="deletion protection"):
        cognito.delete_user_pool(UserPoolId=pool)
    cognito.update_user_pool(UserPoolId=pool, DeletionProtection="INACTIVE")
    cognito.delete_user_pool(UserPoolId=pool)
