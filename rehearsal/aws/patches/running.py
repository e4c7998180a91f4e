"""Answers with what the rehearsal runs, where moto answers with constants, as it runs nothing."""

# moto's own helpers are what its methods are written with.
# pyright: reportPrivateUsage=false
from __future__ import annotations

import copy
from typing import Any, cast

from moto.core.responses import ActionResult
from moto.ecs.models import EC2ContainerServiceBackend, Service, ecs_backends
from moto.ecs.responses import EC2ContainerServiceResponse
from moto.elbv2.models import ELBv2Backend, FakeHealthStatus

from rehearsal.aws import running
from rehearsal.aws.running import Snapshot

REGISTERING = {
    "State": "initial",
    "Reason": "Elb.RegistrationInProgress",
    "Description": "Target registration is in progress",
}


def roll_back(snapshot: Snapshot) -> None:
    """ECS's circuit breaker makes an earlier deployment the service's again, without a call from outside.

    Only a PRIMARY that the rehearsal gave up is replaced: an update that came meanwhile stays.
    """
    _, _, _, region, account, cluster = snapshot["cluster"].split(":")
    services = ecs_backends[account][region].services
    for name, reported in snapshot["services"].items():
        service = services.get(f"{cluster.partition('/')[2]}:{name}")
        failed = {each["id"] for each in reported["deployments"][1:] if each["rolloutState"] == "FAILED"}
        if service is not None and service.deployments and service.deployments[0]["id"] in failed:
            to = reported["deployments"][0]
            service.deployments[0].update({key: to[key] for key in ("id", "taskDefinition", "createdAt")})
            service.task_definition = to["taskDefinition"]


def as_running(service: Service) -> Service:
    """moto's service with the reported counts, deployments and events; moto's own stays as its methods need it."""
    reported = running.service(service.cluster_arn, service.name)
    answer = copy.copy(service)
    answer.running_count, answer.pending_count = reported["runningCount"], reported["pendingCount"]
    answer.events = reported["events"]
    if service.deployments and service.status == "ACTIVE":
        known = {each["id"]: each for each in reported["deployments"]}
        primary = service.deployments[0]
        # A deployment that the rehearsal has not seen yet.
        fresh: dict[str, Any] = {
            "rolloutState": "IN_PROGRESS",
            "rolloutStateReason": f"ECS deployment {primary['id']} in progress.",
            "runningCount": 0,
            "pendingCount": 0,
            "failedTasks": 0,
        }
        current = {**primary, **(known.pop(primary["id"], None) or fresh)}
        others = [{**primary, **each, "status": "ACTIVE"} for each in known.values()]
        answer.deployments = [{**current, "status": "PRIMARY", "desiredCount": service.desired_count}, *others]
    return answer


def services() -> None:
    """ECS counts a service's tasks, tells how each deployment goes and why, and keeps the newest events.

    moto sets the running count to the desired one with an update, never ends a deployment and has no events.
    """
    describe = EC2ContainerServiceBackend.describe_services
    update = EC2ContainerServiceResponse.update_service

    def describe_services(
        self: EC2ContainerServiceBackend, cluster_str: str, service_names_or_arns: list[str]
    ) -> tuple[list[Service], list[dict[str, str]]]:
        found, failures = describe(self, cluster_str, service_names_or_arns)
        return [as_running(each) for each in found], failures

    def update_service(self: EC2ContainerServiceResponse) -> ActionResult:
        return ActionResult({"service": as_running(cast("dict[str, Service]", update(self).result)["service"])})

    EC2ContainerServiceBackend.describe_services = describe_services
    EC2ContainerServiceResponse.update_service = update_service


def tasks() -> None:
    """A service's tasks are listed, running or stopped, and described with why they stopped.

    moto starts none for a service; in ListTasks it ignores the service and lists stopped tasks without being asked.
    """
    describe = EC2ContainerServiceResponse.describe_tasks

    def list_tasks(self: EC2ContainerServiceResponse) -> ActionResult:
        backend = self.ecs_backend
        cluster = backend._get_cluster(self._get_param("cluster", "default"))
        status = self._get_param("desiredStatus") or "RUNNING"
        instance, family, started_by = (self._get_param(key) for key in ("containerInstance", "family", "startedBy"))
        own = backend.list_tasks(cluster.name, instance, family, started_by, None, status)
        name = self._get_param("serviceName")
        if name:
            group = f"service:{backend._get_service(cluster.name, name).name}"
            own = [task for task in own if task.group == group]
        else:
            group = None
        reported = [
            task["taskArn"]
            for task in running.tasks(cluster.arn)
            if task["desiredStatus"] == status
            and not instance
            and group in (None, task["group"])
            and family in (None, task["taskDefinitionArn"].rpartition("/")[2].partition(":")[0])
            and started_by in (None, task["startedBy"])
        ]
        return ActionResult({"taskArns": [*(task.task_arn for task in own), *reported]})

    def describe_tasks(self: EC2ContainerServiceResponse) -> ActionResult:
        own = cast("dict[str, list[Any]]", describe(self).result)["tasks"]
        cluster = self.ecs_backend._get_cluster(self._get_param("cluster", "default"))
        wanted = {each.rpartition("/")[2] for each in self._get_param("tasks", [])}
        by_id = {task["taskArn"].rpartition("/")[2]: task for task in running.tasks(cluster.arn)}
        missing = wanted - {*by_id} - {task.id for task in own}
        prefix = cluster.arn.replace(":cluster/", ":task/")
        failures = [{"arn": f"{prefix}/{each}", "reason": "MISSING"} for each in sorted(missing)]
        reported = [task for id_, task in by_id.items() if id_ in wanted]
        return ActionResult({"tasks": [*own, *reported], "failures": failures})

    EC2ContainerServiceResponse.list_tasks = list_tasks
    EC2ContainerServiceResponse.describe_tasks = describe_tasks


def target_health() -> None:
    """A load balancer knows from its checks which targets are healthy, and why not; a deregistered one drains.

    To moto whatever is registered is healthy, and it forgets at once what is deregistered.
    """
    describe = ELBv2Backend.describe_target_health

    def describe_target_health(
        self: ELBv2Backend, target_group_arn: str, targets: list[dict[str, Any]]
    ) -> list[FakeHealthStatus]:
        answers: list[Any] = [*describe(self, target_group_arn, targets)]
        group = self.target_groups[target_group_arn]
        # What the snapshot does not have yet, registered or deregistered a moment ago, is left out.
        reported = {
            id_: each
            for id_, each in running.targets(target_group_arn).items()
            if (each["State"] == "draining") is (id_ not in group.targets)
        }
        if not targets:
            gone = [each for id_, each in reported.items() if id_ not in group.targets]
            answers += [FakeHealthStatus(each["Id"], each["Port"], group.health_check_port, "") for each in gone]
        for answer in answers:
            unseen = REGISTERING if answer.instance_id in group.targets else None
            told = reported.get(answer.instance_id, unseen)
            if told is not None:
                answer.status = told["State"]
                answer.reason, answer.description = told.get("Reason"), told.get("Description")
        return answers

    ELBv2Backend.describe_target_health = describe_target_health
