"""The first page to open when something is wrong."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass

from cdktf_cdktf_provider_aws.cloudwatch_dashboard import CloudwatchDashboard
from constructs import Construct

from modules import metrics
from modules.dynamodb import ItemsTable
from modules.ecs.cluster import Cluster
from modules.ecs.service import Service
from modules.load_balancer import LoadBalancer, TargetGroup
from modules.metrics import Metric
from modules.rds import Database

# CloudWatch's grid is 24 columns wide; three widgets a row.
WIDTH, HEIGHT, COLUMNS = 8, 6, 3


@dataclass(frozen=True)
class Shown:
    """The parts of a platform that its dashboard shows."""

    load_balancer: LoadBalancer
    cluster: Cluster
    services: Sequence[Service]
    targets: Sequence[TargetGroup]
    database: Database
    table: ItemsTable


@dataclass(frozen=True)
class Graph:
    """One widget: lines over time."""

    title: str
    metrics: Sequence[Metric]


class Dashboard(Construct):
    """Graphs three abreast, from requests to data, one point a minute. 3 USD a month after the first three."""

    def __init__(self, scope: Construct, id_: str, *, name: str, region: str, shown: Shown) -> None:
        super().__init__(scope, id_)
        widgets = [
            {
                "type": "metric",
                "x": index % COLUMNS * WIDTH,
                "y": index // COLUMNS * HEIGHT,
                "width": WIDTH,
                "height": HEIGHT,
                "properties": {
                    "title": graph.title,
                    "region": region,
                    "view": "timeSeries",
                    "period": 60,
                    "metrics": [_line(metric) for metric in graph.metrics],
                },
            }
            for index, graph in enumerate(_graphs(shown))
        ]
        dashboard = CloudwatchDashboard(
            self, "Default", dashboard_name=name, dashboard_body=json.dumps({"widgets": widgets})
        )
        self.name = dashboard.dashboard_name


def _graphs(shown: Shown) -> list[Graph]:
    balancer, cluster, database, table = shown.load_balancer, shown.cluster, shown.database.identifier, shown.table.name
    errors = [metrics.load_balancer(balancer, f"HTTPCode_{whose}_5XX_Count", "Sum") for whose in ("ELB", "Target")]
    used = [metrics.table(table, f"Consumed{what}CapacityUnits") for what in ("Read", "Write")]
    return [
        Graph("Requests", [metrics.load_balancer(balancer, "RequestCount", "Sum")]),
        Graph("Errors", errors),
        Graph("Latency (s)", [metrics.load_balancer(balancer, "TargetResponseTime", "p95")]),
        Graph("CPU (%)", [metrics.service(cluster, each, "CPUUtilization") for each in shown.services]),
        Graph("Memory (%)", [metrics.service(cluster, each, "MemoryUtilization") for each in shown.services]),
        Graph("Unhealthy tasks", [metrics.unhealthy_hosts(balancer, each) for each in shown.targets]),
        Graph("Database CPU (%)", [metrics.database(database, "CPUUtilization", "Average")]),
        Graph("Database connections", [metrics.database(database, "DatabaseConnections", "Maximum")]),
        Graph("Items", used),
    ]


def _line(metric: Metric) -> list[object]:
    line: list[object] = [metric.namespace, metric.name]
    for key, value in metric.dimensions.items():
        line += [key, value]
    return [*line, {"stat": metric.statistic}]
