"""What a security group lets through."""

from __future__ import annotations

import ipaddress
from collections.abc import Iterable
from dataclasses import dataclass

from ops.checks.facts.looking import Json, Looking

ALL = "-1"


@dataclass(frozen=True)
class Rule:
    """One direction of a security group: a protocol and ports, and whom with."""

    protocol: str
    first: int
    last: int
    groups: tuple[str, ...]
    cidrs: tuple[str, ...]
    prefix_lists: tuple[str, ...]

    def lets(self, port: int) -> bool:
        return self.protocol == ALL or (self.protocol == "tcp" and self.first <= port <= self.last)


@dataclass(frozen=True)
class SecurityGroup:
    """A security group's rules."""

    id: str
    name: str
    ingress: tuple[Rule, ...]
    egress: tuple[Rule, ...]

    def __str__(self) -> str:
        return f"{self.name} ({self.id})"


def read(looking: Looking, ids: list[str]) -> list[SecurityGroup]:
    found: list[Json] = looking.client("ec2").describe_security_groups(GroupIds=ids)["SecurityGroups"]
    return [
        SecurityGroup(
            each["GroupId"], each["GroupName"], _rules(each["IpPermissions"]), _rules(each["IpPermissionsEgress"])
        )
        for each in found
    ]


def lets(rules: Iterable[Rule], port: int, *, groups: Iterable[str] = (), cidrs: Iterable[str] = ()) -> bool:
    """Whether a rule opens the port for one of the groups, or for all of the address ranges."""
    fitting = [rule for rule in rules if rule.lets(port)]
    if any({*rule.groups} & {*groups} for rule in fitting):
        return True
    opened = [ipaddress.ip_network(cidr) for rule in fitting for cidr in rule.cidrs]
    ranges = [ipaddress.ip_network(cidr) for cidr in cidrs]
    return bool(ranges) and all(
        any(each.version == wide.version and each.subnet_of(wide) for wide in opened)  # pyright: ignore[reportArgumentType]
        for each in ranges
    )


def _rules(found: list[Json]) -> tuple[Rule, ...]:
    return tuple(
        Rule(
            protocol=each["IpProtocol"],
            first=each.get("FromPort", 0),
            last=each.get("ToPort", 65535),
            groups=tuple(pair["GroupId"] for pair in each.get("UserIdGroupPairs", [])),
            cidrs=tuple(part["CidrIp"] for part in each.get("IpRanges", []) if "CidrIp" in part),
            prefix_lists=tuple(part["PrefixListId"] for part in each.get("PrefixListIds", [])),
        )
        for each in found
    )
