"""A bucket tells that its events go to EventBridge, as the Terraform provider reads it back."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from typing import Any

Client = Callable[[str], Any]


def test_a_bucket_tells_whether_its_events_go_to_eventbridge(client: Client) -> None:
    s3 = client("s3")
    bucket = f"events-{uuid.uuid4()}"
    s3.create_bucket(Bucket=bucket, CreateBucketConfiguration={"LocationConstraint": "us-east-2"})
    assert "EventBridgeConfiguration" not in s3.get_bucket_notification_configuration(Bucket=bucket)

    s3.put_bucket_notification_configuration(Bucket=bucket, NotificationConfiguration={"EventBridgeConfiguration": {}})
    assert s3.get_bucket_notification_configuration(Bucket=bucket)["EventBridgeConfiguration"] == {}

    s3.put_bucket_notification_configuration(Bucket=bucket, NotificationConfiguration={})
    assert "EventBridgeConfiguration" not in s3.get_bucket_notification_configuration(Bucket=bucket)
