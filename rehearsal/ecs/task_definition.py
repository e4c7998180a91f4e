"""What a task runs, as the ECS API describes it."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

from botocore.exceptions import ClientError

from ops.core.aws import Aws, error_code

# ECS's own defaults, in seconds; interval, timeout and retries are Docker's.
INTERVAL, TIMEOUT, RETRIES, START_PERIOD, STOP_TIMEOUT = 30, 5, 3, 0, 30

UNREADABLE = (
    "ResourceInitializationError: unable to pull secrets or registry auth: execution resource retrieval failed: unable "
    "to retrieve secret from asm: service call has been retried 1 time(s):"
)


class NotRunnable(Exception):
    """A task cannot start, on AWS or here; the message is its stopped reason."""


@dataclass(frozen=True)
class HealthCheck:
    """Times in seconds."""

    command: tuple[str, ...]
    interval: float
    timeout: float
    retries: int
    start_period: float


@dataclass(frozen=True)
class Dependency:
    """The state another container has to reach before this one starts: "ContainerDependency", ECS API reference."""

    container: str
    condition: str
    """START, COMPLETE, SUCCESS or HEALTHY."""


@dataclass(frozen=True)
class Container:
    """One container definition."""

    name: str
    image: str
    essential: bool
    command: tuple[str, ...]
    environment: dict[str, str]
    secrets: dict[str, str]
    """Name of the variable to where its value is: <ARN of a secret>[:<JSON key>:<stage>:<version id>]."""
    ports: tuple[int, ...]
    health_check: HealthCheck | None
    log_group: str | None
    log_prefix: str
    stop_timeout: float
    depends_on: tuple[Dependency, ...] = ()
    start_timeout: float | None = None
    """Seconds that others wait for it; None: without a limit."""


@dataclass(frozen=True)
class TaskDefinition:
    arn: str
    containers: tuple[Container, ...]

    @property
    def revision(self) -> str:
        """family:revision."""
        return self.arn.rpartition("/")[2]


def read(aws: Aws, arn: str) -> TaskDefinition:
    """Ask the ECS API."""
    found = aws.client("ecs").describe_task_definition(taskDefinition=arn)["taskDefinition"]
    return TaskDefinition(arn, tuple(_container(each) for each in found["containerDefinitions"]))


def _container(found: dict[str, Any]) -> Container:
    log: dict[str, Any] = found.get("logConfiguration") or {}
    options: dict[str, str] = log["options"] if log.get("logDriver") == "awslogs" else {}
    return Container(
        name=found["name"],
        image=found["image"],
        essential=found.get("essential", True),
        command=(*found.get("entryPoint", []), *found.get("command", [])),
        environment={each["name"]: each["value"] for each in found.get("environment", [])},
        secrets={each["name"]: each["valueFrom"] for each in found.get("secrets", [])},
        ports=tuple(each["containerPort"] for each in found.get("portMappings", [])),
        health_check=_health_check(found.get("healthCheck")),
        log_group=options.get("awslogs-group"),
        log_prefix=options.get("awslogs-stream-prefix", "ecs"),
        stop_timeout=found.get("stopTimeout") or STOP_TIMEOUT,
        depends_on=tuple(Dependency(each["containerName"], each["condition"]) for each in found.get("dependsOn", [])),
        start_timeout=found.get("startTimeout"),
    )


def _health_check(found: dict[str, Any] | None) -> HealthCheck | None:
    if not found or found["command"][0] == "NONE":
        return None
    return HealthCheck(
        command=tuple(found["command"]),
        interval=found.get("interval") or INTERVAL,
        timeout=found.get("timeout") or TIMEOUT,
        retries=found.get("retries") or RETRIES,
        start_period=found.get("startPeriod") or START_PERIOD,
    )


def secret_values(aws: Aws, container: Container) -> dict[str, str]:
    """The container's secrets from Secrets Manager; raises NotRunnable where one cannot be had."""
    return {name: _secret_value(aws, name, where) for name, where in container.secrets.items()}


def _secret_value(aws: Aws, name: str, where: str) -> str:
    parts = where.split(":")
    if parts[2:3] != ["secretsmanager"]:
        raise NotRunnable(f"secret {name} is not in Secrets Manager but at {where}: not rehearsed")
    # arn:aws:secretsmanager:<region>:<account>:secret:<name>, then perhaps three more fields.
    arn, (key, stage, version) = ":".join(parts[:7]), (*parts[7:], "", "", "")[:3]
    selected = {"VersionStage": stage, "VersionId": version}
    try:
        value: str = aws.client("secretsmanager").get_secret_value(
            SecretId=arn, **{name: value for name, value in selected.items() if value}
        )["SecretString"]
        return json.loads(value)[key] if key else value
    except ClientError as error:
        told = f"{error_code(error)}: {str(error).rpartition('operation: ')[2]}"
        raise NotRunnable(f"{UNREADABLE} failed to fetch secret {arn} from secrets manager: {told}") from None
    except Exception as error:
        raise NotRunnable(f"{UNREADABLE} {error!r} as the value of {name}, secret {arn}") from None
