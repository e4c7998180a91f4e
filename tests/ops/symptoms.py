"""What ECS and the load balancer tell of services, as a rehearsal would report it: healthy but for what a test says."""

from __future__ import annotations

import secrets
import time
from dataclasses import dataclass, field
from typing import Any

from environments.settings import SERVICES
from rehearsal.aws import running
from tests.ops.healthy import BACKEND, MIGRATE, PORTS, Patient

HEALTHY = {"State": "healthy"}
STEADY = "has reached a steady state."


@dataclass
class Told:
    """Of one service; the counts follow."""

    state: str = "COMPLETED"
    running: int = 2
    targets: list[dict[str, str]] = field(default_factory=lambda: [HEALTHY, HEALTHY])
    """TargetHealth of each, of the running tasks first."""
    stopped: list[dict[str, Any]] = field(default_factory=list)
    events: list[str] = field(default_factory=lambda: [STEADY])
    """Oldest first, a second apart, without the service's name; the newest is now."""
    deployments: list[dict[str, Any]] = field(default_factory=list)
    """Beside the newest one."""
    failed: int = 0
    desired: int = 2


def tell(patient: Patient, **services: Told) -> None:
    """Report the services; one that is not given is healthy."""
    cluster = patient.ids["cluster"]
    told = {each: services.get(each, Told()) for each in SERVICES}
    names = {each: patient.place.settings.names.service(each).ecs_service for each in told}
    described = {each: patient.place.description(each) for each in told}
    report = {
        "cluster": cluster,
        "services": {names[name]: _service(names[name], each, described[name]) for name, each in told.items()},
        "tasks": [task for name, each in told.items() for task in _tasks(patient, name, each, described[name])],
        "targets": {patient.ids[f"{name}_group"]: _targets(name, each) for name, each in told.items()},
    }
    for name, each in told.items():
        _register(patient, name, each)
    running.send(patient.place.aws.endpoint or "", report)


def stopped(
    patient: Patient, service: str, code: str, reason: str, container: dict[str, Any] | None = None, **changes: Any
) -> dict[str, Any]:
    """A task of the newest deployment that stopped a moment ago."""
    described = patient.place.description(service)
    name = patient.place.settings.names.service(service).container
    now = time.time()
    return {
        "taskArn": f"{patient.ids['cluster'].replace(':cluster/', ':task/')}/{secrets.token_hex(16)}",
        "taskDefinitionArn": described["taskDefinition"],
        "startedBy": described["deployments"][0]["id"],
        "group": f"service:{described['serviceName']}",
        "lastStatus": "STOPPED",
        "desiredStatus": "STOPPED",
        "createdAt": now - 90,
        "startedAt": now - 80,
        "stoppingAt": now - 10,
        "stoppedAt": now,
        "stopCode": code,
        "stoppedReason": reason,
        "containers": [{"name": name, **(container or {})}],
        **changes,
    }


def unmigrated(patient: Patient, service: str, exit_code: int) -> dict[str, Any]:
    """A task whose container never started, because the one before it failed."""
    name = patient.place.settings.names.service(service).container
    why = f"[{MIGRATE} (STOPPED->RUNNING) - Exit: {exit_code}] for target [{name} (NONE->RUNNING)]"
    waited = f"CannotStartContainerError: dependency graph: failed to resolve container ordering dependency {why}"
    containers = [
        {"name": name, "exitCode": 143, "reason": waited},
        {"name": MIGRATE, "exitCode": exit_code},
    ]
    reason = "Essential container in task exited"
    return stopped(patient, service, "EssentialContainerExited", reason, containers=containers, startedAt=None)


def write(
    patient: Patient,
    service: str,
    task: dict[str, Any],
    *lines: str,
    at: float | None = None,
    container: str | None = None,
) -> None:
    """Lines of a task's log."""
    names, logs = patient.place.settings.names.service(service), patient.client("logs")
    stream = f"ecs/{container or names.container}/{task['taskArn'].rpartition('/')[2]}"
    logs.create_log_stream(logGroupName=names.log_group, logStreamName=stream)
    put(patient, names.log_group, stream, lines, at)


def put(patient: Patient, group: str, stream: str, lines: tuple[str, ...], at: float | None = None) -> None:
    events = [{"timestamp": int((at or time.time()) * 1000), "message": line} for line in lines]
    patient.client("logs").put_log_events(logGroupName=group, logStreamName=stream, logEvents=events)


def _service(name: str, told: Told, described: dict[str, Any]) -> dict[str, Any]:
    primary, now = described["deployments"][0], time.time()
    counts = {"runningCount": told.running, "pendingCount": 0}
    deployment = {
        **{key: primary[key] for key in ("id", "taskDefinition")},
        "status": "PRIMARY",
        "rolloutState": told.state,
        "rolloutStateReason": "",
        **counts,
        "desiredCount": told.desired,
        "failedTasks": told.failed,
        "createdAt": now - 600,
        "updatedAt": now - 600,
    }
    # The task a test stopped is younger than the last steady state.
    count = len(told.events)
    events = [
        {"id": str(n), "createdAt": now - 20 * (count - n), "message": f"(service {name}) {text}"}
        for n, text in enumerate(told.events)
    ]
    return {**counts, "deployments": [deployment, *told.deployments], "events": events[::-1]}


def _tasks(patient: Patient, service: str, told: Told, described: dict[str, Any]) -> list[dict[str, Any]]:
    alive = [
        stopped(
            patient,
            service,
            "",
            "",
            **{"taskArn": f"{patient.ids['cluster'].replace(':cluster/', ':task/')}/{address_of(service, n)}"},
            lastStatus="RUNNING",
            desiredStatus="RUNNING",
            stoppingAt=None,
            stoppedAt=None,
            stopCode=None,
            stoppedReason=None,
            healthStatus="HEALTHY",
        )
        for n in range(told.running)
    ]
    for n, task in enumerate(alive):
        task["containers"][0]["networkInterfaces"] = [{"privateIpv4Address": address_of(service, n)}]
    return [*alive, *told.stopped]


def address_of(service: str, number: int) -> str:
    return f"10.1.{2 if service == BACKEND else 3}.{10 + number}"


def _targets(service: str, told: Told) -> list[dict[str, Any]]:
    return [{"Id": address_of(service, n), "Port": PORTS[service], **each} for n, each in enumerate(told.targets)]


def _register(patient: Patient, service: str, told: Told) -> None:
    elb, arn = patient.client("elbv2"), patient.ids[f"{service}_group"]
    found = elb.describe_target_health(TargetGroupArn=arn)["TargetHealthDescriptions"]
    before = [each["Target"] for each in found if each["TargetHealth"]["State"] != "draining"]
    if before:
        elb.deregister_targets(TargetGroupArn=arn, Targets=before)
    alive = [each for each in _targets(service, told) if each["State"] != "draining"]
    if alive:
        elb.register_targets(TargetGroupArn=arn, Targets=[{"Id": each["Id"], "Port": each["Port"]} for each in alive])
