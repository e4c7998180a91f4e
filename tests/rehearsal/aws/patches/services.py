"""An ECS service for the tests that need one."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

Client = Callable[[str], Any]


def ecs_service(client: Client, network: dict[str, str], name: str, **settings: Any) -> dict[str, Any]:
    ecs = client("ecs")
    ecs.create_cluster(clusterName="patched")
    ecs.register_task_definition(family=name, containerDefinitions=[{"name": "c", "image": "i", "memory": 128}])
    vpc = {"subnets": [network["subnet"]], "securityGroups": [network["first"]]}
    ecs.create_service(
        cluster="patched",
        serviceName=name,
        taskDefinition=name,
        desiredCount=1,
        networkConfiguration={"awsvpcConfiguration": vpc},
        **settings,
    )
    return ecs.describe_services(cluster="patched", services=[name])["services"][0]
