from __future__ import annotations

import json
from collections.abc import Callable

import pytest
from constructs import Construct

from modules.ecs.cluster import Cluster
from modules.ecs.scaling import Capacity, CpuScaling
from modules.ecs.service import Service
from modules.ecs.task import Container, InitContainer, Task, TaskRoles
from modules.load_balancer import LoadBalancer, TargetGroup
from modules.logs import ContainerLogs
from modules.security import SecurityGroup
from tests.support import Output

Synth = Callable[[Callable[[Construct], object]], Output]


def service(
    scope: Construct,
    *,
    container_port: int = 8080,
    target_port: int = 8080,
    health_check_path: str = "/ok",
    previous_port: int = 0,
    init: InitContainer | None = None,
) -> Service:
    group = SecurityGroup(scope, "group", name="g", description="d", vpc_id="vpc-1")
    targets = TargetGroup(scope, "targets", name="t", vpc_id="vpc-1", port=target_port, health_check_path="/ok")
    balancer = LoadBalancer(
        scope,
        "balancer",
        name="b",
        subnet_ids=["subnet-1"],
        security_group=SecurityGroup(scope, "balancer_group", name="bg", description="d", vpc_id="vpc-1"),
        certificate_arn=None,
        default_targets=targets,
        access_logs=None,
        deletion_protection=False,
    )
    task = Task(
        scope,
        "task",
        family="f",
        region="eu-west-1",
        cpu=256,
        memory=512,
        container=Container("c", "image", container_port, 512, health_check_path, {"B": "2", "A": "1"}, {}),
        logs=ContainerLogs(scope, "logs", name="/ecs/c", display_name="c", retention_days=7, key_arn=None),
        roles=TaskRoles(
            "exec", "task", "111111111111", "arn:boundary", "arn:aws:ecr:eu-west-1:111111111111:repository/r"
        ),
        init=init,
    )
    service = Service(
        scope,
        "service",
        name="s",
        cluster=Cluster(scope, "cluster", name="cl"),
        task=task,
        capacity=Capacity(2, 1, 4, "policy"),
        subnet_ids=["subnet-2"],
        security_group=group,
        behind=(balancer, targets),
        image_from_pipeline=False,
    )
    service.allow_from(balancer, previous_port=previous_port)
    return service


def test_a_target_group_on_another_port_than_the_container_is_refused(synth: Synth) -> None:
    with pytest.raises(ValueError, match="s: target group port 80, container port 9000"):
        synth(lambda scope: service(scope, container_port=9000, target_port=80))


def test_the_load_balancer_reaches_the_tasks_on_the_containers_port(synth: Synth) -> None:
    stack = synth(lambda scope: service(scope, container_port=3000, target_port=3000))
    ports = {rule["from_port"] for rule in stack.all("aws_vpc_security_group_ingress_rule").values()}
    assert ports == {3000}
    assert stack.one("aws_ecs_service")["load_balancer"][0]["container_port"] == 3000
    assert stack.one("aws_lb_target_group")["port"] == 3000


def test_a_bad_deployment_rolls_back_and_a_good_one_never_goes_below_the_desired_count(synth: Synth) -> None:
    resource = synth(service).one("aws_ecs_service")
    assert resource["deployment_circuit_breaker"] == {"enable": True, "rollback": True}
    assert (resource["deployment_minimum_healthy_percent"], resource["deployment_maximum_percent"]) == (100, 200)
    assert resource["health_check_grace_period_seconds"] == 60


def test_tasks_are_spread_over_the_zones_again_after_one_was_lost(synth: Synth) -> None:
    assert synth(service).one("aws_ecs_service")["availability_zone_rebalancing"] == "ENABLED"


def test_the_way_to_the_old_tasks_outlives_a_change_of_port(synth: Synth) -> None:
    def moving(scope: Construct) -> None:
        old_and_new = service(scope, container_port=3000, target_port=3000, previous_port=2000)
        assert old_and_new.name

    stack = synth(moving)
    for type_ in ("aws_vpc_security_group_ingress_rule", "aws_vpc_security_group_egress_rule"):
        assert {rule["from_port"] for rule in stack.all(type_).values()} == {2000, 3000}
    assert stack.one("aws_ecs_service")["load_balancer"][0]["container_port"] == 3000


