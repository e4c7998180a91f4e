"""The network: the subnets of each zone, their route tables and where those lead."""

from __future__ import annotations

from ipaddress import ip_network

from tools.guide.diagrams.graph import (
    Edge,
    Frame,
    Graph,
    Node,
)
from tools.guide.diagrams.stack import (
    Json,
    Stack,
    label,
    references,
    type_of,
)

ENDPOINT = "aws_vpc_endpoint"
TARGETS = {
    "aws_internet_gateway": ("Internet gateway", "aws.network.InternetGateway"),
    "aws_nat_gateway": ("NAT gateway", "aws.network.NATGateway"),
    ENDPOINT: ("Gateway endpoints", "aws.network.Endpoint"),
}


def network(stack: Stack) -> Graph:
    (vpc,) = stack.of("aws_vpc").values()
    zones: dict[str, Frame] = {}
    for address, subnet in subnets(stack):
        icon = "aws.network.PublicSubnet" if is_public(stack, address) else "aws.network.PrivateSubnet"
        zone = zones.setdefault(subnet["availability_zone"], Frame(subnet["availability_zone"], look="private"))
        zone.content.append(Node(address, label(address), (subnet["cidr_block"],), icon))
    associations = [Edge(node.id, table_of(stack, node.id)) for zone in zones.values() for node in zone.nodes()]
    tables = list(dict.fromkeys(edge.head for edge in associations))
    # All endpoints are one node: every table that leads to one leads to all.
    ways = [Edge(table, _drawn_as(target)) for table in tables for _, target in routes(stack, table)]
    targets = {way.head: [tables.index(each.tail) for each in ways if each.head == way.head] for way in ways}
    columns: list[Frame | Node] = [
        Frame(content=[*zones.values()]),
        Frame(content=[_table(stack, each) for each in tables]),
        # Each level with the tables that lead to it.
        Frame(
            content=[
                _target(stack, each) for each in sorted(targets, key=lambda at: sum(targets[at]) / len(targets[at]))
            ]
        ),
    ]
    picture = Frame(f"VPC {vpc['cidr_block']}", columns, row=True, look="vpc", gap=100)
    return Graph(picture, associations + list(dict.fromkeys(ways)), beside=True)


def subnets(stack: Stack) -> list[tuple[str, Json]]:
    """By CIDR."""
    return sorted(stack.of("aws_subnet").items(), key=lambda each: ip_network(each[1]["cidr_block"]))


def tier(stack: Stack, subnet: str) -> str:
    """A subnet's name without its zone: `vpc_public` of aws_subnet.vpc_public_a in eu-west-1a."""
    return label(subnet).removesuffix(f"_{stack.resources[subnet]['availability_zone'][-1]}")


def table_of(stack: Stack, subnet: str) -> str:
    associations = stack.of("aws_route_table_association").values()
    own = (each for each in associations if subnet in references(each["subnet_id"]))
    return next(references(next(own)["route_table_id"]))


def routes(stack: Stack, table: str) -> list[tuple[str, str]]:
    """Destination and target of each route of a table; an endpoint adds one for its service."""
    own = [each for each in stack.of("aws_route").values() if table in references(each["route_table_id"])]
    targets = (next(references([each.get("gateway_id"), each.get("nat_gateway_id")])) for each in own)
    endpoints = {address: each for address, each in stack.of(ENDPOINT).items() if table in references(each)}
    services = ((each["service_name"].rpartition(".")[2], address) for address, each in endpoints.items())
    return [*zip((each["destination_cidr_block"] for each in own), targets, strict=True), *services]


def is_public(stack: Stack, subnet: str) -> bool:
    return any(type_of(target) == "aws_internet_gateway" for _, target in routes(stack, table_of(stack, subnet)))


def _drawn_as(target: str) -> str:
    return ENDPOINT if type_of(target) == ENDPOINT else target


def _table(stack: Stack, address: str) -> Node:
    destinations = ", ".join(destination for destination, _ in routes(stack, address))
    return Node(address, label(address), (destinations,), "aws.network.RouteTable")


def _target(stack: Stack, address: str) -> Node:
    title, icon = TARGETS[type_of(address)]
    if address == ENDPOINT:
        return Node(address, title, tuple(map(label, stack.of(ENDPOINT))), icon)
    place = references(stack.resources[address].get("subnet_id"))
    return Node(address, title, (label(address), *(f"in {label(each)}" for each in place)), icon)
