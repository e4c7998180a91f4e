"""Whether a deployment of a service has come to its end, and how, judged from what DescribeServices says."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import Enum
from typing import Any

from ops.core.aws import Aws, ask
from ops.delivery.deployed import primary, revision

LINES = 10
TASKS = 3
"""Log lines of a stopped task, and stopped tasks, that a person is shown."""


class End(Enum):
    """How a deployment stands."""

    GOING = "going on"
    DONE = "done"
    FAILED = "failed"


@dataclass(frozen=True)
class Verdict:
    """How it stands, in one line."""

    end: End
    text: str


def judge(description: dict[str, Any], wanted: str) -> Verdict:
    """How the deployment of a revision (family:revision) stands.

    A roll back ends in a steady service too, but on another revision: that is a failure.
    """
    deployments: list[dict[str, Any]] = description["deployments"]
    current = primary(description)
    if revision(current["taskDefinition"]) != wanted:
        failed = next((each for each in deployments if revision(each["taskDefinition"]) == wanted), None)
        if failed is not None and failed.get("rolloutState") == "FAILED":
            reason = failed.get("rolloutStateReason", "")
            return Verdict(End.FAILED, f"deployment of {wanted} failed, rolled back to {_on(description)}: {reason}")
        reason = current.get("rolloutStateReason", "")
        return Verdict(End.FAILED, f"{wanted} was given up, the service is on {_on(description)}: {reason}")
    if current.get("rolloutState") == "FAILED":
        return Verdict(End.FAILED, f"deployment of {wanted} failed: {current.get('rolloutStateReason', '')}")
    running, desired = description["runningCount"], description["desiredCount"]
    count = f"{current['runningCount']} of {current['desiredCount']}"
    if current.get("rolloutState") == "COMPLETED" and running == desired and len(deployments) == 1:
        return Verdict(End.DONE, f"{wanted}: {running} of {desired} tasks run, healthy")
    return Verdict(End.GOING, f"{wanted}: {count} tasks run, older deployments: {len(deployments) - 1}")


def _on(description: dict[str, Any]) -> str:
    return revision(primary(description)["taskDefinition"])


def new_events(description: dict[str, Any], since: datetime, seen: set[str]) -> list[str]:
    """Messages of the service's events from a time on that were not told yet, oldest first; notes them as seen."""
    fresh = [each for each in description["events"] if each["createdAt"] >= since and each["id"] not in seen]
    seen.update(each["id"] for each in fresh)
    ordered = sorted(fresh, key=lambda each: each["createdAt"])
    return [f"{each['createdAt'].astimezone(UTC):%H:%M:%S} {each['message']}" for each in ordered]


def why(aws: Aws, cluster: str, service: str, wanted: str, log_group: str) -> list[str]:
    """What is known of the tasks of a failed revision: why they stopped, and their last log lines."""
    ecs = aws.client("ecs")
    arns = ecs.list_tasks(cluster=cluster, serviceName=service, desiredStatus="STOPPED")["taskArns"]
    found: list[dict[str, Any]] = ecs.describe_tasks(cluster=cluster, tasks=arns[:100])["tasks"] if arns else []
    stopped = [each for each in found if revision(each["taskDefinitionArn"]) == wanted]
    stopped.sort(key=lambda each: each.get("stoppedAt") or datetime.min.replace(tzinfo=UTC), reverse=True)
    lines: list[str] = []
    for task in _distinct(stopped)[:TASKS]:
        id_ = task["taskArn"].rpartition("/")[2]
        lines.append(f"task {id_[:8]} stopped ({task.get('stopCode', 'no code')}): {task.get('stoppedReason', '')}")
        for container in task.get("containers", []):
            told = [f"exit code {container['exitCode']}"] if "exitCode" in container else []
            told += [container["reason"]] if container.get("reason") else []
            if told:
                lines.append(f"  container {container['name']}: {', '.join(told)}")
            lines += [f"  | {line}" for line in _last_lines(aws, log_group, f"ecs/{container['name']}/{id_}")]
    return lines


def _distinct(tasks: Iterable[dict[str, Any]]) -> list[dict[str, Any]]:
    """One task for each reason: they tend to stop for the same one again and again."""
    found: dict[str, dict[str, Any]] = {}
    for task in tasks:
        found.setdefault(task.get("stoppedReason", ""), task)
    return list(found.values())


def _last_lines(aws: Aws, group: str, stream: str) -> list[str]:
    # A task that never started has no stream.
    found = ask(
        aws.client("logs").get_log_events, logGroupName=group, logStreamName=stream, limit=LINES, startFromHead=False
    )
    return [event["message"].rstrip() for event in found["events"]] if found else []
