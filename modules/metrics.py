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
    return Metric("AWS/ApplicationELB", "UnHealthyHostCount", _targets(balancer, targets), "Maximum")


def healthy_hosts(balancer: LoadBalancer, targets: TargetGroup) -> Metric:
    return Metric("AWS/ApplicationELB", "HealthyHostCount", _targets(balancer, targets), "Minimum")


def service(cluster: Cluster, service: Service, name: str) -> Metric:
    return Metric("AWS/ECS", name, {"ClusterName": cluster.name, "ServiceName": service.name}, "Average")


def running_tasks(cluster: Cluster, service: Service) -> Metric:
    """Of Container Insights, which the cluster has: "Amazon ECS Container Insights metrics", RunningTaskCount."""
    dimensions = {"ClusterName": cluster.name, "ServiceName": service.name}
    return Metric("ECS/ContainerInsights", "RunningTaskCount", dimensions, "Minimum")


def database(identifier: str, name: str, statistic: str) -> Metric:
    return Metric("AWS/RDS", name, {"DBInstanceIdentifier": identifier}, statistic)


def table(name: str, metric: str) -> Metric:
    return Metric("AWS/DynamoDB", metric, {"TableName": name}, "Sum")


def index(table: str, index: str, metric: str) -> Metric:
    """A table's metric leaves its indexes out: "DynamoDB Metrics and dimensions", WriteThrottleEvents."""
    return Metric("AWS/DynamoDB", metric, {"TableName": table, "GlobalSecondaryIndexName": index}, "Sum")


def backup_vault(name: str, metric: str) -> Metric:
    """Of jobs into the vault, or out of it: "AWS Backup metrics with Amazon CloudWatch"."""
    return Metric("AWS/Backup", metric, {"BackupVaultName": name}, "Sum")


def _targets(balancer: LoadBalancer, targets: TargetGroup) -> dict[str, str]:
    return {"LoadBalancer": balancer.arn_suffix, "TargetGroup": targets.arn_suffix}
