"""The preflight's checks of the synthesized JSON: each fault is found by its check alone."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from environments.settings import Settings
from ops.checks.offline import listener_rules
from ops.checks.offline.findings import FAIL
from ops.checks.offline.path_patterns import covers, takes
from ops.checks.offline.subjects import Environment
from ops.terraform.resource_types import TYPES
from ops.terraform.synthesized import Stack
from tests.ops.preflight import (
    Change,
    Subjects,
    add,
    contain,
    drop,
    listener_rule,
    make_subjects,
    put,
    rule,
    swap_priorities,
    told,
)
from tests.support import Output

API_TASK, API_TARGETS = "aws_ecs_task_definition.backend_task", "aws_lb_target_group.backend_targets"
API_RULE, PAGE_RULE = "aws_lb_listener_rule.load_balancer_api", "aws_lb_listener_rule.load_balancer_frontend"
LONG = "a-name-that-nobody-would-give-to-a-thing-of-theirs-but-for-a-test-of-its-length"


def several_containers(subjects: Subjects) -> None:
    task = subjects.at(API_TASK)
    second = '{"name": "log-router", "memory": 256, "environment": [], "portMappings": []}'
    task["container_definitions"] = f"{task['container_definitions'][:-1]}, {second}]"


def document(section: str, **values: Any) -> Change:
    """Change a block outside of the resources."""

    def change(subjects: Subjects) -> None:
        block = subjects.stacks["staging"].document
        for part in section.split("."):
            block = block[part]
        (block[0] if isinstance(block, list) else block).update(values)

    return change


FAULTS: list[tuple[str, Change, str, str]] = [
    (
        "listener rules",
        put(PAGE_RULE, "priority", 1),
        PAGE_RULE,
        f"priority is 1, as of {API_RULE}, expected another: AWS refuses the second",
    ),
    (
        "listener rules",
        swap_priorities,
        API_RULE,
        f"no request reaches it: {PAGE_RULE} takes /* at priority 1, before /api/* at 2; give this rule a lower number",
    ),
    (
        "listener rules",
        listener_rule("images", 3, "*.png", "/assets/*"),
        "aws_lb_listener_rule.images",
        f"no request reaches it: {PAGE_RULE} takes /* at priority 2, before *.png and /assets/* at 3; give this rule a "
        "lower number",
    ),
    (
        "listener rules",
        put(API_RULE, "condition", [{"path_pattern": {"values": ["/v2/*"]}}]),
        API_TARGETS,
        "health_check path is /api/health, which aws_lb_listener.load_balancer_http sends to "
        f"aws_lb_target_group.frontend_targets ({PAGE_RULE}), expected {API_TARGETS}: another program's health is "
        "checked than the one served",
    ),
    (
        "listener rules",
        drop(PAGE_RULE),
        "aws_lb_target_group.frontend_targets",
        "health_check path is /health, which aws_lb_listener.load_balancer_http sends to "
        f"{API_TARGETS} (aws_lb_listener.load_balancer_http default_action), expected "
        "aws_lb_target_group.frontend_targets: another program's health is checked than the one served",
    ),
    (
        "security groups",
        drop("aws_vpc_security_group_ingress_rule.alb_from_anywhere_80"),
        "aws_security_group.alb",
        "has no ingress from 0.0.0.0/0 on 80, expected one: without it every request there times out",
    ),
    (
        "security groups",
        drop("aws_vpc_security_group_egress_rule.alb_to_ecs_8080"),
        "aws_security_group.alb",
        "has no egress to aws_security_group.ecs on 8080, expected one: without it every request there times out",
    ),
    (
        "security groups",
        drop("aws_vpc_security_group_ingress_rule.ecs_from_alb_80"),
        "aws_security_group.ecs",
        "has no ingress from aws_security_group.alb on 80, expected one: without it every request there times out",
    ),
    (
        "security groups",
        drop("aws_vpc_security_group_egress_rule.ecs_to_rds_5432"),
        "aws_security_group.ecs",
        "has no egress to aws_security_group.rds on 5432, expected one: without it every request there times out",
    ),
    (
        "security groups",
        drop("aws_vpc_security_group_egress_rule.ecs_to_anywhere_443"),
        "aws_security_group.ecs",
        "has no egress to 0.0.0.0/0 on 443, expected one: without it every request there times out",
    ),
    (
        "security groups",
        put("aws_db_instance.database", "port", 5433),
        "aws_security_group.rds",
        "has no ingress from aws_security_group.ecs on 5433, expected one: without it every request there times out",
    ),
    (
        "security groups",
        put("aws_vpc_security_group_ingress_rule.rds_from_ecs_5432", "to_port", 5433),
        "aws_vpc_security_group_ingress_rule.rds_from_ecs_5432",
        "is ingress from aws_security_group.ecs on 5432-5433, which nothing on the way to the database needs: "
        "remove it",
    ),
    (
        "security groups",
        rule("ingress", "rds", 5432, cidr_ipv4="0.0.0.0/0"),
        "aws_vpc_security_group_ingress_rule.added",
        "is ingress from 0.0.0.0/0 on 5432, which nothing on the way to the database needs: remove it",
    ),
    (
        "security groups",
        rule("ingress", "alb", 80, cidr_ipv6="::/0"),
        "aws_vpc_security_group_ingress_rule.added",
        "is ingress from ::/0 on 80, which nothing on the way to the database needs: remove it",
    ),
    (
        "security groups",
        rule("egress", "ecs", -1, cidr_ipv4="0.0.0.0/0", ip_protocol="-1"),
        "aws_vpc_security_group_egress_rule.added",
        "is egress to 0.0.0.0/0 on all ports, which nothing on the way to the database needs: remove it",
    ),
    (
        "security groups",
        rule("ingress", "ecs", 8080, cidr_ipv4="10.1.0.0/16", ip_protocol="udp"),
        "aws_vpc_security_group_ingress_rule.added",
        "is ingress from 10.1.0.0/16 on udp 8080, which nothing on the way to the database needs: remove it",
    ),
    (
        "security groups",
        rule("ingress", "alb", 443, cidr_ipv4="0.0.0.0/0"),
        "aws_vpc_security_group_ingress_rule.added",
        "is ingress from 0.0.0.0/0 on 443, which aws_vpc_security_group_ingress_rule.alb_from_anywhere_443 is too: AWS "
        "refuses the second; remove it",
    ),
    (
        "security groups",
        put("aws_security_group.rds", "ingress", [{"from_port": 0}]),
        "aws_security_group.rds",
        "has inline ingress rules, expected a aws_vpc_security_group_ingress_rule for each",
    ),
    (
        "security groups",
        add("aws_security_group_rule.old", {"type": "ingress"}),
        "aws_security_group_rule.old",
        "expected a aws_vpc_security_group_ingress_rule or aws_vpc_security_group_egress_rule in its place",
    ),
    (
        "Fargate sizes",
        put(API_TASK, "cpu", "300"),
        API_TASK,
        "cpu is 300, expected 256, 512, 1024, 2048, 4096, 8192 or 16384",
    ),
    (
        "Fargate sizes",
        put(API_TASK, "memory", "4096"),
        API_TASK,
        "memory is 4096 with cpu 256, expected 512, 1024 or 2048",
    ),
    (
        "Fargate sizes",
        put(API_TASK, "cpu", "1024"),
        API_TASK,
        "memory is 512 with cpu 1024, expected 2048 to 8192 in steps of 1024",
    ),
    (
        "Fargate sizes",
        contain("frontend", memory=1024),
        "aws_ecs_task_definition.frontend_task",
        "container prodready-infra-frontend has memory 1024, expected 6 to 512, the task's",
    ),
    (
        "Fargate sizes",
        contain("frontend", memory=4),
        "aws_ecs_task_definition.frontend_task",
        "container prodready-infra-frontend has memory 4, expected 6 to 512, the task's",
    ),
    (
        "Fargate sizes",
        contain("frontend", memoryReservation=300),
        "aws_ecs_task_definition.frontend_task",
        "container prodready-infra-frontend reserves more memory than its limit of 256",
    ),
    (
        "Fargate sizes",
        contain("frontend", cpu=512),
        "aws_ecs_task_definition.frontend_task",
        "the containers' cpu adds up to 512, expected at most 256, the task's",
    ),
    (
        "names",
        put("aws_lb.load_balancer", "name", LONG),
        "aws_lb.load_balancer",
        f'name "{LONG}" has 79 characters, expected at most 32: make project, environment or vpc_name 47 shorter',
    ),
    (
        "names",
        put("aws_db_instance.database", "identifier", "a--b"),
        "aws_db_instance.database",
        'identifier is "a--b", expected lowercase letters, digits and single hyphens, a letter first and no hyphen '
        "last",
    ),
    (
        "Fargate sizes",
        several_containers,
        API_TASK,
        "the containers' memory adds up to 768, expected at most 512, the task's",
    ),
    (
        "account",
        document("terraform.backend.s3", bucket="state-111111111111"),
        "terraform.backend.s3",
        "bucket is state-111111111111, expected one with account_id 875486186130 in its name",
    ),
    (
        "account",
        document("provider.aws", allowed_account_ids=["111111111111"]),
        "provider.aws",
        "allowed_account_ids is ['111111111111'], expected ['875486186130']",
    ),
]


@pytest.fixture
def subjects(tmp_path: Path, stacks: dict[str, Output], settings: dict[str, Settings]) -> Subjects:
    return make_subjects(tmp_path, stacks, settings)


@pytest.mark.parametrize(
    ("check", "change", "where", "why"), FAULTS, ids=[f"{each[0]}: {each[3][:60]}" for each in FAULTS]
)
def test_a_fault_is_found_by_its_check_alone(subjects: Subjects, check: str, change: Change, where: str, why: str):
    change(subjects)
    found = subjects.faults()
    assert {(row.check, row.status) for row in found} == {(check, FAIL)}, found
    assert (where, why) in told(found)


def test_with_a_certificate_the_rules_of_the_https_listener_are_looked_at(
    subjects: Subjects, settings: dict[str, Settings], synth_platform: Callable[[Settings], Output]
):
    arn = "arn:aws:acm:us-east-1:875486186130:certificate/1"
    stack = Stack("staging", synth_platform(replace(settings["staging"], certificate_arn=arn)).document)
    environment = Environment(settings["staging"], stack, subjects.checkout)
    assert list(listener_rules.rules_are_in_order(environment)) == []
    stack.at(API_RULE)["priority"] = 3
    assert [each.where for each in listener_rules.rules_are_in_order(environment)] == [API_RULE]


def test_a_rule_that_asks_for_more_than_the_path_shadows_nothing(subjects: Subjects):
    host = {"host_header": {"values": ["old.example.com"]}}
    path = {"path_pattern": {"values": ["/*"]}}
    listener_rule("old", 3, "/*")(subjects)
    rule_ = subjects.at("aws_lb_listener_rule.old")
    rule_.update({"priority": 1, "condition": [path, host]})
    for name, priority in (("load_balancer_api", 2), ("load_balancer_frontend", 3)):
        subjects.at(f"aws_lb_listener_rule.{name}")["priority"] = priority
    assert subjects.faults() == []


@pytest.mark.parametrize(
    ("wide", "narrow", "expected"),
    [
        ("/*", "/api/*", True),
        ("*", "/api/*", True),
        ("/*", "*.png", True),
        ("/api/*", "/*", False),
        ("/api/*", "/api/v1/*", True),
        ("/api/*", "/api", False),
        ("/api*", "/api/*", True),
        ("/api/*", "/api*", False),
        ("/api/?", "/api/1", True),
        ("/api/1", "/api/?", False),
        ("/api/?", "/api/*", False),
        ("/*.png", "/a*.png", True),
        ("/a*.png", "/*.png", False),
        ("/API/*", "/api/*", False),
        ("/a*b*c", "/axbxc", True),
        ("", "/", False),
    ],
)
def test_a_pattern_covers_another_when_it_takes_every_path_of_it(wide: str, narrow: str, expected: bool):
    assert covers(wide, narrow) is expected
    sample = narrow.replace("*", "/x").replace("?", "y")
    assert takes(wide, sample if sample.startswith("/") else f"/{sample}") or not expected


def test_every_type_with_a_name_of_its_own_has_a_limit(stacks: dict[str, Output]):
    attributes = {"name", "family", "identifier", "bucket", "dashboard_name", "alarm_name"}
    named = {
        (address.partition(".")[0], attribute)
        for stack in stacks.values()
        for address, resource in stack.resources()
        for attribute in attributes & resource.keys()
        if "${" not in resource[attribute]
    } - {("aws_db_parameter_group", "family")}
    assert named == {(type_, known.name.argument) for type_, known in TYPES.items() if known.name}
