"""What each place says of a service's port and health path: program, Dockerfile, task, target group."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass

from ops.checks.offline.findings import Fault
from ops.checks.offline.subjects import Checkout
from ops.terraform.synthesized import Json, Stack

HEALTH_URL = r"curl -f '?http://localhost:(\d+)(/[^\s']*)'? \|\| exit 1"


@dataclass(frozen=True)
class Service:
    """Where a service's files say what."""

    name: str
    dockerfile: str
    program: str
    port: str
    """Pattern of the port in the program."""
    routes: str


API = Service(
    "backend", "app/api/Dockerfile", "app/api/index.js", r"PORT: '(\d+)', \.\.\.process\.env", "app/api/src/health.js"
)
NGINX = "app/frontend/nginx/default.conf"
PAGE = Service("frontend", "app/frontend/Dockerfile", NGINX, r"listen (\d+)", NGINX)
SERVICES = (API, PAGE)


@dataclass(frozen=True)
class Claim:
    """One place's word on the port or the health path."""

    where: str
    what: str
    value: str


@dataclass(frozen=True)
class Claims:
    """What is said of one service in one set of places."""

    ports: list[Claim]
    paths: list[Claim]


def of_files(checkout: Checkout, service: Service) -> Claims:
    """The Dockerfile's word and the program's; raises Fault where one of them says nothing."""
    exposed = checkout.find(service.dockerfile, r"^EXPOSE (\d+)$", "EXPOSE")
    health = checkout.find(service.dockerfile, HEALTH_URL, "health check")
    default = checkout.find(service.program, service.port, "port")
    return Claims(
        ports=[
            Claim(exposed.where, "EXPOSE", exposed.groups[0]),
            Claim(health.where, "HEALTHCHECK port", health.groups[0]),
            Claim(default.where, "port", default.groups[0]),
        ],
        paths=[Claim(health.where, "HEALTHCHECK path", health.groups[1])],
    )


def of_stack(stack: Stack, service: Service) -> Claims:
    """The word of the task, the target group and the service between them; raises Fault where one says nothing."""
    task, group = f"aws_ecs_task_definition.{service.name}_task", f"aws_lb_target_group.{service.name}_targets"
    found, targets = _container(stack, service.name), stack.at(group)
    ports: list[Claim] = []
    for mapping in found["portMappings"]:
        ports += [Claim(task, key, str(mapping[key])) for key in ("containerPort", "hostPort")]
    ports += [Claim(task, "PORT", each["value"]) for each in found["environment"] if each["name"] == "PORT"]
    command = found.get("healthCheck", {}).get("command", [""])[-1]
    health = re.fullmatch(HEALTH_URL, command)
    if health is None:
        raise Fault(task, f"healthCheck is {command!r}, expected something like {HEALTH_URL}")
    ports.append(Claim(task, "healthCheck port", health[1]))
    ports.append(Claim(group, "port", str(targets["port"])))
    port = str(_balanced(stack, service.name)["container_port"])
    ports.append(Claim(f"aws_ecs_service.{service.name}_service", "container_port", port))
    paths = [Claim(task, "healthCheck path", health[2])]
    paths.append(Claim(group, "health_check path", targets["health_check"]["path"]))
    return Claims(ports, paths)


def served(checkout: Checkout, service: Service) -> set[str]:
    """The paths that the program answers with 200 to somebody who is not signed in."""
    if service is PAGE:
        return {each.groups[0] for each in checkout.find_all(NGINX, r"location = (\S+) \{[^}]*return 200")}
    routers = checkout.find_all(service.routes, r"const (\w+) = createOperations\('(.*)'\)")
    prefixes = {each.groups[0]: each.groups[1] for each in routers}
    added = checkout.find_all(service.routes, r"(\w+)\.add\(\s*'get',\s*'(.+)'")
    return {prefixes[name] + path for name, path in (each.groups for each in added) if name in prefixes}


def _container(stack: Stack, service: str) -> Json:
    """The container of a service's task that the load balancer sends to; raises Fault where there is none."""
    task = f"aws_ecs_task_definition.{service}_task"
    name = _balanced(stack, service)["container_name"]
    found: list[Json] = json.loads(stack.at(task)["container_definitions"])
    for each in found:
        if each["name"] == name:
            return each
    names = ", ".join(each["name"] for each in found)
    raise Fault(task, f"has the containers {names}, expected {name}, to which the service's load balancer sends")


def _balanced(stack: Stack, service: str) -> Json:
    """What the service registers in its target group; raises Fault unless that is one container."""
    address = f"aws_ecs_service.{service}_service"
    blocks: list[Json] = stack.at(address).get("load_balancer", [])
    if len(blocks) != 1:
        raise Fault(address, f"registers {len(blocks)} containers in target groups, expected one")
    return blocks[0]
