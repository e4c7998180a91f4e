"""The network: the subnets of each zone, their route tables and where those lead."""

from __future__ import annotations

from collections.abc import Iterator

from graphviz import Digraph

from tools.guide.diagrams.drawing import add_node, frame, picture
from tools.guide.diagrams.stack import Stack, label, references, type_of

ENDPOINT = "aws_vpc_endpoint"


def network(stack: Stack) -> Digraph:
    graph = picture()
    (vpc,) = stack.of("aws_vpc").values()
    tables, public = table_of_each_subnet(stack), public_subnets(stack)
    with frame(graph, f"VPC {vpc['cidr_block']}", "vpc") as inside:
        for zone in sorted({each["availability_zone"] for each in stack.of("aws_subnet").values()}):
            with frame(inside, zone, "private") as part:
                for address, subnet in stack.of("aws_subnet").items():
                    if subnet["availability_zone"] == zone:
                        icon = f"aws/network/{'public' if address in public else 'private'}-subnet"
                        add_node(part, address, icon, label(address), subnet["cidr_block"])
                        inside.edge(address, tables[address])
        for address in stack.of("aws_route_table"):
            add_node(inside, address, "aws/network/route-table", label(address))
        for address in stack.of("aws_internet_gateway"):
            add_node(inside, address, "aws/network/internet-gateway", "Internet gateway", label(address))
        for address, gateway in stack.of("aws_nat_gateway").items():
            place = f"in {label(references(gateway['subnet_id'])[0])}"
            add_node(inside, address, "aws/network/nat-gateway", "NAT gateway", label(address), place)
        if endpoints := stack.of(ENDPOINT):
            add_node(inside, ENDPOINT, "aws/network/endpoint", "Gateway endpoints", *map(label, endpoints))
        for table, target, destination in dict.fromkeys(routes(stack)):
            inside.edge(table, target, destination or None)
    return graph


def table_of_each_subnet(stack: Stack) -> dict[str, str]:
    associations = stack.of("aws_route_table_association").values()
    return {references(each["subnet_id"])[0]: references(each["route_table_id"])[0] for each in associations}


def routes(stack: Stack) -> Iterator[tuple[str, str, str]]:
    """Table, target and destination; endpoints are one target, whose name says its destinations."""
    for each in stack.of("aws_route").values():
        (target,) = references([each.get("gateway_id"), each.get("nat_gateway_id")])
        yield references(each["route_table_id"])[0], target, each["destination_cidr_block"]
    for each in stack.of(ENDPOINT).values():
        yield from ((table, ENDPOINT, "") for table in references(each["route_table_ids"]))


def public_subnets(stack: Stack) -> set[str]:
    """Those whose table leads to an internet gateway."""
    tables = {table for table, target, _ in routes(stack) if type_of(target) == "aws_internet_gateway"}
    return {subnet for subnet, table in table_of_each_subnet(stack).items() if table in tables}
