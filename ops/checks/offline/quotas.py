"""What the account's quotas leave room for: what is there, and what the stack would add to it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from botocore.exceptions import ClientError

from environments.settings import SERVICES
from ops.checks.offline.findings import (
    DENIED,
    Finding,
    fail,
    passed,
    warn,
)
from ops.checks.offline.subjects import Account
from ops.core.aws import Aws, ask, error_code
from ops.terraform.synthesized import Json, Stack, referred


@dataclass(frozen=True)
class Quota:
    """A limit of the account in its region."""

    what: str
    service: str
    code: str
    default: int
    """As AWS documents it; a new account may have less."""


# "Amazon VPC quotas" in the VPC user guide, Elastic IP addresses included.
VPCS = Quota("VPCs in the region", "vpc", "L-F678F1CE", 5)
ADDRESSES = Quota("Elastic IP addresses in the region", "ec2", "L-0263D0A3", 5)
NAT_GATEWAYS = Quota("NAT gateways", "vpc", "L-FE5A380F", 5)
# "Amazon ECS endpoints and quotas", AWS general reference.
FARGATE = Quota("Fargate vCPU in the region", "fargate", "L-3032A538", 6)
CPU_UNITS = 1024
# "Amazon VPC quotas": only these count.
COUNTED_STATES = ("pending", "available", "deleting")


def plan_fits(account: Account) -> Iterator[Finding]:
    stack, ec2 = account.environment.stack, account.aws.client("ec2")
    vpcs = _pages(ec2, "describe_vpcs", "Vpcs")
    yield _fits(account, VPCS, len(vpcs), _added(stack, "aws_vpc", vpcs))
    addresses = ec2.describe_addresses()["Addresses"]
    yield _fits(account, ADDRESSES, len(addresses), _added(stack, "aws_eip", addresses))
    filters = [{"Name": "state", "Values": list(COUNTED_STATES)}]
    gateways = _pages(ec2, "describe_nat_gateways", "NatGateways", Filters=filters)
    zones = _zones(ec2, gateways)
    there = Counter(zones.get(each.get("SubnetId", ""), "") for each in gateways)
    standing = [each for each in gateways if each["State"] != "deleting"]
    added = Counter(_zone(stack, each) for each in _added(stack, "aws_nat_gateway", standing))
    for zone in sorted({_zone(stack, each) for each in stack.all("aws_nat_gateway").values()}):
        yield _fits(account, NAT_GATEWAYS, there[zone], [{}] * added[zone], zone)


def tasks_fit(account: Account) -> Iterator[Finding]:
    """The tasks that autoscaling may make; the account's others count too, and are not looked for here."""
    services = [account.settings.ecs.of(service) for service in SERVICES]
    # A deployment starts at least one task beside those that run.
    least = sum(each.cpu * each.desired_count for each in services) + max(each.cpu for each in services)
    most = max(least, sum(each.cpu * each.max_capacity for each in services))
    limit, known = _limit(account.aws, FARGATE)
    where = f"{account.aws.region} {FARGATE.service}/{FARGATE.code}"
    counts = f"{FARGATE.what}: {_vcpu(least)} to deploy, {_vcpu(most)} at max_capacity, {limit} allowed"
    ask = "ask for more in Service Quotas"
    if most <= limit * CPU_UNITS:
        yield passed(where, counts)
    elif not known:
        yield warn(where, f"{counts} by default; these credentials may not read the account's own limit: look it up")
    elif least > limit * CPU_UNITS:
        yield fail(where, f"{counts}: tasks could not be placed; {ask}")
    else:
        yield warn(where, f"{counts}: autoscaling would stop before it; {ask}, or lower max_capacity")


def _vcpu(units: int) -> str:
    return f"{units / CPU_UNITS:g}"


def _fits(account: Account, quota: Quota, there: int, added: list[Json], zone: str = "") -> Finding:
    limit, known = _limit(account.aws, quota)
    where = f"{zone or account.aws.region} {quota.service}/{quota.code}"
    counts = f"{quota.what}: {there} there, {len(added)} to add, {limit} allowed"
    if not added or there + len(added) <= limit:
        return passed(where, counts)
    if not known:
        return warn(where, f"{counts} by default; these credentials may not read the account's own limit: look it up")
    return fail(where, f"{counts}: ask for more in Service Quotas, or remove what is not needed")


def _limit(aws: Aws, quota: Quota) -> tuple[int, bool]:
    """The account's limit, and whether it is known to be that."""
    try:
        quotas = aws.client("service-quotas")
        found = ask(quotas.get_service_quota, ServiceCode=quota.service, QuotaCode=quota.code)
    except ClientError as error:
        if error_code(error) in DENIED:
            return quota.default, False
        raise
    return int(found["Quota"]["Value"]) if found else quota.default, True


def _added(stack: Stack, type_: str, there: list[Json]) -> list[Json]:
    """The stack's resources of a type that are not there yet, by their Name and the environment's own tags."""
    (default, *_) = stack.document["provider"]["aws"][0]["default_tags"]
    own = {key: default["tags"][key] for key in ("Project", "Environment")}
    present = [{tag["Key"]: tag["Value"] for tag in each.get("Tags", [])} for each in there]
    names = {each.get("Name") for each in present if own.items() <= each.items()}
    return [each for each in stack.all(type_).values() if each["tags"]["Name"] not in names]


def _zone(stack: Stack, gateway: Json) -> str:
    return stack.at(referred(gateway["subnet_id"]))["availability_zone"]


def _zones(ec2: Any, gateways: list[Json]) -> dict[str, str]:
    """Zone of each subnet in which a gateway is."""
    ids = sorted({each["SubnetId"] for each in gateways if each.get("SubnetId")})
    if not ids:
        return {}
    filters = [{"Name": "subnet-id", "Values": ids}]
    found = _pages(ec2, "describe_subnets", "Subnets", Filters=filters)
    return {each["SubnetId"]: each["AvailabilityZone"] for each in found}


def _pages(client: Any, operation: str, key: str, **arguments: Any) -> list[Json]:
    pages = client.get_paginator(operation).paginate(**arguments)
    return [each for page in pages for each in page[key]]
