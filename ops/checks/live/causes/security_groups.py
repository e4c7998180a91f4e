"""The ways from one security group to the next, each of which has two ends."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from ops.checks.facts.facts import Facts
from ops.checks.facts.looking import Json
from ops.checks.facts.routes import ANYWHERE
from ops.checks.facts.security_groups import SecurityGroup, lets
from ops.checks.facts.service import Service
from ops.checks.facts.tasks import Death
from ops.checks.live.findings import UNHEALTHY, Cause, Finding

HTTPS = 443


@dataclass(frozen=True)
class Edge:
    """One way that has to be open at both ends."""

    name: str
    port: int
    source: tuple[SecurityGroup, ...]
    target: tuple[SecurityGroup, ...]
    source_cidrs: tuple[str, ...]
    target_cidrs: tuple[str, ...]

    def missing(self) -> Iterator[str]:
        """The ends that are shut."""
        out = [rule for group in self.source for rule in group.egress]
        if not lets(out, self.port, groups=[each.id for each in self.target], cidrs=self.target_cidrs):
            yield f"{_named(self.source)} has no egress on {self.port} to {_named(self.target)}"
        into = [rule for group in self.target for rule in group.ingress]
        if not lets(into, self.port, groups=[each.id for each in self.source], cidrs=self.source_cidrs):
            yield f"{_named(self.target)} has no ingress on {self.port} from {_named(self.source)}"


def edge_missing(facts: Facts) -> Iterator[Finding]:
    found: dict[tuple[str, ...], list[str]] = {}
    for service in facts.services:
        for name, gaps in _gaps(facts, service):
            found.setdefault((name, *gaps), []).append(service.name)
    for (name, *gaps), services in found.items():
        yield Finding(
            subject="network",
            what=f"security group edge missing: {name}",
            where=gaps[0].partition(" has ")[0],
            evidence=tuple(gaps),
            fix=(f"apply again with {facts.apply}: the rules are Terraform's ({facts.command('drift')} shows it)",),
            affects=tuple(services),
        )


def to_tasks(service: Service) -> str:
    return f"load balancer to {service.name} on {service.port}"


DATABASE = "tasks to database on"
OUT = f"tasks to the internet on {HTTPS}"


def _gaps(facts: Facts, service: Service) -> Iterator[tuple[str, tuple[str, ...]]]:
    network = facts.network
    tasks = tuple(network.groups(service.security_groups))
    subnets = network.subnets(service.subnets)
    cidrs = tuple(subnet.cidr for subnet in subnets)
    balancer = network.balancer(service.group.arn) if service.group else Json()
    if balancer:
        front = tuple(network.groups(balancer["SecurityGroups"]))
        zones = [each["SubnetId"] for each in balancer.get("AvailabilityZones", [])]
        front_cidrs = tuple(subnet.cidr for subnet in network.subnets(zones))
        edge = Edge(to_tasks(service), service.port, front, tasks, front_cidrs, cidrs)
        yield from _gap(edge)
    instance = facts.database.instance if service.uses_database else None
    if instance and instance.get("VpcSecurityGroups"):
        groups = tuple(network.groups(each["VpcSecurityGroupId"] for each in instance["VpcSecurityGroups"]))
        placed: list[Json] = instance.get("DBSubnetGroup", {}).get("Subnets", [])
        behind = tuple(each.cidr for each in network.subnets(each["SubnetIdentifier"] for each in placed))
        port = instance["Endpoint"]["Port"]
        yield from _gap(Edge(f"{DATABASE} {port}", port, tasks, groups, cidrs, behind))
    out = [rule for group in tasks for rule in group.egress]
    # With endpoints in place of a way out, 443 need only be open to those.
    inner = any(rule.lets(HTTPS) for rule in out) and any(subnet.way_out is None for subnet in subnets)
    if not inner and not lets(out, HTTPS, cidrs=[ANYWHERE]):
        yield OUT, (f"{_named(tasks)} has no egress on {HTTPS} to {ANYWHERE}",)


def _gap(edge: Edge) -> Iterator[tuple[str, tuple[str, ...]]]:
    gaps = tuple(edge.missing())
    if gaps:
        yield edge.name, gaps


def _named(groups: tuple[SecurityGroup, ...]) -> str:
    return " or ".join(map(str, groups)) or "no security group"


SECURITY_GROUP_EDGE = Cause(
    "security-group-edge",
    "Security group edge missing",
    edge_missing,
    symptom="Time-outs: of the health checks, of the database, or of image and secrets.",
    evidence="The rules of both groups of the edge: load balancer to tasks, tasks to database, tasks to 443.",
    fix="Apply again: the rules are Terraform's.",
    explains=(
        *("grace-too-short", "cannot-pull", "secret-unreadable", "database-unreachable", "migration-failed"),
        *UNHEALTHY,
    ),
    deaths=(Death.HEALTH, Death.PULL, Death.START, Death.INIT, Death.EXIT, Death.OTHER),
)
