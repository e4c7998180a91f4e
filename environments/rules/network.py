"""Region, zones, addresses and the ways out."""

from __future__ import annotations

import re
from collections.abc import Iterator
from ipaddress import IPv4Network

from environments.aws_limits import ADDRESS_PREFIXES, FEWEST_ZONES, LOAD_BALANCER_PREFIX
from environments.problems import counted, listed, quote
from environments.rules.finding import Finding, Rule, Services

TIERS = ("public_subnet_cidrs", "private_subnet_cidrs", "database_subnet_cidrs")
REGION = re.compile(r"(?!cn-)[a-z]{2}-[a-z]+-[1-9]")
"""The standard partition: China and GovCloud have other ARNs and host names."""
PARTITIONS = {"cn-": "aws-cn", "us-gov-": "aws-us-gov", "us-iso": "aws-iso", "eusc-": "aws-eusc"}
"""AWS's other partitions by the beginning of their regions' names; botocore, data/partitions.json."""


def aws_region(aws_region: str) -> Iterator[Finding]:
    if not REGION.fullmatch(aws_region):
        yield "aws_region", _not_a_region(aws_region)


def state_replica_region(state_replica_region: str, aws_region: str | None = None) -> Iterator[Finding]:
    region = state_replica_region
    if not REGION.fullmatch(region):
        yield "state_replica_region", _not_a_region(region)
    elif region == aws_region:
        yield "state_replica_region", f"got {quote(region)}, expected another region than aws_region"


def zones(availability_zones: tuple[str, ...]) -> Iterator[Finding]:
    names = availability_zones
    for index, zone in enumerate(names):
        if zone in names[:index]:
            yield f"availability_zones[{index}]", f"got {quote(zone)} twice, expected each zone once"
    if len(names) < FEWEST_ZONES:
        yield (
            "availability_zones",
            f"got {counted(len(names), 'zone')}, expected at least {FEWEST_ZONES}: "
            "the load balancer and the DB subnet group need them",
        )


def zones_in_region(aws_region: str, availability_zones: tuple[str, ...]) -> Iterator[Finding]:
    region = aws_region
    if not REGION.fullmatch(region):
        return
    for index, zone in enumerate(availability_zones):
        if not re.fullmatch(re.escape(region) + "[a-z]", zone):
            yield f"availability_zones[{index}]", f"got {quote(zone)}, expected a zone of {region}, such as {region}a"


def vpc_cidr(vpc_cidr: str) -> Iterator[Finding]:
    try:
        parse(vpc_cidr)
    except ValueError as error:
        yield "vpc_cidr", str(error)


def subnets(
    vpc_cidr: str | None = None,
    public_subnet_cidrs: tuple[str, ...] = (),
    private_subnet_cidrs: tuple[str, ...] = (),
    database_subnet_cidrs: tuple[str, ...] = (),
) -> Iterator[Finding]:
    """Each subnet by itself, then inside the VPC, then beside the subnets named before it."""
    try:
        vpc = None if vpc_cidr is None else parse(vpc_cidr)
    except ValueError:
        vpc = None
    placed: dict[str, IPv4Network] = {}
    tiers = zip(TIERS, (public_subnet_cidrs, private_subnet_cidrs, database_subnet_cidrs), strict=True)
    for key, text in ((f"{tier}[{index}]", text) for tier, cidrs in tiers for index, text in enumerate(cidrs)):
        try:
            network = parse(text)
        except ValueError as error:
            yield key, str(error)
            continue
        if vpc is not None and not network.subnet_of(vpc):
            yield key, f"{network} is outside vpc_cidr {vpc}"
        if key.startswith("public") and network.prefixlen > LOAD_BALANCER_PREFIX:
            yield key, f"got /{network.prefixlen}, expected /{LOAD_BALANCER_PREFIX} or larger for the load balancer"
        for other, taken in placed.items():
            if network.overlaps(taken):
                yield key, f"{network} overlaps {other} {taken}"
        placed[key] = network


def a_subnet_a_zone(
    availability_zones: tuple[str, ...],
    public_subnet_cidrs: tuple[str, ...] | None = None,
    private_subnet_cidrs: tuple[str, ...] | None = None,
    database_subnet_cidrs: tuple[str, ...] | None = None,
) -> Iterator[Finding]:
    expected = len(availability_zones)
    tiers = zip(TIERS, (public_subnet_cidrs, private_subnet_cidrs, database_subnet_cidrs), strict=True)
    for tier, cidrs in tiers:
        if cidrs is not None and len(cidrs) != expected:
            yield tier, f"got {counted(len(cidrs), 'CIDR')} for {counted(expected, 'zone')}, expected one a zone"


def nat_gateways(availability_zones: tuple[str, ...], nat_gateways: int) -> Iterator[Finding]:
    most = len(availability_zones)
    if not 0 <= nat_gateways <= most:
        yield "nat_gateways", f"got {nat_gateways}, expected 0 to {most}, at most one a zone"


def a_way_out_for_tasks(nat_gateways: int, ecs: Services) -> Iterator[Finding]:
    """Tasks are private and the platform ships gateway endpoints for S3 and DynamoDB only."""
    if nat_gateways != 0:
        return
    running = [
        f"ecs.{name}"
        for name, service in ecs.items()
        if service.get("desired_count", 0) > 0 or service.get("min_capacity", 0) > 0
    ]
    if running:
        yield (
            "nat_gateways",
            f"got 0, but {listed(running)} would run tasks that cannot pull images from ECR, write logs, read the "
            "database secret or reach Cognito; the load balancer, the database, S3 and DynamoDB would still work. "
            "Expected at least 1, or desired_count and min_capacity 0",
        )


def parse(text: str) -> IPv4Network:
    """Return the network; raise ValueError with what was got and expected."""
    got = f"got {quote(text)}"
    if ":" in text:
        raise ValueError(f"{got}, expected IPv4: the platform has no IPv6")
    match = re.fullmatch(r"(\d+(?:\.\d+){3})/(\d{1,3})", text, re.ASCII)
    if match is None:
        raise ValueError(f"{got}, expected an IPv4 CIDR such as 10.1.0.0/16")
    if int(match[2]) not in ADDRESS_PREFIXES:
        raise ValueError(f"{got}, expected a prefix of /{ADDRESS_PREFIXES[0]} to /{ADDRESS_PREFIXES[-1]}")
    try:
        network = IPv4Network(text, strict=False)
    except ValueError:
        raise ValueError(f"{got}, expected four numbers from 0 to 255 before the prefix") from None
    if str(network) != text:
        raise ValueError(f"{got}, which has host bits set, expected {network}")
    return network


def _not_a_region(got: str) -> str:
    partition = next((name for start, name in PARTITIONS.items() if got.startswith(start)), None)
    if partition is not None:
        return (
            f"got {quote(got)} of the partition {partition}, expected a region of the standard AWS partition, such as "
            "us-east-1: ARNs and host names of other partitions are not made"
        )
    return f"got {quote(got)}, expected a region of the standard AWS partition, such as us-east-1"


RULES: tuple[Rule, ...] = (
    aws_region,
    state_replica_region,
    zones,
    zones_in_region,
    vpc_cidr,
    subnets,
    a_subnet_a_zone,
    nat_gateways,
    a_way_out_for_tasks,
)
