"""The part of the VPC that the services stand on."""

from __future__ import annotations

from collections.abc import Iterable

from ops.checks.facts import routes, security_groups
from ops.checks.facts.looking import Json, Looking
from ops.checks.facts.routes import Subnet
from ops.checks.facts.security_groups import SecurityGroup


class Network:
    """Each thing is asked once."""

    def __init__(self, looking: Looking) -> None:
        self._looking = looking

    def subnets(self, ids: Iterable[str]) -> list[Subnet]:
        wanted = sorted(ids)
        return self._looking.at(
            f"routes of {', '.join(wanted)}", lambda: routes.read(self._looking, wanted) if wanted else []
        )

    def endpoints(self, vpc: str) -> set[str]:
        """Services that are reached inside the VPC, such as ecr.dkr."""

        def read() -> set[str]:
            found = self._looking.client("ec2").describe_vpc_endpoints(Filters=[{"Name": "vpc-id", "Values": [vpc]}])[
                "VpcEndpoints"
            ]
            alive = (each for each in found if each["State"].lower() == "available")
            return {".".join(each["ServiceName"].split(".")[3:]) for each in alive}

        return self._looking.at(f"endpoints of {vpc}", read)

    def groups(self, ids: Iterable[str]) -> list[SecurityGroup]:
        wanted = sorted(ids)
        return self._looking.at(
            f"security groups {', '.join(wanted)}",
            lambda: security_groups.read(self._looking, wanted) if wanted else [],
        )

    def balancer(self, group_arn: str) -> Json:
        """The load balancer that sends to a target group; empty if there is none."""
        elb = self._looking.client("elbv2")

        def read() -> Json:
            (group,) = elb.describe_target_groups(TargetGroupArns=[group_arn])["TargetGroups"]
            arns = group["LoadBalancerArns"]
            return elb.describe_load_balancers(LoadBalancerArns=arns)["LoadBalancers"][0] if arns else {}

        return self._looking.at(f"load balancer of {group_arn.rpartition(':')[2]}", read)
