from __future__ import annotations

from collections.abc import Callable

from constructs import Construct

from modules.security import SecurityGroup
from tests.support import Output

Synth = Callable[[Callable[[Construct], object]], Output]


def test_one_edge_is_one_rule_at_each_end(synth: Synth) -> None:
    def edge(scope: Construct) -> None:
        here = SecurityGroup(scope, "here", name="here", description="d", vpc_id="vpc-1")
        there = SecurityGroup(scope, "there", name="there", description="d", vpc_id="vpc-1")
        here.allow_from(there, 5432)
        here.allow_from(there, 5432)

    stack = synth(edge)
    (way_in,) = stack.all("aws_vpc_security_group_ingress_rule").values()
    (way_out,) = stack.all("aws_vpc_security_group_egress_rule").values()
    assert way_in["security_group_id"] == way_out["referenced_security_group_id"]
    assert way_out["security_group_id"] == way_in["referenced_security_group_id"]
    assert way_in["from_port"] == way_in["to_port"] == way_out["from_port"] == way_out["to_port"] == 5432
    assert (way_in["description"], way_out["description"]) == ("From there on 5432", "To here on 5432")
