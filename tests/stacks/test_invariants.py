"""Each invariant finds what breaks it."""

from __future__ import annotations

import copy
import json
from collections.abc import Callable
from typing import Any

import pytest

from tests.stacks.invariants import EVERY, broken_in_account
from tests.support import Json, Output

Break = Callable[[Json], object]


def put(address: str, key: str, value: Any) -> Break:
    type_, _, name = address.partition(".")
    return lambda document: document["resource"][type_][name].update({key: value})


def drop(address: str) -> Break:
    type_, _, name = address.partition(".")
    return lambda document: document["resource"][type_].pop(name)


def grant(**statement: Any) -> Break:
    policy = {"Statement": [{"Effect": "Allow", "Action": ["s3:GetObject"], "Resource": ["a"], **statement}]}
    return put("aws_iam_role_policy.backend_task_role_use_items", "policy", json.dumps(policy))


BREAKS: dict[str, list[Break]] = {
    "tokens": [put("aws_lb.load_balancer", "name", "${TfToken[TOKEN.1]}")],
    "emptied_blocks": [put("aws_lb_listener.load_balancer_http", "default_action", [{}])],
    "unresolved_references": [
        put("aws_lb.load_balancer", "name", "${aws_vpc.other.id}"),
        put("aws_lb.load_balancer", "name", "${var.other}"),
        put("aws_lb.load_balancer", "depends_on", ["aws_vpc.other"]),
        lambda document: document["output"]["vpc_id"].update(value="${aws_vpc.an-other.id}"),
        lambda document: document["variable"].update(unused={}),
    ],
    "dependency_cycles": [put("aws_vpc.vpc", "depends_on", ["aws_lb.load_balancer"])],
    "addresses_that_cannot_be_typed": [
        lambda document: document["resource"]["aws_vpc"].update(a_A1B2C3D4={}),
        lambda document: document["resource"]["aws_vpc"].update({"1st": {}}),
        lambda document: document["output"].update({"Vpc": {}}),
    ],
    "untagged_providers": [lambda document: document["provider"]["aws"][0].update(default_tags=[{"tags": {}}])],
    "tags_of_modules": [put("aws_vpc.vpc", "tags", {"Owner": "x"})],
    "functions_of_the_clock": [put("aws_lb.load_balancer", "name", "${timestamp()}")],
    "plain_storage": [
        put("aws_dynamodb_table.items", "server_side_encryption", {"enabled": False}),
        put("aws_db_instance.database", "storage_encrypted", False),
        lambda document: document["resource"].setdefault("aws_s3_bucket", {}).update(other={"bucket": "b"}),
    ],
    "open_buckets": [lambda document: document["resource"].setdefault("aws_s3_bucket", {}).update(o={"bucket": "b"})],
    "public_parts": [
        put("aws_vpc_security_group_ingress_rule.rds_from_ecs_5432", "cidr_ipv4", "0.0.0.0/0"),
        put("aws_vpc_security_group_ingress_rule.alb_from_anywhere_80", "to_port", 443),
        put("aws_db_instance.database", "publicly_accessible", True),
        put("aws_ecs_service.backend_service", "network_configuration", {"assign_public_ip": True}),
        put("aws_subnet.vpc_private_a", "map_public_ip_on_launch", True),
        put("aws_route.vpc_private_nat_a", "gateway_id", "${aws_internet_gateway.vpc_internet_gateway.id}"),
    ],
    "inline_rules": [
        put("aws_security_group.alb", "ingress", []),
        put("aws_default_security_group.vpc_default_security_group", "egress", []),
    ],
    "edges_with_one_end": [
        drop("aws_vpc_security_group_egress_rule.ecs_to_rds_5432"),
        drop("aws_vpc_security_group_ingress_rule.rds_from_ecs_5432"),
    ],
    "broad_policies": [grant(Action=["s3:*"]), grant(Resource=["*"]), grant(Principal="*")],
    "roles_for_other_accounts": [
        put(
            "aws_iam_role.backend_task_role",
            "assume_role_policy",
            json.dumps({"Statement": [{"Principal": {"Service": "a"}, "Condition": {}}]}),
        )
    ],
    "names_that_aws_refuses": [
        put("aws_lb.load_balancer", "name", "a" * 33),
        put("aws_db_instance.database", "identifier", "a_b"),
    ],
    "tags_that_aws_refuses": [put("aws_vpc.vpc", "tags", {"Name": "a" * 257})],
    "subnets_that_do_not_fit": [
        put("aws_subnet.vpc_public_a", "cidr_block", "10.2.0.0/24"),
        put("aws_subnet.vpc_public_a", "cidr_block", "10.1.1.0/28"),
    ],
    "wrong_ways_out": [
        drop("aws_route.vpc_private_nat_b"),
        put("aws_route.vpc_private_nat_b", "nat_gateway_id", "${aws_nat_gateway.vpc_nat_z.id}"),
        put("aws_route.vpc_private_nat_b", "route_table_id", "${aws_route_table.vpc_private_routes_a.id}"),
    ],
    "rules_out_of_order": [put("aws_lb_listener_rule.load_balancer_api", "priority", 3)],
    "tasks_of_a_wrong_size": [
        put("aws_ecs_task_definition.backend_task", "memory", "768"),
        put("aws_ecs_task_definition.backend_task", "container_definitions", '[{"memory": 1024}]'),
    ],
}


def test_every_invariant_is_broken_here() -> None:
    assert set(BREAKS) == {invariant.__name__ for invariant in EVERY}


@pytest.mark.parametrize("name", BREAKS)
def test_an_invariant_finds_what_breaks_it(name: str, staging: Output) -> None:
    (invariant,) = (each for each in EVERY if each.__name__ == name)
    for break_ in BREAKS[name]:
        document = copy.deepcopy(staging.document)
        break_(document)
        assert list(invariant(Output(document)))


BREAKS_OF_ACCOUNTS: dict[str, Callable[[dict[str, Json]], object]] = {
    "clashing_names": lambda stacks: put("aws_lb.load_balancer", "name", "prodready-infra-alb-production")(
        stacks["staging"]
    ),
    "shared_states": lambda stacks: stacks["staging"]["terraform"]["backend"]["s3"].update(
        key="prodready-infra/production/terraform.tfstate"
    ),
    "states_without_a_place": lambda stacks: drop("aws_dynamodb_table.state_lock_staging")(stacks["bootstrap"]),
    "roles_within_reach": lambda stacks: put("aws_iam_role.backend_task_role", "name", "prodready-infra-a-staging")(
        stacks["production"]
    ),
    "roles_without_boundary": lambda stacks: stacks["staging"]["resource"]["aws_iam_role"]["backend_task_role"].pop(
        "permissions_boundary"
    ),
}


@pytest.mark.parametrize("name", BREAKS_OF_ACCOUNTS)
def test_an_invariant_of_an_account_finds_what_breaks_it(name: str, stacks: dict[str, Output]) -> None:
    assert broken_in_account(stacks) == {}
    documents = {stack: copy.deepcopy(output.document) for stack, output in stacks.items()}
    BREAKS_OF_ACCOUNTS[name](documents)

    assert set(broken_in_account({stack: Output(document) for stack, document in documents.items()})) == {name}
