from __future__ import annotations

import json
from collections.abc import Callable

import pytest
from constructs import Construct

from modules.vpc import Vpc, Zone
from tests.support import Output

Synth = Callable[[Callable[[Construct], object]], Output]
ZONES = [
    Zone(f"eu-west-1{letter}", f"10.0.{index}.0/24", f"10.0.{index + 10}.0/24", f"10.0.{index + 20}.0/24")
    for index, letter in enumerate("abc")
]


def vpc(scope: Construct, nat_gateways: int, zones: list[Zone] = ZONES) -> Vpc:
    return Vpc(
        scope,
        "vpc",
        name="net",
        environment="test",
        region="eu-west-1",
        account_id="111111111111",
        cidr="10.0.0.0/16",
        zones=zones,
        nat_gateways=nat_gateways,
    )


def nat_of_each_route(stack: Output) -> dict[str, str]:
    routes = stack.all("aws_route")
    nat = {route["route_table_id"]: route["nat_gateway_id"] for route in routes.values() if "nat_gateway_id" in route}
    return {key.split(".")[1]: value.split(".")[1] for key, value in nat.items()}


@pytest.mark.parametrize("count", [0, 1, 2, 3])
def test_as_many_nat_gateways_and_addresses_as_asked(synth: Synth, count: int) -> None:
    stack = synth(lambda scope: vpc(scope, count))
    assert len(stack.all("aws_nat_gateway")) == len(stack.all("aws_eip")) == count


def test_without_nat_the_inner_subnets_have_no_way_out(synth: Synth) -> None:
    stack = synth(lambda scope: vpc(scope, 0))
    assert nat_of_each_route(stack) == {}
    assert len(stack.all("aws_route_table")) == 7


def test_with_one_nat_gateway_every_zone_uses_it(synth: Synth) -> None:
    assert len(set(nat_of_each_route(synth(lambda scope: vpc(scope, 1))).values())) == 1


def test_with_a_nat_gateway_per_zone_no_zone_depends_on_another(synth: Synth) -> None:
    stack = synth(lambda scope: vpc(scope, 3))
    subnet_of_nat = {name: nat["subnet_id"] for name, nat in stack.all("aws_nat_gateway").items()}
    for association in stack.all("aws_route_table_association").values():
        table = association["route_table_id"].split(".")[1]
        nat = nat_of_each_route(stack).get(table)
        if nat:
            subnet = stack.at(association["subnet_id"].removeprefix("${").removesuffix(".id}"))
            nat_subnet = stack.at(subnet_of_nat[nat].removeprefix("${").removesuffix(".id}"))
            assert subnet["availability_zone"] == nat_subnet["availability_zone"]


@pytest.mark.parametrize("count", [-1, 4])
def test_more_nat_gateways_than_zones_are_refused(synth: Synth, count: int) -> None:
    with pytest.raises(ValueError, match=f"nat_gateways: got {count}, expected 0 to 3"):
        synth(lambda scope: vpc(scope, count))


def test_every_subnet_has_exactly_one_route_table(synth: Synth) -> None:
    stack = synth(lambda scope: vpc(scope, 1))
    associated = [association["subnet_id"] for association in stack.all("aws_route_table_association").values()]
    assert sorted(associated) == sorted(f"${{aws_subnet.{name}.id}}" for name in stack.all("aws_subnet"))


def test_inner_tables_reach_s3_and_dynamodb_without_nat(synth: Synth) -> None:
    stack = synth(lambda scope: vpc(scope, 0))
    endpoints = stack.all("aws_vpc_endpoint").values()
    assert {endpoint["service_name"] for endpoint in endpoints} == {
        "com.amazonaws.eu-west-1.s3",
        "com.amazonaws.eu-west-1.dynamodb",
    }
    inner = {f"${{aws_route_table.{name}.id}}" for name in stack.all("aws_route_table") if "public" not in name}
    for endpoint in endpoints:
        assert set(endpoint["route_table_ids"]) == inner


def test_the_default_security_group_admits_nothing(synth: Synth) -> None:
    group = synth(lambda scope: vpc(scope, 0)).one("aws_default_security_group")
    assert group.keys().isdisjoint({"ingress", "egress"})


def test_addresses_are_keyed_by_the_zones_letter_not_by_its_place(synth: Synth) -> None:
    def subnets(zones: list[Zone]) -> dict[str, str]:
        stack = synth(lambda scope: vpc(scope, 0, zones))
        return {name: subnet["availability_zone"] for name, subnet in stack.all("aws_subnet").items()}

    assert subnets(ZONES[1:]).items() <= subnets(ZONES).items()


def test_through_the_endpoints_only_this_account_and_image_layers_are_reached(synth: Synth) -> None:
    endpoints = synth(lambda scope: vpc(scope, 0)).all("aws_vpc_endpoint")
    own = {"StringEquals": {"aws:ResourceAccount": "111111111111"}}
    statements = {name: json.loads(each["policy"])["Statement"] for name, each in endpoints.items()}
    assert [each["Condition"] for each in statements["vpc_dynamodb_endpoint"]] == [own]
    buckets, layers = statements["vpc_s3_endpoint"]
    assert buckets["Condition"] == own
    assert (layers["Action"], layers["Resource"]) == (
        ["s3:GetObject"],
        ["arn:aws:s3:::prod-eu-west-1-starport-layer-bucket/*"],
    )


def test_a_rule_that_is_added_to_the_default_network_acl_by_hand_is_drift(synth: Synth) -> None:
    acl = synth(lambda scope: vpc(scope, 0)).one("aws_default_network_acl")
    for direction in ("ingress", "egress"):
        (rule,) = acl[direction]
        assert (rule["rule_no"], rule["action"], rule["protocol"]) == (100, "allow", "-1")
    assert acl["lifecycle"] == {"ignore_changes": ["subnet_ids"]}
