"""What runs, as the status file has it: for people, for tests, and for the next command."""

from __future__ import annotations

from typing import Any

from rehearsal.ecs.service import RunningService
from rehearsal.ecs.task import Task, TaskStatus
from rehearsal.elb.front_door import FrontDoor
from rehearsal.health import Health
from rehearsal.process import Status
from rehearsal.rds.databases import Databases


def describe(door: FrontDoor, services: list[RunningService], databases: Databases, factor: float) -> Status:
    return {
        "front_doors": door.urls(),
        "not_rehearsed": door.not_rehearsed(),
        "factor": factor,
        "services": [_service(each) for each in services],
        "databases": [
            {
                "name": each.name,
                "port": each.port,
                "running": each.running,
                "version": each.version,
                "applied_version": each.applied_version,
                "directory": str(each.directory),
                "pid": each.pid,
            }
            for each in databases.instances.values()
        ],
    }


def _service(service: RunningService) -> dict[str, Any]:
    current = service.current
    tasks = current.tasks if current else []
    return {
        "name": service.name,
        "desired": service.desired,
        "deployment": current.id if current else None,
        "revision": current.definition.revision if current else None,
        "state": current.state if current else "IN_PROGRESS",
        "new_healthy": sum(task.healthy for task in tasks),
        "old": sum(task.active for task in service.tasks if task not in tasks),
        "failing": service.failing,
        "failures": service.failures,
        "tasks": [_task(task) for task in service.tasks],
    }


def _task(task: Task) -> dict[str, Any]:
    return {
        "id": task.id,
        "revision": task.definition.revision,
        "status": task.status,
        "health": task.health if task.status is TaskStatus.RUNNING else Health.INITIAL,
        "address": task.address,
        "ports": task.ports,
        "pids": [each.pid for each in task.containers],
        "started_at": task.created_at,
        "reason": task.reason,
    }
