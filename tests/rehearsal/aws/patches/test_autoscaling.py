"""The gaps of Application Auto Scaling mended in the emulator, seen through its API as the provider sees them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from botocore.exceptions import ClientError

from tests.rehearsal.aws.patches.services import ecs_service

Client = Callable[[str], Any]
ECS_TARGET = {"ServiceNamespace": "ecs", "ScalableDimension": "ecs:service:DesiredCount"}


def test_scalable_targets_keep_their_tags(client: Client, network: dict[str, str]):
    ecs_service(client, network, "tagged")
    scaling = client("application-autoscaling")
    arn = scaling.register_scalable_target(
        ResourceId="service/patched/tagged", MinCapacity=1, MaxCapacity=2, Tags={"a": "1"}, **ECS_TARGET
    )["ScalableTargetARN"]
    scaling.tag_resource(ResourceARN=arn, Tags={"b": "2", "c": "3"})
    scaling.untag_resource(ResourceARN=arn, TagKeys=["c", "unknown"])
    assert scaling.list_tags_for_resource(ResourceARN=arn)["Tags"] == {"a": "1", "b": "2"}


def test_tags_of_an_unknown_scalable_target_are_an_error_and_not_a_server_failure(client: Client):
    arn = "arn:aws:application-autoscaling:us-east-2:875486186130:scalable-target/none"
    with pytest.raises(ClientError) as error:
        client("application-autoscaling").list_tags_for_resource(ResourceARN=arn)
    assert error.value.response["ResponseMetadata"]["HTTPStatusCode"] == 400


def test_scaling_policies_and_their_alarms_end_with_their_target(client: Client, network: dict[str, str]):
    ecs_service(client, network, "scaled")
    scaling = client("application-autoscaling")
    target = {"ResourceId": "service/patched/scaled", **ECS_TARGET}
    scaling.register_scalable_target(MinCapacity=1, MaxCapacity=2, **target)
    metric = {"PredefinedMetricType": "ECSServiceAverageCPUUtilization"}
    policy = scaling.put_scaling_policy(
        PolicyName="cpu",
        PolicyType="TargetTrackingScaling",
        TargetTrackingScalingPolicyConfiguration={"TargetValue": 70, "PredefinedMetricSpecification": metric},
        **target,
    )
    alarms = [alarm["AlarmName"] for alarm in policy["Alarms"]]
    scaling.deregister_scalable_target(**target)
    assert (
        scaling.describe_scaling_policies(ServiceNamespace="ecs", ResourceId=target["ResourceId"])["ScalingPolicies"]
        == []
    )
    assert client("cloudwatch").describe_alarms(AlarmNames=alarms)["MetricAlarms"] == []
