"""Region, zones, addresses and the ways out."""

from __future__ import annotations

import pytest

from tests.environments.support import Files

NO_NAT = (
    "would run tasks that cannot pull images from ECR, write logs, read the database secret or reach Cognito; "
    "the load balancer, the database, S3 and DynamoDB would still work. "
    "Expected at least 1, or desired_count and min_capacity 0"
)
STANDARD = (
    "expected a region of the standard AWS partition, such as us-east-1: "
    "ARNs and host names of other partitions are not made"
)
CASES: dict[str, tuple[dict[str, str], list[str]]] = {
    "prefix of endless digits": (
        {"vpc_cidr": f'"10.1.0.0/{"1" * 5000}"'},
        [f'vpc_cidr: got "10.1.0.0/{"1" * 91}...", expected an IPv4 CIDR such as 10.1.0.0/16'],
    ),
    "malformed region": (
        {"aws_region": '"us-east"', "backend.region": '"us-east"'},
        ['aws_region: got "us-east", expected a region of the standard AWS partition, such as us-east-1'],
    ),
    "region of another partition": (
        {"state_replica_region": '"cn-north-1"'},
        [f'state_replica_region: got "cn-north-1" of the partition aws-cn, {STANDARD}'],
    ),
    "GovCloud": (
        {"state_replica_region": '"us-gov-west-1"'},
        [f'state_replica_region: got "us-gov-west-1" of the partition aws-us-gov, {STANDARD}'],
    ),
    "replica beside the original": (
        {"state_replica_region": '"us-east-1"'},
        ['state_replica_region: got "us-east-1", expected another region than aws_region'],
    ),
    "one zone": (
        {
            "availability_zones": '["us-east-1a"]',
            "public_subnet_cidrs": '["10.1.0.0/24"]',
            "private_subnet_cidrs": '["10.1.2.0/24"]',
            "database_subnet_cidrs": '["10.1.4.0/24"]',
        },
        ["availability_zones: got 1 zone, expected at least 2: the load balancer and the DB subnet group need them"],
    ),
    "duplicate zone": (
        {"availability_zones": '["us-east-1a", "us-east-1a"]'},
        ['availability_zones[1]: got "us-east-1a" twice, expected each zone once'],
    ),
    "zone of another region": (
        {"availability_zones": '["us-east-1a", "us-west-2b"]'},
        ['availability_zones[1]: got "us-west-2b", expected a zone of us-east-1, such as us-east-1a'],
    ),
    "zone without a letter": (
        {"availability_zones": '["us-east-1", "us-east-1b"]'},
        ['availability_zones[0]: got "us-east-1", expected a zone of us-east-1, such as us-east-1a'],
    ),
    "more zones than subnets": (
        {"availability_zones": '["us-east-1a", "us-east-1b", "us-east-1c"]'},
        [
            "public_subnet_cidrs: got 2 CIDRs for 3 zones, expected one a zone",
            "private_subnet_cidrs: got 2 CIDRs for 3 zones, expected one a zone",
            "database_subnet_cidrs: got 2 CIDRs for 3 zones, expected one a zone",
        ],
    ),
    "one subnet too few": (
        {"public_subnet_cidrs": '["10.1.0.0/24"]'},
        ["public_subnet_cidrs: got 1 CIDR for 2 zones, expected one a zone"],
    ),
    "host bits": (
        {"vpc_cidr": '"10.1.0.5/16"'},
        ['vpc_cidr: got "10.1.0.5/16", which has host bits set, expected 10.1.0.0/16'],
    ),
    "/33": ({"vpc_cidr": '"10.1.0.0/33"'}, ['vpc_cidr: got "10.1.0.0/33", expected a prefix of /16 to /28']),
    "IPv6": ({"vpc_cidr": '"fd00::/16"'}, ['vpc_cidr: got "fd00::/16", expected IPv4: the platform has no IPv6']),
    "no prefix": ({"vpc_cidr": '"10.1.0.0"'}, ['vpc_cidr: got "10.1.0.0", expected an IPv4 CIDR such as 10.1.0.0/16']),
    "netmask": (
        {"vpc_cidr": '"10.1.0.0/255.255.0.0"'},
        ['vpc_cidr: got "10.1.0.0/255.255.0.0", expected an IPv4 CIDR such as 10.1.0.0/16'],
    ),
    "256": (
        {"vpc_cidr": '"10.256.0.0/16"'},
        ['vpc_cidr: got "10.256.0.0/16", expected four numbers from 0 to 255 before the prefix'],
    ),
    "VPC too large": ({"vpc_cidr": '"10.0.0.0/15"'}, ['vpc_cidr: got "10.0.0.0/15", expected a prefix of /16 to /28']),
    "VPC too small": ({"vpc_cidr": '"10.1.0.0/29"'}, ['vpc_cidr: got "10.1.0.0/29", expected a prefix of /16 to /28']),
    "subnet too large": (
        {"private_subnet_cidrs": '["10.1.2.0/24", "10.0.0.0/8"]'},
        ['private_subnet_cidrs[1]: got "10.0.0.0/8", expected a prefix of /16 to /28'],
    ),
    "subnet too small": (
        {"database_subnet_cidrs": '["10.1.4.0/29", "10.1.5.0/24"]'},
        ['database_subnet_cidrs[0]: got "10.1.4.0/29", expected a prefix of /16 to /28'],
    ),
    "subnet too small for a load balancer": (
        {"public_subnet_cidrs": '["10.1.0.0/28", "10.1.1.0/27"]'},
        ["public_subnet_cidrs[0]: got /28, expected /27 or larger for the load balancer"],
    ),
    "subnet outside the VPC": (
        {"private_subnet_cidrs": '["10.2.2.0/24", "10.1.3.0/24"]'},
        ["private_subnet_cidrs[0]: 10.2.2.0/24 is outside vpc_cidr 10.1.0.0/16"],
    ),
    "subnets of a tier overlap": (
        {"public_subnet_cidrs": '["10.1.0.0/24", "10.1.0.0/25"]'},
        ["public_subnet_cidrs[1]: 10.1.0.0/25 overlaps public_subnet_cidrs[0] 10.1.0.0/24"],
    ),
    "subnets of two tiers overlap": (
        {"database_subnet_cidrs": '["10.1.1.0/24", "10.1.5.0/24"]'},
        ["database_subnet_cidrs[0]: 10.1.1.0/24 overlaps public_subnet_cidrs[1] 10.1.1.0/24"],
    ),
    "negative NAT": ({"nat_gateways": "-1"}, ["nat_gateways: got -1, expected 0 to 2, at most one a zone"]),
    "more NAT than zones": ({"nat_gateways": "3"}, ["nat_gateways: got 3, expected 0 to 2, at most one a zone"]),
    "no NAT": ({"nat_gateways": "0"}, [f"nat_gateways: got 0, but ecs.backend and ecs.frontend {NO_NAT}"]),
    "no NAT and one service": (
        {"nat_gateways": "0", "ecs.backend.desired_count": "0", "ecs.backend.min_capacity": "0"},
        [f"nat_gateways: got 0, but ecs.frontend {NO_NAT}"],
    ),
}


@pytest.mark.parametrize(("values", "expected"), CASES.values(), ids=CASES)
def test_refused(staging_only: Files, values: dict[str, str], expected: list[str]) -> None:
    staging_only.set(values)

    assert staging_only.refusal() == [staging_only.place(finding) for finding in expected]


def test_without_tasks_there_need_be_no_nat(staging_only: Files) -> None:
    idle = {
        f"ecs.{service}.{key}": "0" for service in ("backend", "frontend") for key in ("desired_count", "min_capacity")
    }
    staging_only.set({"nat_gateways": "0", **idle})

    assert staging_only.refusal() == []


def test_a_nat_gateway_in_each_zone_is_the_most(staging_only: Files) -> None:
    staging_only.set({"nat_gateways": "2"})

    assert staging_only.refusal() == []
