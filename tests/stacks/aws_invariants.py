"""What AWS accepts and routes as meant; each function yields what breaks it."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from ipaddress import IPv4Network
from itertools import combinations

from environments import aws_limits as aws
from ops.terraform.resource_types import of
from tests.support import Output


def names_that_aws_refuses(stack: Output) -> Iterator[object]:
    for address, resource in stack.resources():
        known = of(address.partition(".")[0]).name
        name = resource[known.argument] if known else ""
        if known and (len(name) > known.limit.longest or not re.fullmatch(known.limit.pattern, name, re.ASCII)):
            yield address, name


def tags_that_aws_refuses(stack: Output) -> Iterator[object]:
    for provider in stack.at("provider")["aws"]:
        (default,) = provider["default_tags"]
        for address, resource in stack.resources():
            tags = default["tags"] | resource.get("tags", {})
            if len(tags) > aws.MOST_TAGS + 4:
                yield address, len(tags)
            for key, value in tags.items():
                if len(key) > aws.TAG_KEY_LENGTH or len(value) > aws.TAG_VALUE_LENGTH:
                    yield address, key, value


def subnets_that_do_not_fit(stack: Output) -> Iterator[object]:
    """Outside the VPC, or over another."""
    subnets = {name: IPv4Network(subnet["cidr_block"]) for name, subnet in stack.all("aws_subnet").items()}
    for vpc in stack.all("aws_vpc").values():
        network = IPv4Network(vpc["cidr_block"])
        yield from (name for name, subnet in subnets.items() if not subnet.subnet_of(network))
    for (name, one), (other, two) in combinations(subnets.items(), 2):
        if one.overlaps(two):
            yield name, other


def wrong_ways_out(stack: Output) -> Iterator[object]:
    """Inner subnets go out by their zone's NAT gateway or, where it has none, by another's; without any, not at all."""
    gateways = {f"${{aws_nat_gateway.{name}.id}}" for name in stack.all("aws_nat_gateway")}
    routes = {route["route_table_id"]: route for route in stack.all("aws_route").values()}
    if len(routes) != len(stack.all("aws_route")):
        yield "two routes in a table"
    for name, association in stack.all("aws_route_table_association").items():
        if name.startswith("vpc_public_"):
            continue
        zone = re.sub(r".*_routes_(.)_association", r"\1", name)
        own = f"${{aws_nat_gateway.vpc_nat_{zone}.id}}"
        way = routes.get(association["route_table_id"], {}).get("nat_gateway_id")
        allowed = {own} if own in gateways else gateways or {None}
        if way not in allowed:
            yield name, way


def rules_out_of_order(stack: Output) -> Iterator[object]:
    """The API's path is looked at before the path of everything, on the listener that serves."""
    rules = sorted(stack.all("aws_lb_listener_rule").values(), key=lambda rule: rule["priority"])
    got = [
        (rule["listener_arn"], rule["condition"][0]["path_pattern"]["values"], rule["action"][0]["target_group_arn"])
        for rule in rules
    ]
    listeners = stack.all("aws_lb_listener")
    if not listeners and not rules:
        return
    serving = "https" if "load_balancer_https" in listeners else "http"
    expected = [
        (
            f"${{aws_lb_listener.load_balancer_{serving}.arn}}",
            [path],
            f"${{aws_lb_target_group.{service}_targets.arn}}",
        )
        for path, service in (("/api/*", "backend"), ("/*", "frontend"))
    ]
    if got != expected:
        yield got


def tasks_of_a_wrong_size(stack: Output) -> Iterator[object]:
    for name, task in stack.all("aws_ecs_task_definition").items():
        cpu, memory = int(task["cpu"]), int(task["memory"])
        total = sum(container.get("memory", 0) for container in json.loads(task["container_definitions"]))
        if memory not in aws.FARGATE_MEMORY.get(cpu, ()) or not aws.SMALLEST_CONTAINER_MIB <= total <= memory:
            yield name, cpu, memory, total
