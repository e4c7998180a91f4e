"""What runs, in the words of the AWS API: what the emulator answers with."""

from __future__ import annotations

from typing import Any

from rehearsal.aws.running import Snapshot
from rehearsal.ecs.container import RunningContainer
from rehearsal.ecs.service import Deployment, RunningService
from rehearsal.ecs.task import StopCode, Task, TaskStatus
from rehearsal.elb.load_balancer import LoadBalancer
from rehearsal.health import Health

UNKNOWN = "UNKNOWN"


def take(cluster: str, services: list[RunningService], balancer: LoadBalancer) -> Snapshot:
    """Services by name, tasks, and targets by target group, of the cluster with this ARN; times are of the epoch."""
    return {
        "cluster": cluster,
        "services": {each.name: _service(each) for each in services},
        "tasks": [_task(cluster, each, task) for each in services for task in [*each.tasks, *each.stopped]],
        "targets": balancer.described(),
    }


def empty(cluster: str) -> Snapshot:
    """The one at the end of the rehearsal."""
    return {"cluster": cluster, "services": {}, "tasks": [], "targets": {}}


def _service(service: RunningService) -> dict[str, Any]:
    return {
        **_counts(service.tasks),
        "deployments": [_deployment(service, each) for each in service.deployments],
        "events": service.events.newest_first(),
    }


def _counts(tasks: list[Task]) -> dict[str, int]:
    active = [task.status for task in tasks if task.active]
    return {"runningCount": active.count(TaskStatus.RUNNING), "pendingCount": active.count(TaskStatus.PENDING)}


def _deployment(service: RunningService, deployment: Deployment) -> dict[str, Any]:
    current = deployment is service.current
    return {
        "id": deployment.id,
        "status": "PRIMARY" if current else "ACTIVE",
        "taskDefinition": deployment.definition.arn,
        "rolloutState": deployment.state,
        "rolloutStateReason": rollout_reason(deployment),
        **_counts(deployment.tasks),
        "desiredCount": service.desired if current else sum(task.active for task in deployment.tasks),
        "failedTasks": deployment.failed_tasks,
        "createdAt": deployment.created_at,
        "updatedAt": deployment.updated_at,
    }


def rollout_reason(deployment: Deployment) -> str:
    if deployment.state == "FAILED":
        return "ECS deployment circuit breaker: tasks failed to start."
    if deployment.state == "COMPLETED":
        return f"ECS deployment {deployment.id} completed."
    if deployment.instead_of:
        return f"ECS deployment circuit breaker: rolling back to deploymentId {deployment.id}."
    return f"ECS deployment {deployment.id} in progress."


def _task(cluster: str, service: RunningService, task: Task) -> dict[str, Any]:
    arn = f"{cluster.replace(':cluster/', ':task/')}/{task.id}"
    return {
        "taskArn": arn,
        "clusterArn": cluster,
        "taskDefinitionArn": task.definition.arn,
        "group": f"service:{service.name}",
        "startedBy": task.started_by,
        "launchType": "FARGATE",
        "lastStatus": task.status,
        "desiredStatus": "RUNNING" if task.active else "STOPPED",
        "healthStatus": _health(task),
        "createdAt": task.created_at,
        "startedAt": task.running_at,
        "stoppingAt": task.stopping_at,
        "stoppedAt": task.stopped_at,
        "stopCode": task.stop_code,
        "stoppedReason": task.reason or None,
        "containers": [_container(arn, task, each) for each in task.containers],
    }


def _container(task_arn: str, task: Task, container: RunningContainer) -> dict[str, Any]:
    ended = task.status is TaskStatus.STOPPED or container.exit_code is not None
    return {
        "name": container.definition.name,
        "image": container.definition.image,
        "taskArn": task_arn,
        "lastStatus": "STOPPED" if ended else "RUNNING" if container.started else "PENDING",
        "exitCode": container.exit_code,
        "reason": container.reason or (task.reason if task.stop_code is StopCode.FAILED_TO_START else None),
        "healthStatus": _container_health(container),
        "networkInterfaces": [{"privateIpv4Address": task.address}] if task.address else [],
    }


def _container_health(container: RunningContainer) -> str:
    """UNKNOWN before the first decision, and always without a health check."""
    undecided = container.definition.health_check is None or container.health is Health.INITIAL
    return UNKNOWN if undecided else container.health.upper()


def _health(task: Task) -> str:
    """Of the essential containers that have a health check."""
    parts = {
        _container_health(each)
        for each in task.containers
        if each.definition.essential and each.definition.health_check is not None
    }
    return next((each for each in ("UNHEALTHY", UNKNOWN, "HEALTHY") if each in parts), UNKNOWN)
