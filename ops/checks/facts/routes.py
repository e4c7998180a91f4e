"""A subnet, and where its traffic for the internet goes."""

from __future__ import annotations

from dataclasses import dataclass

from ops.checks.facts.looking import Json, Looking

ANYWHERE = "0.0.0.0/0"


@dataclass(frozen=True)
class Subnet:
    """One subnet, and where its traffic for the internet goes."""

    id: str
    vpc: str
    cidr: str
    table: str
    """Its route table."""
    way_out: str | None
    """The target of its default route if that is alive: a NAT gateway, an internet gateway or another."""
    dead_end: str
    """Why there is no way out; empty if there is one."""


def read(looking: Looking, ids: list[str]) -> list[Subnet]:
    ec2 = looking.client("ec2")
    found: list[Json] = ec2.describe_subnets(SubnetIds=ids)["Subnets"]
    of_vpc = [{"Name": "vpc-id", "Values": sorted({each["VpcId"] for each in found})}]
    tables: list[Json] = ec2.describe_route_tables(Filters=of_vpc)["RouteTables"]
    nats: dict[str, str] = {
        each["NatGatewayId"]: each["State"] for each in ec2.describe_nat_gateways(Filters=of_vpc)["NatGateways"]
    }
    return [_subnet(each, _table(each, tables), nats) for each in found]


def _table(subnet: Json, tables: list[Json]) -> Json:
    """The route table that the subnet is associated with, or else its VPC's main one."""
    own = [each for each in tables if each["VpcId"] == subnet["VpcId"]]
    for table in own:
        if any(each.get("SubnetId") == subnet["SubnetId"] for each in table["Associations"]):
            return table
    return next((each for each in own if any(part.get("Main") for part in each["Associations"])), Json())


def _subnet(subnet: Json, table: Json, nats: dict[str, str]) -> Subnet:
    way_out, dead_end = None, "its route table has no route to 0.0.0.0/0"
    for route in table.get("Routes", []):
        if route.get("DestinationCidrBlock") != ANYWHERE:
            continue
        nat = route.get("NatGatewayId")
        target = nat or route.get("GatewayId") or route.get("TransitGatewayId") or route.get("NetworkInterfaceId")
        if route.get("State") == "blackhole":
            dead_end = f"its route to 0.0.0.0/0 leads to {target}, which is gone (blackhole)"
        elif nat and nats.get(nat) != "available":
            dead_end = f"its route to 0.0.0.0/0 leads to {nat}, which is {nats.get(nat, 'gone')}"
        else:
            way_out, dead_end = target or "another target", ""
    return Subnet(
        subnet["SubnetId"], subnet["VpcId"], subnet["CidrBlock"], table.get("RouteTableId", ""), way_out, dead_end
    )
