"""The gaps of ECS mended in the emulator, seen through its API as the Terraform provider sees them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from tests.rehearsal.aws.patches.services import ecs_service

Client = Callable[[str], Any]


def test_ecs_services_keep_their_settings(client: Client, network: dict[str, str]):
    breaker = {"enable": True, "rollback": True}
    wanted: dict[str, Any] = {
        "launchType": "FARGATE",
        "enableExecuteCommand": True,
        "enableECSManagedTags": True,
        "healthCheckGracePeriodSeconds": 60,
        "availabilityZoneRebalancing": "ENABLED",
        "deploymentConfiguration": {
            "maximumPercent": 150,
            "minimumHealthyPercent": 50,
            "deploymentCircuitBreaker": breaker,
        },
    }
    service = ecs_service(client, network, "settings", **wanted)
    assert {key: service[key] for key in wanted} == wanted


def test_ecs_services_have_the_defaults_of_aws(client: Client, network: dict[str, str]):
    service = ecs_service(client, network, "defaults")
    deployment = {
        "maximumPercent": 200,
        "minimumHealthyPercent": 100,
        "deploymentCircuitBreaker": {"enable": False, "rollback": False},
    }
    assert service["deploymentConfiguration"] == deployment
    assert service["enableExecuteCommand"] is False
    assert service["availabilityZoneRebalancing"] == "DISABLED"


def test_a_capacity_provider_strategy_stands_in_for_the_launch_type(client: Client, network: dict[str, str]):
    strategy = [{"capacityProvider": "FARGATE_SPOT", "weight": 3, "base": 0}]
    service = ecs_service(client, network, "spot", capacityProviderStrategy=strategy)
    assert service["capacityProviderStrategy"] == strategy
    assert "launchType" not in service


def test_a_partial_deployment_configuration_leaves_the_rest(client: Client, network: dict[str, str]):
    breaker = {"enable": True, "rollback": True}
    ecs_service(client, network, "partial", deploymentConfiguration={"deploymentCircuitBreaker": breaker})
    updated = client("ecs").update_service(
        cluster="patched", service="partial", deploymentConfiguration={"maximumPercent": 150}
    )["service"]["deploymentConfiguration"]
    assert updated == {"maximumPercent": 150, "minimumHealthyPercent": 100, "deploymentCircuitBreaker": breaker}


def test_a_new_task_definition_starts_a_deployment(client: Client, network: dict[str, str]):
    before = ecs_service(client, network, "revised")
    ecs = client("ecs")
    ecs.register_task_definition(family="revised", containerDefinitions=[{"name": "c", "image": "j", "memory": 128}])
    after = ecs.update_service(cluster="patched", service="revised", taskDefinition="revised:2")["service"]
    assert after["taskDefinition"].endswith(":task-definition/revised:2")
    assert after["deployments"][0]["taskDefinition"] == after["taskDefinition"]
    assert after["deployments"][0]["id"] != before["deployments"][0]["id"]
