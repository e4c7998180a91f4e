"""The targets of a service as DescribeTargetHealth tells them."""

from __future__ import annotations

import re
from dataclasses import dataclass

from ops.checks.facts.looking import Json, Looking

CODES = re.compile(r"Health checks failed with these codes: \[([\d, ]+)\]")


@dataclass(frozen=True)
class Target:
    """One registered target, or one that is being deregistered."""

    address: str
    port: int
    state: str
    description: str

    def told(self) -> str:
        why = f": {self.description}" if self.description else ""
        return f"target {self.address}:{self.port} {self.state}{why}"


@dataclass(frozen=True)
class TargetGroup:
    """A target group and its health check."""

    arn: str
    name: str
    port: int
    path: str
    check_port: int | None
    """None: the port that is used for traffic."""
    matcher: str
    targets: tuple[Target, ...]

    @property
    def registered(self) -> list[Target]:
        return [each for each in self.targets if each.state != "draining"]

    def having(self, state: str) -> list[Target]:
        return [each for each in self.targets if each.state == state]


def codes(text: str) -> set[int]:
    """The answers that a target's description or an event gives as the reason; none if it had no answer."""
    found = CODES.search(text)
    return {int(each) for each in found[1].split(",")} if found else set()


def read(looking: Looking, arn: str) -> TargetGroup:
    elb = looking.client("elbv2")
    (group,) = elb.describe_target_groups(TargetGroupArns=[arn])["TargetGroups"]
    found: list[Json] = elb.describe_target_health(TargetGroupArn=arn)["TargetHealthDescriptions"]
    check = group["HealthCheckPort"]
    return TargetGroup(
        arn=arn,
        name=group["TargetGroupName"],
        port=group["Port"],
        path=group["HealthCheckPath"],
        check_port=None if check == "traffic-port" else int(check),
        matcher=group.get("Matcher", {}).get("HttpCode", "200"),
        targets=tuple(
            Target(
                each["Target"]["Id"],
                each["Target"]["Port"],
                each["TargetHealth"]["State"],
                each["TargetHealth"].get("Description") or "",
            )
            for each in found
        ),
    )
