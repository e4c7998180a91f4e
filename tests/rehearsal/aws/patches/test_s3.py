"""The gaps of S3 mended in the emulator, seen through its API as the Terraform provider sees them."""

from __future__ import annotations

import json
import uuid
from collections.abc import Callable
from typing import Any

import pytest
from botocore.exceptions import ClientError

Client = Callable[[str], Any]
DESTINATION = {"Bucket": "arn:aws:s3:::replica", "StorageClass": "STANDARD_IA"}


def create_bucket(client: Client, name: str) -> None:
    client("s3").create_bucket(Bucket=name, CreateBucketConfiguration={"LocationConstraint": "us-east-2"})


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


def test_a_bucket_tells_whether_its_events_go_to_eventbridge(client: Client) -> None:
    s3 = client("s3")
    bucket = f"events-{uuid.uuid4()}"
    s3.create_bucket(Bucket=bucket, CreateBucketConfiguration={"LocationConstraint": "us-east-2"})
    assert "EventBridgeConfiguration" not in s3.get_bucket_notification_configuration(Bucket=bucket)

    s3.put_bucket_notification_configuration(Bucket=bucket, NotificationConfiguration={"EventBridgeConfiguration": {}})
    assert s3.get_bucket_notification_configuration(Bucket=bucket)["EventBridgeConfiguration"] == {}

    s3.put_bucket_notification_configuration(Bucket=bucket, NotificationConfiguration={})
    assert "EventBridgeConfiguration" not in s3.get_bucket_notification_configuration(Bucket=bucket)


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
