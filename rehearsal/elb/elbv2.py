"""Load balancers as the ELBv2 API describes them."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from ops.core.aws import Aws
from rehearsal.elb import rules
from rehearsal.elb.rules import Rule


@dataclass(frozen=True)
class TargetGroup:
    """Times in seconds."""

    arn: str
    path: str
    port: int | None
    """None: the port that is used for traffic."""
    interval: float
    timeout: float
    healthy_threshold: int
    unhealthy_threshold: int
    codes: frozenset[int]
    deregistration_delay: float


@dataclass(frozen=True)
class Listener:
    arn: str
    protocol: str
    port: int
    rules: tuple[Rule, ...]
    idle_timeout: float
    drop_invalid_headers: bool


@dataclass(frozen=True)
class View:
    """Everything at one moment."""

    listeners: tuple[Listener, ...] = ()
    groups: dict[str, TargetGroup] = field(default_factory=dict[str, TargetGroup])


def codes(matcher: str) -> frozenset[int]:
    """The statuses of a matcher: "200", "200,302", "200-299"."""
    found: set[int] = set()
    for part in matcher.split(","):
        first, _, last = part.strip().partition("-")
        found.update(range(int(first), int(last or first) + 1))
    return frozenset(found)


def read(aws: Aws, group_arns: Iterable[str]) -> View:
    """The target groups and the load balancers they belong to."""
    elb = aws.client("elbv2")
    wanted = sorted(set(group_arns))
    if not wanted:
        return View()
    groups = elb.describe_target_groups(TargetGroupArns=wanted)["TargetGroups"]
    balancers = sorted({arn for group in groups for arn in group["LoadBalancerArns"]})
    listeners = tuple(listener for arn in balancers for listener in _listeners(elb, arn))
    forwarded = {arn for listener in listeners for rule in listener.rules for arn in rule.target_groups} - {*wanted}
    if forwarded:
        groups += elb.describe_target_groups(TargetGroupArns=sorted(forwarded))["TargetGroups"]
    return View(listeners, {group["TargetGroupArn"]: _group(elb, group) for group in groups})


def _attributes(found: dict[str, Any]) -> dict[str, str]:
    return {each["Key"]: each["Value"] for each in found["Attributes"]}


def _listeners(elb: Any, arn: str) -> list[Listener]:
    attributes = _attributes(elb.describe_load_balancer_attributes(LoadBalancerArn=arn))
    return [
        Listener(
            arn=each["ListenerArn"],
            protocol=each["Protocol"],
            port=each["Port"],
            rules=rules.in_order(
                rules.read(rule) for rule in elb.describe_rules(ListenerArn=each["ListenerArn"])["Rules"]
            ),
            idle_timeout=float(attributes.get("idle_timeout.timeout_seconds", 60)),
            drop_invalid_headers=attributes.get("routing.http.drop_invalid_header_fields.enabled") == "true",
        )
        for each in elb.describe_listeners(LoadBalancerArn=arn)["Listeners"]
    ]


def _group(elb: Any, found: dict[str, Any]) -> TargetGroup:
    attributes = _attributes(elb.describe_target_group_attributes(TargetGroupArn=found["TargetGroupArn"]))
    port = found["HealthCheckPort"]
    return TargetGroup(
        arn=found["TargetGroupArn"],
        path=found["HealthCheckPath"],
        port=None if port == "traffic-port" else int(port),
        interval=found["HealthCheckIntervalSeconds"],
        timeout=found["HealthCheckTimeoutSeconds"],
        healthy_threshold=found["HealthyThresholdCount"],
        unhealthy_threshold=found["UnhealthyThresholdCount"],
        codes=codes(found["Matcher"]["HttpCode"]),
        deregistration_delay=float(attributes.get("deregistration_delay.timeout_seconds", 300)),
    )
