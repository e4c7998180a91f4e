"""What the provider needs of ECS."""

# moto's own helpers are what its methods are written with.
# pyright: reportPrivateUsage=false
from __future__ import annotations

import secrets
from typing import Any, cast

from moto.core.responses import ActionResult
from moto.core.utils import camelcase_to_underscores, utcnow
from moto.ecs.models import EC2ContainerServiceBackend, Service
from moto.ecs.responses import EC2ContainerServiceResponse


def service_settings() -> None:
    """The provider reads back all of a service's settings.

    moto's CreateService keeps none of those below and says launch type EC2 where a capacity-provider strategy
    was given.
    """
    kept: dict[str, Any] = {
        "enableExecuteCommand": False,
        "enableECSManagedTags": False,
        "healthCheckGracePeriodSeconds": None,
        "availabilityZoneRebalancing": "DISABLED",
        "capacityProviderStrategy": None,
        "placementConstraints": [],
        "placementStrategy": [],
    }
    deployment_defaults = {
        "maximumPercent": 200,
        "minimumHealthyPercent": 100,
        "deploymentCircuitBreaker": {"enable": False, "rollback": False},
    }
    create = EC2ContainerServiceResponse.create_service

    def create_service(self: EC2ContainerServiceResponse) -> ActionResult:
        answer = create(self)
        service = cast("dict[str, Service]", answer.result)["service"]
        settings = {key: self._get_param(key, default) for key, default in kept.items()}
        settings["deploymentConfiguration"] = {**deployment_defaults, **self._get_param("deploymentConfiguration", {})}
        for key, value in settings.items():
            setattr(service, camelcase_to_underscores(key), value)
        strategy = settings["capacityProviderStrategy"]
        if strategy:
            service.launch_type = None
            for deployment in service.deployments:
                deployment.update(launchType=None, capacityProviderStrategy=strategy)
        return answer

    EC2ContainerServiceResponse.create_service = create_service


def service_updates() -> None:
    """AWS merges a partial deployment configuration into the one in use, answers with the ARN of the task
    definition and starts a deployment for a new one.

    moto replaces the configuration (the circuit breaker is gone after a change of percentages), keeps
    "family:revision" as it was sent, and keeps the old deployment.
    """
    update = EC2ContainerServiceBackend.update_service

    def update_service(self: EC2ContainerServiceBackend, service_properties: dict[str, Any]) -> Service:
        wanted = service_properties.get("task_definition")
        if service_properties.get("deployment_configuration"):
            name = service_properties["service"].split("/")[-1]
            current = self._get_service(service_properties.get("cluster", "default"), name)
            before = vars(current).get("deployment_configuration", {})
            service_properties["deployment_configuration"] = {
                **before,
                **service_properties["deployment_configuration"],
            }
        service = update(self, service_properties)
        if wanted:
            service.task_definition = self.describe_task_definition(wanted).arn
            primary = service.deployments[0] if service.deployments else {}
            if primary.get("taskDefinition") not in (None, service.task_definition):
                now = utcnow()
                deployment_id = f"ecs-svc/{secrets.randbelow(10**19)}"
                primary.update(id=deployment_id, taskDefinition=service.task_definition, createdAt=now, updatedAt=now)
        return service

    EC2ContainerServiceBackend.update_service = update_service
