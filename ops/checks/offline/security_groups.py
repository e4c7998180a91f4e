"""The path Internet, load balancer, tasks, database: every edge has both ends, and there is no other."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import product

from environments.settings import SERVICES
from ops.checks.offline.findings import Finding, fail
from ops.checks.offline.subjects import Environment
from ops.terraform.synthesized import Json, Stack, referred

INTERNET = "0.0.0.0/0"
PUBLIC_PORTS = (80, 443)
"""The guide's load balancer admits both, whether or not it has an HTTPS listener."""
HTTPS = 443
"""Tasks reach ECR, Secrets Manager, Cognito and the logs by it."""
TYPES = {"ingress": "aws_vpc_security_group_ingress_rule", "egress": "aws_vpc_security_group_egress_rule"}
ELSEWHERE = ("cidr_ipv4", "cidr_ipv6", "prefix_list_id")


@dataclass(frozen=True)
class Edge:
    """One end of a way: what a group lets in from, or out to, a peer."""

    direction: str
    group: str
    peer: str
    ports: str
    """As 443, or 1000-2000 of a range; of another protocol than TCP with its name."""

    def __str__(self) -> str:
        return f"{self.direction} {'from' if self.direction == 'ingress' else 'to'} {self.peer} on {self.ports}"


def path_is_open(environment: Environment) -> Iterator[Finding]:
    stack = environment.stack
    of = environment.settings.ecs.of
    previous = [of(service).previous_port for service in SERVICES if of(service).previous_port]
    there, needed = rules_of(stack), expected(stack, previous)
    for edge in needed:
        if edge not in there.values():
            yield fail(edge.group, f"has no {edge}, expected one: without it every request there times out")
    known: dict[Edge, str] = {}
    for address, edge in there.items():
        if edge in known:
            yield fail(address, f"is {edge}, which {known[edge]} is too: AWS refuses the second; remove it")
        elif edge not in needed:
            yield fail(address, f"is {edge}, which nothing on the way to the database needs: remove it")
        known.setdefault(edge, address)
    yield from _beside(stack)


def expected(stack: Stack, previous_ports: Sequence[int] = ()) -> list[Edge]:
    """What the stack's load balancer, services and database need; on previous ports old tasks may still serve."""
    found: list[Edge] = []
    balancers = [group for each in stack.all("aws_lb").values() for group in _groups(each["security_groups"])]
    databases = [
        (group, each["port"])
        for each in stack.all("aws_db_instance").values()
        for group in _groups(each["vpc_security_group_ids"])
    ]
    for balancer, port in product(balancers, PUBLIC_PORTS):
        found.append(Edge("ingress", balancer, INTERNET, str(port)))
    for service in stack.all("aws_ecs_service").values():
        for tasks in _groups(service["network_configuration"]["security_groups"]):
            ports = [block["container_port"] for block in service.get("load_balancer", [])]
            for balancer, port in product(balancers, [*ports, *previous_ports]):
                found += _way(balancer, tasks, port)
            for database, port in databases:
                found += _way(tasks, database, port)
            found.append(Edge("egress", tasks, INTERNET, str(HTTPS)))
    return list(dict.fromkeys(found))


def rules_of(stack: Stack) -> dict[str, Edge]:
    return {
        address: _edge(direction, rule)
        for direction, type_ in TYPES.items()
        for address, rule in stack.all(type_).items()
    }


def _way(source: str, target: str, port: object) -> list[Edge]:
    return [Edge("egress", source, target, str(port)), Edge("ingress", target, source, str(port))]


def _edge(direction: str, rule: Json) -> Edge:
    peer = rule.get("referenced_security_group_id") or next((rule[key] for key in ELSEWHERE if rule.get(key)), "nobody")
    first, last, protocol = rule.get("from_port"), rule.get("to_port"), rule["ip_protocol"]
    ports = str(first) if first == last else f"{first}-{last}"
    if protocol != "tcp":
        ports = "all ports" if protocol == "-1" else f"{protocol} {ports}"
    return Edge(direction, referred(rule["security_group_id"]), referred(peer), ports)


def _beside(stack: Stack) -> Iterator[Finding]:
    """Rules that are no resources of their own: Terraform fights over them with those that are."""
    for type_ in ("aws_security_group", "aws_default_security_group"):
        for address, group in stack.all(type_).items():
            for key in ("ingress", "egress"):
                if group.get(key):
                    yield fail(address, f"has inline {key} rules, expected a {TYPES[key]} for each")
    for address in stack.all("aws_security_group_rule"):
        yield fail(address, f"expected a {TYPES['ingress']} or {TYPES['egress']} in its place")


def _groups(references: list[str]) -> list[str]:
    return [referred(each) for each in references]
