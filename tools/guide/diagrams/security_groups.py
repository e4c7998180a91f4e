"""The security groups: who may connect to whom, each port with the rules that open it."""

from __future__ import annotations

from typing import NamedTuple

from graphviz import Digraph

from tools.guide.diagrams.drawing import add_node, picture
from tools.guide.diagrams.kinds import UNKNOWN, kind
from tools.guide.diagrams.stack import Json, Stack, label, references, type_of

GROUP = "aws_security_group"
INGRESS, EGRESS = "aws_vpc_security_group_ingress_rule", "aws_vpc_security_group_egress_rule"


class Connection(NamedTuple):
    """One port between two groups, or between a group and addresses: `from 0.0.0.0/0` or `to 0.0.0.0/0`."""

    source: str
    target: str
    port: str

    def is_open(self, rules: list[str]) -> bool:
        """Whether each group has a rule for it; addresses need none."""
        return len(rules) == sum(type_of(end) == GROUP for end in (self.source, self.target))


def security_groups(stack: Stack) -> Digraph:
    """A dotted edge is a connection that one of its groups has no rule for."""
    graph = picture()
    found = connections(stack)
    for end in dict.fromkeys(end for each in found for end in (each.source, each.target)):
        if type_of(end) == GROUP:
            members = {each: how for each in stack.resources if (how := kind(each)) and end in groups_of(stack, each)}
            icon = next((how.icon for how in members.values()), UNKNOWN)
            add_node(graph, end, icon, label(end), *map(label, members))
        else:
            cidr = end.split()[1]
            add_node(graph, end, "aws/general/internet-alt1", "Internet" if cidr == "0.0.0.0/0" else "Addresses", cidr)
    for each, rules in found.items():
        style = None if each.is_open(rules) else "dotted"
        graph.edge(each.source, each.target, "\n".join([each.port, *rules]), style=style)
    return graph


def connections(stack: Stack) -> dict[Connection, list[str]]:
    """Every connection with the names of its rules, of either side."""
    found: dict[Connection, list[str]] = {}
    for address, rule in stack.of(EGRESS, INGRESS).items():
        outward = type_of(address) == EGRESS
        (own,) = references(rule["security_group_id"])
        addresses = f"{'to' if outward else 'from'} {rule.get('cidr_ipv4')}"
        (other,) = references(rule.get("referenced_security_group_id")) or [addresses]
        ends = (own, other) if outward else (other, own)
        found.setdefault(Connection(*ends, _port(rule)), []).append(label(address))
    return found


def groups_of(stack: Stack, address: str) -> set[str]:
    """The security groups that a resource is in."""
    return {each for each in references(stack.resources[address]) if type_of(each) == GROUP}


def open_ports(stack: Stack, source: str, target: str) -> list[str]:
    """The ports that the security groups of two resources open from one to the other."""
    sources, targets = groups_of(stack, source), groups_of(stack, target)
    opened = [each for each, rules in connections(stack).items() if each.is_open(rules)]
    return [each.port for each in opened if each.source in sources and each.target in targets]


def _port(rule: Json) -> str:
    if rule["ip_protocol"] == "-1":
        return "all"
    ports = dict.fromkeys([rule["from_port"], rule["to_port"]])
    return f"{rule['ip_protocol']} {'-'.join(map(str, ports))}"
