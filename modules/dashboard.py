"""The first page to open when something is wrong."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass

from cdktf_cdktf_provider_aws.cloudwatch_dashboard import CloudwatchDashboard
from constructs import Construct

from modules.metrics import Metric

# CloudWatch's grid is 24 columns wide; three widgets a row.
WIDTH, HEIGHT, COLUMNS = 8, 6, 3


@dataclass(frozen=True)
class Graph:
    """One widget: lines over time."""

    title: str
    metrics: Sequence[Metric]


class Dashboard(Construct):
    """Graphs three abreast, in the order given, one point a minute. 3 USD a month after the first three."""

    def __init__(self, scope: Construct, id_: str, *, name: str, region: str, graphs: Sequence[Graph]) -> None:
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
            for index, graph in enumerate(graphs)
        ]
        dashboard = CloudwatchDashboard(
            self, "Default", dashboard_name=name, dashboard_body=json.dumps({"widgets": widgets})
        )
        self.name = dashboard.dashboard_name


def _line(metric: Metric) -> list[object]:
    line: list[object] = [metric.namespace, metric.name]
    for key, value in metric.dimensions.items():
        line += [key, value]
    return [*line, {"stat": metric.statistic}]
