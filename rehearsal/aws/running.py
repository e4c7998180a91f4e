"""What the rehearsals say they run: sent to the emulator's process, kept there for the answers of its API."""

from __future__ import annotations

import http.client
import json
import time
from datetime import UTC, datetime
from typing import Any, cast
from urllib.parse import urlsplit

RUNNING_PATH = "/_emulator/running"
REPEAT_SECONDS = 5
STALE_SECONDS = 30
"""A report that was not repeated for so long is of a rehearsal that was killed: nothing of it runs."""

Report = dict[str, Any]
_reports: dict[str, tuple[float, Report]] = {}
"""When it came, and the newest one, by the cluster's ARN."""


def send(endpoint: str, report: Report) -> None:
    """Replace what the emulator knows of the report's cluster; raises OSError."""
    connection = http.client.HTTPConnection(urlsplit(endpoint).netloc, timeout=5)
    try:
        connection.request("PUT", RUNNING_PATH, json.dumps(report))
        answer = connection.getresponse()
        if answer.status != 200:
            raise OSError(f"the emulator refused a report: {answer.status} {answer.read().decode()}")
    except http.client.HTTPException as error:
        raise OSError(f"the emulator did not take a report: {error!r}") from None
    finally:
        connection.close()


def take(body: bytes) -> Report:
    """Keep a report that was sent."""
    report = cast("Report", json.loads(body, object_hook=_with_times))
    _reports[report["cluster"]] = (time.monotonic(), report)
    return report


def _with_times(found: dict[str, Any]) -> dict[str, Any]:
    """Names of times end in At. moto reads a bare number as local time."""
    times = {key: value for key, value in found.items() if key.endswith("At") and value is not None}
    return {**found, **{key: datetime.fromtimestamp(value, UTC) for key, value in times.items()}}


def _fresh() -> dict[str, Report]:
    return {cluster: report for cluster, (at, report) in _reports.items() if time.monotonic() - at < STALE_SECONDS}


def service(cluster: str, name: str) -> dict[str, Any]:
    """What is reported of a service; of one that nobody runs, that nothing runs."""
    nothing: Report = {"runningCount": 0, "pendingCount": 0, "deployments": [], "events": []}
    return _fresh().get(cluster, {"services": {}})["services"].get(name, nothing)


def tasks(cluster: str) -> list[dict[str, Any]]:
    return _fresh().get(cluster, {"tasks": []})["tasks"]


def targets(group: str) -> dict[str, dict[str, Any]]:
    """What is reported of a target group, by the target's id."""
    return {each["Id"]: each for report in _fresh().values() for each in report["targets"].get(group, [])}
