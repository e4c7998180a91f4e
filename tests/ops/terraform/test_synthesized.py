"""A stack's JSON as the commands read it."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from ops.core.errors import UserError
from ops.terraform import synthesized
from ops.terraform.synthesized import Provider, Stack, UnknownAddress, referred

TAGS = {"ManagedBy": "terraform"}
STACK = Stack(
    "staging",
    {
        "provider": {
            "aws": [
                {"region": "us-east-1", "allowed_account_ids": ["1"], "default_tags": [{"tags": TAGS}]},
                {"alias": "far", "region": "us-west-2", "allowed_account_ids": ["1"], "default_tags": [{"tags": TAGS}]},
            ]
        },
        "resource": {
            "aws_lb": {"lb": {"name": "a", "depends_on": ["aws_vpc.vpc"]}},
            "aws_subnet": {"b": {"vpc_id": "${aws_vpc.vpc.id}", "//": {"metadata": {"path": "staging/vpc/public_b"}}}},
            "aws_vpc": {"vpc": {"//": {"metadata": {"path": "staging/vpc/Default"}}, "tags": {"Name": "v"}}},
        },
    },
)


def test_a_resource_is_found_by_its_address_and_a_missing_one_is_told():
    assert list(STACK.resources) == ["aws_lb.lb", "aws_subnet.b", "aws_vpc.vpc"]
    assert STACK.at("aws_lb.lb")["name"] == "a"
    assert STACK.all("aws_eip") == {}
    with pytest.raises(UnknownAddress, match=r"is not in the stack staging: main\.py and this check disagree") as error:
        STACK.at("aws_lb.other")
    assert error.value.address == "aws_lb.other"


def test_a_resource_comes_after_those_that_it_refers_to_or_waits_for():
    order = list(STACK.in_order())
    assert sorted(order) == sorted(STACK.resources)
    assert order[0] == "aws_vpc.vpc"


def test_a_provider_is_found_by_its_alias_and_adds_its_tags():
    near = Provider("us-east-1", "1", {**TAGS, "Name": "v"})
    assert STACK.provider(STACK.at("aws_vpc.vpc")) == near
    assert STACK.provider({"provider": "aws.far"}) == Provider("us-west-2", "1", TAGS)


def test_the_construct_of_a_resource_is_the_first_part_of_its_path():
    assert STACK.constructs() == {"aws_lb.lb": "lb", "aws_subnet.b": "vpc", "aws_vpc.vpc": "vpc"}


def test_a_reference_names_an_address_and_any_other_value_is_itself():
    assert referred("${aws_vpc.vpc.id}") == "aws_vpc.vpc"
    assert referred("0.0.0.0/0") == "0.0.0.0/0"


def test_a_stack_is_read_where_it_was_synthesized(tmp_path: Path):
    with pytest.raises(UserError, match=r"cdk\.tf\.json does not exist: `make synth` writes it"):
        synthesized.directory("staging", tmp_path)
    (tmp_path / "staging").mkdir()
    settings = {"bucket": "b", "key": "k", "region": "r", "dynamodb_table": "t", "encrypt": True}
    document = {"terraform": {"backend": {"s3": settings}}}
    (tmp_path / "staging" / "cdk.tf.json").write_text(json.dumps(document))
    stack = Stack.read(synthesized.directory("staging", tmp_path))
    assert (stack.name, stack.document, stack.resources) == ("staging", document, {})
    assert stack.backend.lock_id == "b/k"
