"""A service's autoscaling: its limits, and how busy the service is."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from ops.checks.facts.database import metric
from ops.checks.facts.looking import Json, Looking
from ops.checks.facts.service import Service

CPU = "ECSServiceAverageCPUUtilization"


@dataclass(frozen=True)
class Scaling:
    """What autoscaling may do with a service, and what it wants to hold."""

    minimum: int
    maximum: int
    wanted: float
    """Percent of CPU that it holds."""
    cpu: tuple[tuple[datetime, float], ...]
    """Averages of five minutes, oldest first."""


def read(looking: Looking, service: Service) -> Scaling | None:
    """None for a service without autoscaling on CPU."""
    names = service.names
    resource = f"service/{looking.settings.names.cluster}/{names.ecs_service}"
    scaling = looking.client("application-autoscaling")

    def ask() -> tuple[list[Json], list[Json]]:
        of = {"ServiceNamespace": "ecs", "ScalableDimension": "ecs:service:DesiredCount"}
        return (
            scaling.describe_scalable_targets(ResourceIds=[resource], **of)["ScalableTargets"],
            scaling.describe_scaling_policies(ResourceId=resource, **of)["ScalingPolicies"],
        )

    targets, policies = looking.at(f"autoscaling of the {service.name}", ask)
    wanted = [
        float(tracking["TargetValue"])
        for each in policies
        if (tracking := each.get("TargetTrackingScalingPolicyConfiguration", {}))
        and tracking.get("PredefinedMetricSpecification", {}).get("PredefinedMetricType") == CPU
    ]
    if not targets or not wanted:
        return None
    dimensions = {"ClusterName": looking.settings.names.cluster, "ServiceName": names.ecs_service}
    cpu = metric(looking, "AWS/ECS", "CPUUtilization", "Average", dimensions)
    return Scaling(targets[0]["MinCapacity"], targets[0]["MaxCapacity"], min(wanted), tuple(cpu))
