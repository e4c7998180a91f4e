"""Networks: EC2 gives ids of its own, so what is ours is told by its tags, or by what may exist once in a VPC."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from ops.recovery.finding import Finder, Object, Wanted, pages

GONE = {"deleted", "deleting", "failed"}
Filters = dict[str, str]


@dataclass(frozen=True)
class Listing:
    """One of EC2's lists."""

    operation: str
    key: str
    id: str
    """The field."""
    remove: str
    """Arguments of the aws command, before the id."""

    def select(self, wanted: Wanted, filters: Filters, by: str = "") -> Iterator[tuple[Object, Any]]:
        """The objects there are, with what EC2 says of each."""
        asked = [{"Name": name, "Values": [value]} for name, value in filters.items()]
        ec2 = wanted.client("ec2")
        # Addresses come without pages.
        found = (
            pages(ec2, self.operation, self.key, Filters=asked)
            if ec2.can_paginate(self.operation)
            else getattr(ec2, self.operation)(Filters=asked)[self.key]
        )
        by = by or ", ".join(f"{name} {value}" for name, value in filters.items())
        for each in found:
            if each.get("State") not in GONE:
                yield Object(each[self.id], by, remove=f"ec2 {self.remove} {each[self.id]}"), each


def by_tags(wanted: Wanted) -> Filters:
    return {f"tag:{key}": value for key, value in wanted.tags.items()}


def tagged(listing: Listing, wanted: Wanted, **filters: str) -> Iterator[tuple[Object, Any]]:
    """Those with the resource's tags; filters are EC2's, with _ for -."""
    more = {name.replace("_", "-"): value for name, value in filters.items()}
    by = ", ".join([f"tag Name {wanted.tags['Name']}", *(f"{name} {value}" for name, value in more.items())])
    return listing.select(wanted, by_tags(wanted) | more, by)


def unique(listing: Listing, where: Callable[[Wanted], Filters]) -> Finder:
    """Of a kind that may exist once where these filters say, whatever its tags."""
    return Finder(lambda wanted: [found for found, _ in listing.select(wanted, where(wanted))], strays_of(listing))


def strays_of(listing: Listing) -> Callable[[Wanted], Iterator[Object]]:
    return lambda wanted: (found for found, _ in tagged(listing, wanted))


VPCS = Listing("describe_vpcs", "Vpcs", "VpcId", "delete-vpc --vpc-id")
SUBNETS = Listing("describe_subnets", "Subnets", "SubnetId", "delete-subnet --subnet-id")
GATEWAYS = Listing(
    "describe_internet_gateways",
    "InternetGateways",
    "InternetGatewayId",
    "delete-internet-gateway --internet-gateway-id",
)
ADDRESSES = Listing("describe_addresses", "Addresses", "AllocationId", "release-address --allocation-id")
NATS = Listing("describe_nat_gateways", "NatGateways", "NatGatewayId", "delete-nat-gateway --nat-gateway-id")
TABLES = Listing("describe_route_tables", "RouteTables", "RouteTableId", "delete-route-table --route-table-id")
ENDPOINTS = Listing(
    "describe_vpc_endpoints", "VpcEndpoints", "VpcEndpointId", "delete-vpc-endpoints --vpc-endpoint-ids"
)
FLOW_LOGS = Listing("describe_flow_logs", "FlowLogs", "FlowLogId", "delete-flow-logs --flow-log-ids")


def vpc(wanted: Wanted) -> Iterator[Object]:
    for found, each in tagged(VPCS, wanted):
        if each["CidrBlock"] == wanted.text("cidr_block"):
            yield found


def internet_gateway(wanted: Wanted) -> Iterator[Object]:
    """Made first and attached then: one that is attached to nothing is taken too."""
    vpc_id = wanted.text("vpc_id")
    for found, each in tagged(GATEWAYS, wanted):
        if [attached["VpcId"] for attached in each.get("Attachments", [])] in ([], [vpc_id]):
            yield found


def address(wanted: Wanted) -> list[Object]:
    """Where there are several, the one in use; the others are strays."""
    found = list(tagged(ADDRESSES, wanted))
    return [each for each, told in found if told.get("AssociationId")] or [each for each, _ in found]


def nat_gateway(wanted: Wanted) -> Iterator[Object]:
    return (found for found, _ in tagged(NATS, wanted, subnet_id=wanted.text("subnet_id")))


def route_table(wanted: Wanted) -> Iterator[Object]:
    return (found for found, _ in tagged(TABLES, wanted, vpc_id=wanted.text("vpc_id")))


def flow_log(wanted: Wanted) -> Iterator[Object]:
    return (found for found, _ in tagged(FLOW_LOGS, wanted, resource_id=wanted.text("vpc_id")))


def route(wanted: Wanted) -> Iterator[Object]:
    table, destination = wanted.text("route_table_id"), wanted.text("destination_cidr_block")
    for _, each in TABLES.select(wanted, {"route-table-id": table}):
        if any(told.get("DestinationCidrBlock") == destination for told in each["Routes"]):
            yield Object("", "table and destination", f"{table}_{destination}")


def association(wanted: Wanted) -> Iterator[Object]:
    table, subnet = wanted.text("route_table_id"), wanted.text("subnet_id")
    for _, each in TABLES.select(wanted, {"association.subnet-id": subnet}):
        for told in each["Associations"]:
            if each["RouteTableId"] == table and told.get("SubnetId") == subnet:
                yield Object(told["RouteTableAssociationId"], "subnet and table", f"{subnet}/{table}")


FINDERS = {
    "aws_vpc": Finder(vpc, strays_of(VPCS)),
    "aws_subnet": unique(
        SUBNETS, lambda wanted: {"vpc-id": wanted.text("vpc_id"), "cidr-block": wanted.text("cidr_block")}
    ),
    "aws_internet_gateway": Finder(internet_gateway, strays_of(GATEWAYS)),
    "aws_eip": Finder(address, strays_of(ADDRESSES)),
    "aws_nat_gateway": Finder(nat_gateway, strays_of(NATS)),
    "aws_route_table": Finder(route_table, strays_of(TABLES)),
    "aws_route": Finder(route),
    "aws_route_table_association": Finder(association),
    "aws_vpc_endpoint": unique(
        ENDPOINTS, lambda wanted: {"vpc-id": wanted.text("vpc_id"), "service-name": wanted.text("service_name")}
    ),
    "aws_flow_log": Finder(flow_log, strays_of(FLOW_LOGS)),
}