def test_a_change_of_port_keeps_the_target_group(synth: Synth) -> None:
    assert synth(service).one("aws_lb_target_group")["lifecycle"] == {"ignore_changes": ["port"]}


def test_the_old_revision_outlives_the_deployment_of_the_new_one(synth: Synth) -> None:
    definition = synth(service).one("aws_ecs_task_definition")
    assert definition["skip_destroy"] is True, "a failed deployment is rolled back to the revision before"


def test_a_new_revision_makes_nothing_else_anew_before_the_old_goes(synth: Synth) -> None:
    definition = synth(service).one("aws_ecs_task_definition")
    assert "lifecycle" not in definition, "create_before_destroy would hold for its roles, secrets and database too"


@pytest.mark.parametrize("capacity", [Capacity(1, 2, 4, "p"), Capacity(5, 1, 4, "p"), Capacity(0, -1, 4, "p")])
def test_a_desired_count_outside_the_limits_is_refused(synth: Synth, capacity: Capacity) -> None:
    with pytest.raises(ValueError, match="expected 0 <= minimum <= desired <= maximum"):
        synth(lambda scope: CpuScaling(scope, "s", cluster_name="c", service_name="n", capacity=capacity))


def test_a_health_path_with_a_query_reaches_curl_whole(synth: Synth) -> None:
    definition = synth(lambda scope: service(scope, health_check_path="/ok?a=1&b=2")).one("aws_ecs_task_definition")
    (container,) = json.loads(definition["container_definitions"])
    assert container["healthCheck"]["command"] == [
        "CMD-SHELL",
        "curl -f 'http://localhost:8080/ok?a=1&b=2' || exit 1",
    ]


INIT = InitContainer("migrate", ["node", "migrate.js"], {"A": "3"}, {"MASTER": "arn:secret"})


def test_the_container_starts_only_after_the_one_before_it_ended_well(synth: Synth) -> None:
    definition = synth(lambda scope: service(scope, init=INIT)).one("aws_ecs_task_definition")
    container, init = json.loads(definition["container_definitions"])
    assert container["dependsOn"] == [{"containerName": "migrate", "condition": "SUCCESS"}]
    assert (init["essential"], init["command"], init["image"]) == (False, ["node", "migrate.js"], container["image"])
    assert "startTimeout" not in init, "it may take as long as it takes"
    assert "memory" not in init, "two limits would have to fit into the task together"
    assert "dependsOn" not in json.loads(synth(service).one("aws_ecs_task_definition")["container_definitions"])[0]


def test_of_what_the_one_before_it_is_given_the_container_has_nothing(synth: Synth) -> None:
    definition = synth(lambda scope: service(scope, init=INIT)).one("aws_ecs_task_definition")
    container, init = json.loads(definition["container_definitions"])
    assert init["secrets"] == [{"name": "MASTER", "valueFrom": "arn:secret"}]
    assert (container["secrets"], container["environment"]) == (
        [],
        [{"name": "A", "value": "1"}, {"name": "B", "value": "2"}],
    )
    assert "mountPoints" not in init, "nor can it leave anything behind"
    assert init["readonlyRootFilesystem"] is True


def test_a_log_that_cannot_be_written_stops_no_task(synth: Synth) -> None:
    (container,) = json.loads(synth(service).one("aws_ecs_task_definition")["container_definitions"])
    options = container["logConfiguration"]["options"]
    assert (options["mode"], options["max-buffer-size"]) == ("non-blocking", "10m")


def test_a_container_can_write_to_its_scratch_volume_alone(synth: Synth) -> None:
    definition = synth(service).one("aws_ecs_task_definition")
    (container,) = json.loads(definition["container_definitions"])
    assert container["readonlyRootFilesystem"] is True
    assert container["mountPoints"] == [{"sourceVolume": "scratch", "containerPath": "/tmp", "readOnly": False}]
    assert definition["volume"] == [{"name": "scratch"}]
