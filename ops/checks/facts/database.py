"""The RDS instance, and numbers that CloudWatch has of it."""

from __future__ import annotations

from datetime import datetime, timedelta

from ops.checks.facts import log_lines
from ops.checks.facts.log_lines import Line
from ops.checks.facts.looking import Json, Looking
from ops.core.aws import ask

SPAN = timedelta(minutes=15)
PERIOD = timedelta(minutes=5)
LINES = 200


class Database:
    """The environment's PostgreSQL."""

    def __init__(self, looking: Looking) -> None:
        self._looking = looking

    @property
    def name(self) -> str:
        return self._looking.settings.names.database

    @property
    def instance(self) -> Json | None:
        """None where there is none of this name."""
        rds = self._looking.client("rds")

        def read() -> Json:
            return rds.describe_db_instances(DBInstanceIdentifier=self.name)["DBInstances"][0]

        return self._looking.at(f"database {self.name}", lambda: ask(read))

    @property
    def log(self) -> list[Line]:
        """PostgreSQL's own last lines, where they are exported."""
        group = f"/aws/rds/instance/{self.name}/postgresql"
        return self._looking.at(
            f"log of {self.name}", lambda: log_lines.read(self._looking, group, f"{self.name}.0", LINES)
        )

    def metric(self, name: str, statistic: str) -> float | None:
        """The newest value of the last quarter of an hour; None where there is none."""
        values = metric(self._looking, "AWS/RDS", name, statistic, {"DBInstanceIdentifier": self.name})
        return values[-1][1] if values else None


def metric(
    looking: Looking, namespace: str, name: str, statistic: str, dimensions: dict[str, str]
) -> list[tuple[datetime, float]]:
    """Values of five minutes each, oldest first."""

    def read() -> list[tuple[datetime, float]]:
        points: list[Json] = looking.client("cloudwatch").get_metric_statistics(
            Namespace=namespace,
            MetricName=name,
            Dimensions=[{"Name": key, "Value": value} for key, value in dimensions.items()],
            StartTime=looking.now - SPAN,
            EndTime=looking.now + PERIOD,
            Period=int(PERIOD.total_seconds()),
            Statistics=[statistic],
        )["Datapoints"]
        return sorted((each["Timestamp"], each[statistic]) for each in points)

    return looking.at(f"metric {name} of {' '.join(dimensions.values())}", read)
