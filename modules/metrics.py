"""CloudWatch metrics, named once for alarms and dashboard."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from modules.ecs.cluster import Cluster
from modules.ecs.service import Service
from modules.load_balancer import LoadBalancer, TargetGroup


@dataclass(frozen=True)
class Metric:
    """A metric and how it is summed up over a period."""

    namespace: str
    name: str
    dimensions: Mapping[str, str]
    statistic: str


def load_balancer(balancer: LoadBalancer, name: str, statistic: str) -> Metric:
    return Metric("AWS/ApplicationELB", name, {"LoadBalancer": balancer.arn_suffix}, statistic)


def unhealthy_hosts(balancer: LoadBalancer, targets: TargetGroup) -> Metric:
    dimensions = {"LoadBalancer": balancer.arn_suffix, "TargetGroup": targets.arn_suffix}
    return Metric("AWS/ApplicationELB", "UnHealthyHostCount", dimensions, "Maximum")


def service(cluster: Cluster, service: Service, name: str) -> Metric:
    return Metric("AWS/ECS", name, {"ClusterName": cluster.name, "ServiceName": service.name}, "Average")


def database(identifier: str, name: str, statistic: str) -> Metric:
    return Metric("AWS/RDS", name, {"DBInstanceIdentifier": identifier}, statistic)


def table(name: str, metric: str) -> Metric:
    return Metric("AWS/DynamoDB", metric, {"TableName": name}, "Sum")
