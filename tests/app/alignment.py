"""What each place says of a service's port and health path, and where two places disagree."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests.support import Output

HEALTH_URL = re.compile(r"curl -f http://localhost:(\d+)(/\S*) \|\| exit 1")


@dataclass(frozen=True)
class Claim:
    """One place's word on the port or the health path."""

    place: str
    value: int | str


@dataclass(frozen=True)
class Claims:
    """Everything said of one service; the first of each list is what the others are held against."""

    ports: list[Claim]
    paths: list[Claim]

    def disagreements(self) -> Iterator[str]:
        """Yield a line for each place that differs from the first, naming both."""
        for claims in (self.ports, self.paths):
            first = claims[0]
            for claim in claims[1:]:
                if claim.value != first.value:
                    yield f"{claim.place} is {claim.value}, {first.place} is {first.value}"


def of_api(app: Path, stacks: Mapping[str, Output]) -> Claims:
    """The API: its Dockerfile, the default in its code, and every stack."""
    claims = _of_dockerfile(app / "api/Dockerfile", "app/api/Dockerfile")
    default = _find(r"PORT: '(\d+)', \.\.\.process\.env", app / "api/index.js")
    claims.ports.append(Claim("app/api/index.js default port", int(default[1])))
    for name, stack in stacks.items():
        _add_stack(claims, name, stack, "backend")
    return claims


def of_frontend(app: Path, stacks: Mapping[str, Output]) -> Claims:
    """The page: its Dockerfile, nginx's configuration, and every stack."""
    claims = _of_dockerfile(app / "frontend/Dockerfile", "app/frontend/Dockerfile")
    nginx = app / "frontend/nginx/default.conf"
    claims.ports.append(Claim("app/frontend/nginx/default.conf listen", int(_find(r"listen (\d+)", nginx)[1])))
    health = _find(r"location = (\S+) \{\s+access_log off;", nginx)
    claims.paths.append(Claim("app/frontend/nginx/default.conf health location", health[1]))
    for name, stack in stacks.items():
        _add_stack(claims, name, stack, "frontend")
    return claims


def _of_dockerfile(path: Path, place: str) -> Claims:
    exposed = _find(r"^EXPOSE (\d+)$", path)
    health = _find(HEALTH_URL.pattern, path)
    return Claims(
        ports=[Claim(f"{place} EXPOSE", int(exposed[1])), Claim(f"{place} HEALTHCHECK port", int(health[1]))],
        paths=[Claim(f"{place} HEALTHCHECK path", health[2])],
    )


def _add_stack(claims: Claims, name: str, stack: Output, service: str) -> None:
    task = f"aws_ecs_task_definition.{service}_task"
    (container,) = json.loads(stack.at(task)["container_definitions"])
    (mapping,) = container["portMappings"]
    claims.ports.append(Claim(f"{name} {task} containerPort", mapping["containerPort"]))
    claims.ports.append(Claim(f"{name} {task} hostPort", mapping["hostPort"]))
    for variable in container["environment"]:
        if variable["name"] == "PORT":
            claims.ports.append(Claim(f"{name} {task} PORT", int(variable["value"])))
    health = HEALTH_URL.fullmatch(container["healthCheck"]["command"][1])
    assert health is not None, f"{name} {task}: {container['healthCheck']['command']}"
    claims.ports.append(Claim(f"{name} {task} healthCheck port", int(health[1])))
    claims.paths.append(Claim(f"{name} {task} healthCheck path", health[2]))

    group = f"aws_lb_target_group.{service}_targets"
    claims.ports.append(Claim(f"{name} {group} port", stack.at(group)["port"]))
    claims.paths.append(Claim(f"{name} {group} health_check path", stack.at(group)["health_check"]["path"]))
    (balancer,) = stack.at(f"aws_ecs_service.{service}_service")["load_balancer"]
    claims.ports.append(Claim(f"{name} aws_ecs_service.{service}_service container_port", balancer["container_port"]))
    for direction in ("ingress", "egress"):
        claims.ports.append(_rule(claims, name, stack, direction))


def _rule(claims: Claims, name: str, stack: Output, direction: str) -> Claim:
    """The rule that lets the load balancer reach the port; where there is none, what is open instead."""
    rules = stack.all(f"aws_vpc_security_group_{direction}_rule").values()
    ends = ("ecs", "alb") if direction == "ingress" else ("alb", "ecs")
    references = tuple(f"${{aws_security_group.{end}.id}}" for end in ends)
    open_ports = sorted(rule["from_port"] for rule in rules if _ends(rule) == references)
    wanted = claims.ports[0].value
    value = wanted if wanted in open_ports else " and ".join(map(str, open_ports))
    return Claim(f"{name} security group {direction} {ends[1]} and {ends[0]}", value)


def _ends(rule: Mapping[str, Any]) -> tuple[str, str]:
    return rule["security_group_id"], rule.get("referenced_security_group_id", "")


def _find(pattern: str, path: Path) -> re.Match[str]:
    found = re.search(pattern, path.read_text(), flags=re.MULTILINE)
    assert found is not None, f"{path} has nothing like {pattern}"
    return found
