"""Snapshots of what rehearsals run: sent to the emulator's process, kept there for the answers of its API."""

from __future__ import annotations

import json
import time
from datetime import UTC, datetime
from typing import Any, cast

from rehearsal.aws.ask import ask

RUNNING_PATH = "/_emulator/running"
REPEAT_SECONDS = 5
STALE_SECONDS = 30
"""A snapshot that was not repeated for so long is of a rehearsal that was killed: nothing of it runs."""

Snapshot = dict[str, Any]
"""What one rehearsal runs at one moment; `rehearsal/snapshot.py` takes it."""
_snapshots: dict[str, tuple[float, Snapshot]] = {}
"""When the newest one came, and that one, by the cluster's ARN."""


def send(endpoint: str, snapshot: Snapshot) -> None:
    """Replace what the emulator knows of the snapshot's cluster; raises OSError."""
    ask(endpoint, "PUT", RUNNING_PATH, snapshot)


def take(body: bytes) -> Snapshot:
    """Keep a snapshot that was sent."""
    snapshot = cast("Snapshot", json.loads(body, object_hook=_with_times))
    _snapshots[snapshot["cluster"]] = (time.monotonic(), snapshot)
    return snapshot


def _with_times(found: dict[str, Any]) -> dict[str, Any]:
    """Turn the numbers of times, whose names end in At, into datetimes: moto reads a number as local time."""
    times = {key: value for key, value in found.items() if key.endswith("At") and value is not None}
    return {**found, **{key: datetime.fromtimestamp(value, UTC) for key, value in times.items()}}


def _fresh() -> dict[str, Snapshot]:
    now = time.monotonic()
    return {cluster: snapshot for cluster, (at, snapshot) in _snapshots.items() if now - at < STALE_SECONDS}


def service(cluster: str, name: str) -> dict[str, Any]:
    """Return what runs of a service; of one that no rehearsal has, nothing does."""
    nothing: Snapshot = {"runningCount": 0, "pendingCount": 0, "deployments": [], "events": []}
    return _fresh().get(cluster, {"services": {}})["services"].get(name, nothing)


def tasks(cluster: str) -> list[dict[str, Any]]:
    return _fresh().get(cluster, {"tasks": []})["tasks"]


def targets(group: str) -> dict[str, dict[str, Any]]:
    """Return the targets of a target group, by their ids."""
    return {each["Id"]: each for snapshot in _fresh().values() for each in snapshot["targets"].get(group, [])}
