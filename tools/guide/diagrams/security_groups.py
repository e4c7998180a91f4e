"""The security groups: who may connect to whom, each port with the rules that open it."""

from __future__ import annotations

from dataclasses import dataclass, field

from tools.guide.diagrams.graph import (
    Edge,
    Frame,
    Graph,
    Node,
)
from tools.guide.diagrams.kinds import kind
from tools.guide.diagrams.stack import (
    Json,
    Stack,
    label,
    references,
    type_of,
)

GROUP = "aws_security_group"
INGRESS, EGRESS = "aws_vpc_security_group_ingress_rule", "aws_vpc_security_group_egress_rule"


@dataclass
class Connection:
    """One port between two groups, or between a group and addresses, and the rules for it on either side."""

    source: str
    target: str
    port: str
    rules: list[str] = field(default_factory=list[str])

    @property
    def open(self) -> bool:
        """Each group needs a rule; addresses have none."""
        return len(self.rules) == sum(type_of(end) == GROUP for end in (self.source, self.target))


def security_groups(stack: Stack) -> Graph:
    """From the addresses that reach a group on the left to those that a group reaches on the right."""
    nodes: dict[str, Node] = {}
    edges: list[Edge] = []
    for each in connections(stack):
        # Addresses on either side are two nodes, even the same ones.
        source = each.source if type_of(each.source) == GROUP else f"from {each.source}"
        target = each.target if type_of(each.target) == GROUP else f"to {each.target}"
        nodes.update({end: _node(stack, end) for end in (source, target) if end not in nodes})
        edges.append(Edge(source, target, "\n".join([each.port, *each.rules]), "solid" if each.open else "dotted"))
    columns: dict[int, list[Frame | Node]] = {}
    for id_, node in sorted(nodes.items()):
        columns.setdefault(_depth(id_, edges), []).append(node)
    return Graph(Frame(content=[Frame(content=columns[at]) for at in sorted(columns)], row=True, gap=90), edges)


def connections(stack: Stack) -> list[Connection]:
    found: dict[tuple[str, str, str], Connection] = {}
    for address, rule in stack.of(EGRESS, INGRESS).items():
        (own,) = references(rule["security_group_id"])
        (other,) = [*references(rule.get("referenced_security_group_id")), *rule.get("cidr_ipv4", "").split()]
        source, target = (own, other) if type_of(address) == EGRESS else (other, own)
        one = found.setdefault((source, target, _port(rule)), Connection(source, target, _port(rule)))
        one.rules.append(label(address))
    return list(found.values())


def groups_of(stack: Stack, address: str) -> list[str]:
    """The security groups that a resource is in."""
    return [each for each in references(stack.resources[address]) if type_of(each) == GROUP]


def open_ports(stack: Stack, source: str, target: str) -> list[str]:
    """The ports that the security groups of two resources open from one to the other."""
    ends = groups_of(stack, source), groups_of(stack, target)
    return [each.port for each in connections(stack) if each.open and each.source in ends[0] and each.target in ends[1]]


def _port(rule: Json) -> str:
    if rule["ip_protocol"] == "-1":
        return "all"
    ports = dict.fromkeys([rule["from_port"], rule["to_port"]])
    return f"{rule['ip_protocol']} {'-'.join(map(str, ports))}"


def _node(stack: Stack, id_: str) -> Node:
    """A group with what is in it, or addresses."""
    if type_of(id_) != GROUP:
        return Node(
            id_, "Internet" if id_.endswith("0.0.0.0/0") else "Addresses", (id_.split()[1],), "aws.general.InternetAlt1"
        )
    members = {each: how for each in stack.resources if (how := kind(each)) and id_ in groups_of(stack, each)}
    icon = next((how.icon for how in members.values()), "general.General")
    return Node(id_, label(id_), tuple(map(label, members)), f"aws.{icon}")


def _depth(node: str, edges: list[Edge], seen: frozenset[str] = frozenset()) -> int:
    """How many steps it is from where connections begin."""
    before = {edge.tail for edge in edges if edge.head == node} - seen - {node}
    return max((_depth(each, edges, seen | {node}) + 1 for each in before), default=0)
