"""Target tracking on CPU."""

from __future__ import annotations

from dataclasses import dataclass

from cdktf_cdktf_provider_aws.appautoscaling_policy import (
    AppautoscalingPolicy,
    AppautoscalingPolicyTargetTrackingScalingPolicyConfiguration,
    AppautoscalingPolicyTargetTrackingScalingPolicyConfigurationPredefinedMetricSpecification,
)
from cdktf_cdktf_provider_aws.appautoscaling_target import AppautoscalingTarget
from constructs import Construct


@dataclass(frozen=True)
class Capacity:
    """Number of tasks: at creation, and the limits between which autoscaling moves it afterwards."""

    desired: int
    minimum: int
    maximum: int
    policy_name: str


class CpuScaling(Construct):
    """Hold a service's average CPU at 70 %: a new task at most every 60 s, one fewer at most every 300 s."""

    def __init__(self, scope: Construct, id_: str, *, cluster_name: str, service_name: str, capacity: Capacity) -> None:
        super().__init__(scope, id_)
        if not 0 <= capacity.minimum <= capacity.desired <= capacity.maximum:
            raise ValueError(f"capacity: got {capacity}, expected 0 <= minimum <= desired <= maximum")
        dimension, namespace = "ecs:service:DesiredCount", "ecs"
        target = AppautoscalingTarget(
            self,
            "Default",
            min_capacity=capacity.minimum,
            max_capacity=capacity.maximum,
            resource_id=f"service/{cluster_name}/{service_name}",
            scalable_dimension=dimension,
            service_namespace=namespace,
        )
        metric = AppautoscalingPolicyTargetTrackingScalingPolicyConfigurationPredefinedMetricSpecification(
            predefined_metric_type="ECSServiceAverageCPUUtilization"
        )
        AppautoscalingPolicy(
            self,
            "cpu",
            name=capacity.policy_name,
            policy_type="TargetTrackingScaling",
            resource_id=target.resource_id,
            scalable_dimension=dimension,
            service_namespace=namespace,
            target_tracking_scaling_policy_configuration=AppautoscalingPolicyTargetTrackingScalingPolicyConfiguration(
                target_value=70,
                predefined_metric_specification=metric,
                scale_in_cooldown=300,
                scale_out_cooldown=60,
            ),
        )
