"""Follows a rehearsal from its status file: until it is steady, as a table, as errors."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from typing import Any

from ops.core.aws import Aws
from ops.core.console import Step
from ops.core.errors import CommandError
from ops.core.paths import Work
from rehearsal import process
from rehearsal.ecs.services import read_services
from rehearsal.process import Status, read_status

STEADY_SECONDS = 300
LOOK_SECONDS = 0.4


def wait_until_steady(
    work: Work, name: str, aws: Aws, cluster: str, since: float, step: Step, say: Callable[[str], None]
) -> Status:
    """The status once every service runs its newest deployment and no other; says each change on the way there.

    Raises CommandError for a deployment that failed after `since` (seconds of the epoch), and after five minutes.
    """
    log = process.files(work, name).log
    deadline = time.monotonic() + STEADY_SECONDS
    status: Status = {"services": []}
    said: list[str] = []
    while time.monotonic() < deadline:
        if process.find(work, name) is None:
            raise CommandError(f"the rehearsal ended by itself; its log is {log}")
        status = read_status(work, name) or status
        services = status["services"]
        step.progress(
            sum(each["new_healthy"] for each in services), sum(each["desired"] for each in services), "healthy"
        )
        for line in (rollout(each) for each in services):
            if line not in said:
                said.append(line)
                say(f"  {line}")
        failures = [failure for each in services for failure in each["failures"] if failure["at"] >= since]
        wanted = _primaries(aws, cluster)
        settled = [each for each in services if _is_settled(each, wanted.get(each["name"]), failures)]
        if {each["name"] for each in settled} >= {*wanted}:
            failures += [each["failures"][-1] for each in settled if each["state"] == "FAILED"]
            if failures:
                raise CommandError("\n".join(dict.fromkeys(failure_text(each) for each in failures)))
            return status
        time.sleep(LOOK_SECONDS)
    services = "; ".join(rollout(each) for each in status["services"])
    raise CommandError(f"not steady after {STEADY_SECONDS} s: {services}; log: {log}")


def _primaries(aws: Aws, cluster: str) -> dict[str, str]:
    """The id of each service's newest deployment; a roll back makes an earlier one that again."""
    return {
        each["serviceName"]: deployment["id"]
        for each in read_services(aws, cluster)
        for deployment in each["deployments"]
        if deployment["status"] == "PRIMARY"
    }


def _is_settled(service: Status, wanted: str | None, failures: list[Status]) -> bool:
    """Steady with the wanted deployment, or done with it: failed, and by then perhaps another one is rolled back to."""
    if any(failure["service"] == service["name"] for failure in failures):
        return True
    steady = service["state"] == "COMPLETED" and service["new_healthy"] == service["desired"]
    return service["deployment"] == wanted and (steady or service["state"] == "FAILED")


def stalled(work: Work, name: str, since: float) -> list[str]:
    """The services that do not come up by themselves: their deployment failed before `since`, or goes on failing."""
    status = read_status(work, name) or {"services": []}
    services: list[Status] = status["services"]
    return [each["name"] for each in services if each["failing"] or _gave_up(each, since)]


def _gave_up(service: Status, since: float) -> bool:
    return service["state"] == "FAILED" and service["failures"][-1]["at"] < since


def rollout(service: Status) -> str:
    """How far a service is."""
    old = f", {service['old']} old left" if service["old"] else ""
    return f"{service['name']}: {service['new_healthy']} of {service['desired']} new tasks healthy{old}"


def failure_text(failure: Mapping[str, Any]) -> str:
    """What a failed deployment says at the end of `up`."""
    to = failure["rolled_back_to"]
    after = f"rolled back to {to}" if to else "no earlier deployment to return to"
    lines = [f"  {line}" for line in failure["lines"]]
    head = f"{failure['service']}: deployment of {failure['revision']} failed after {failure['failed_tasks']} tasks"
    return "\n".join([f"{head}, {after}: {failure['reason']}", *(["last log lines:", *lines] if lines else [])])


def tasks(status: Status) -> list[Status]:
    return [task for service in status["services"] for task in service["tasks"]]


def table(status: Status) -> list[tuple[str, str, str]]:
    """Component, where, health."""
    rows = [("component", "where", "health")]
    for listener, url in status["front_doors"].items():
        rows.append((f"load balancer {listener}", url, "listening"))
    for service in status["services"]:
        for task in service["tasks"]:
            ports = ", ".join(f"{task['address']}:{port} at 127.0.0.1:{here}" for port, here in task["ports"].items())
            state = task["health"] if task["status"] == "RUNNING" else task["status"].lower()
            rows.append((f"{service['name']} {task['id'][:8]} ({task['revision'].rpartition(':')[2]})", ports, state))
    for database in status["databases"]:
        versions = f"PostgreSQL {database['version']}, applied {database['applied_version']}"
        state = "running" if database["running"] else "down"
        rows.append((f"{database['name']} ({versions})", f"127.0.0.1:{database['port']}, TLS only", state))
    for what in status["not_rehearsed"]:
        rows.append((what, "-", "not rehearsed"))
    return rows
