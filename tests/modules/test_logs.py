from __future__ import annotations

import json
from collections.abc import Callable

import pytest
from constructs import Construct

from modules.logs import ContainerLogs, FlowLogBucket, FlowLogs
from tests.support import Output

Synth = Callable[[Callable[[Construct], object]], Output]


def flow_logs(scope: Construct) -> FlowLogs:
    return FlowLogs(
        scope,
        "flow_logs",
        name="f",
        vpc_id="vpc-1",
        account_id="111111111111",
        boundary="arn:boundary",
        retention_days=14,
        key_arn="arn:key",
    )


def container_logs(scope: Construct) -> ContainerLogs:
    return ContainerLogs(scope, "logs", name="/ecs/x", display_name="x", retention_days=7, key_arn="arn:key")


def test_accepted_and_rejected_traffic_is_logged_to_a_group_that_expires(synth: Synth) -> None:
    stack = synth(flow_logs)
    flow_log = stack.one("aws_flow_log")
    assert flow_log["traffic_type"] == "ALL"
    assert flow_log["log_destination"] == "${aws_cloudwatch_log_group.flow_logs_group.arn}"
    assert stack.one("aws_cloudwatch_log_group")["retention_in_days"] == 14


def test_the_flow_log_role_writes_to_its_own_group_only(synth: Synth) -> None:
    policies = {where.split(".")[-1]: policy for where, policy in synth(flow_logs).policies()}
    (statement,) = policies["policy"]["Statement"]
    group = "${aws_cloudwatch_log_group.flow_logs_group.arn}"
    assert statement["Resource"] == [group, f"{group}:*"]


def test_container_logs_have_the_guides_stream(synth: Synth) -> None:
    assert synth(container_logs).one("aws_cloudwatch_log_stream")["name"] == "ecs-logs"


@pytest.mark.parametrize("make", [flow_logs, container_logs])
def test_log_groups_are_encrypted_with_the_key(synth: Synth, make: Callable[[Construct], object]) -> None:
    assert synth(make).one("aws_cloudwatch_log_group")["kms_key_id"] == "arn:key"


def flow_log_bucket(scope: Construct) -> FlowLogBucket:
    return FlowLogBucket(
        scope,
        "flow_logs",
        name="f",
        bucket_name="f-logs",
        vpc_id="vpc-1",
        region="eu-west-1",
        account_id="111111111111",
        retention_days=14,
        disposable=True,
    )


def test_traffic_may_be_logged_to_a_bucket_that_only_its_delivery_writes_to_and_that_expires(synth: Synth) -> None:
    stack = synth(flow_log_bucket)
    flow_log = stack.one("aws_flow_log")
    assert (flow_log["traffic_type"], flow_log["log_destination_type"]) == ("ALL", "s3")
    assert flow_log["log_destination"] == "arn:aws:s3:::f-logs"
    statements = {each["Sid"]: each for each in json.loads(stack.one("aws_s3_bucket_policy")["policy"])["Statement"]}
    delivery = statements["FlowLogDelivery"]
    assert delivery["Principal"] == {"Service": "delivery.logs.amazonaws.com"}
    assert delivery["Resource"] == ["arn:aws:s3:::f-logs/AWSLogs/111111111111/*"]
    assert delivery["Condition"]["StringEquals"] == {
        "aws:SourceAccount": "111111111111",
        "s3:x-amz-acl": "bucket-owner-full-control",
    }
    assert statements["FlowLogCheck"]["Action"] == ["s3:GetBucketAcl"]
    (rule,) = stack.one("aws_s3_bucket_lifecycle_configuration")["rule"]
    assert rule["expiration"] == [{"days": 14}]
    assert stack.all("aws_cloudwatch_log_group") == stack.all("aws_iam_role") == {}
