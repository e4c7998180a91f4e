"""A network for the tests that need one."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

Client = Callable[[str], Any]


@pytest.fixture(scope="session")
def network(client: Client) -> dict[str, str]:
    """Ids of a VPC, a subnet and two security groups."""
    ec2 = client("ec2")
    vpc = ec2.create_vpc(CidrBlock="10.9.0.0/16")["Vpc"]["VpcId"]
    subnet = ec2.create_subnet(VpcId=vpc, CidrBlock="10.9.0.0/24")["Subnet"]["SubnetId"]
    first, second = (
        ec2.create_security_group(GroupName=name, Description=name, VpcId=vpc)["GroupId"] for name in ("one", "two")
    )
    return {"vpc": vpc, "subnet": subnet, "first": first, "second": second}
