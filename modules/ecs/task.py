"""One container as a Fargate task definition, with its two roles and perhaps a command that runs before it."""

from __future__ import annotations

import json
import shlex
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from cdktf_cdktf_provider_aws.ecs_task_definition import EcsTaskDefinition, EcsTaskDefinitionVolume
from constructs import Construct

from modules.iam import ServiceRole
from modules.logs import ContainerLogs

# The one place a container may write to, empty at its start. The images declare it as a volume, which then has its
# permissions there; one that no image declares belongs to root alone ("Using bind mounts", ECS developer guide).
SCRATCH_VOLUME, SCRATCH = "scratch", "/tmp"
# Of the task's memory; more than the 4 MB below which "Preventing log loss with non-blocking mode in the AWSLogs
# container log driver" (AWS containers blog) lost lines.
LOG_BUFFER = "10m"


@dataclass(frozen=True)
class Container:
    """What runs in the task; memory is its hard limit in MiB, secrets map a variable to a secret's ARN."""

    name: str
    image: str
    port: int
    memory: int
    health_check_path: str
    environment: Mapping[str, str]
    secrets: Mapping[str, str]


@dataclass(frozen=True)
class InitContainer:
    """A command of the same image that has to end well, with 0, before the container starts."""

    name: str
    command: Sequence[str]
    environment: Mapping[str, str]
    secrets: Mapping[str, str]


@dataclass(frozen=True)
class TaskRoles:
    """Names of the two roles of a task, the account that may use them, their permissions boundary's ARN, and the
    repository they pull from."""

    execution: str
    task: str
    account_id: str
    boundary: str
    repository_arn: str


class Task(Construct):
    """A task definition: `execution_role` starts the container (image, logs, secrets), `role` is the application's.

    The container's file system is read-only but for /tmp: what breaks in can change nothing that runs.
    Its container is unhealthy after three failed checks 30 s apart, counted from 60 s after the start.

    With `init` the task is pending until that has ended, for as long as it takes, and stops if it fails. Its variables
    and secrets are not the container's, nor its files: of the task they share the roles alone.
    """

    def __init__(
        self,
        scope: Construct,
        id_: str,
        *,
        family: str,
        region: str,
        cpu: int,
        memory: int,
        container: Container,
        logs: ContainerLogs,
        roles: TaskRoles,
        init: InitContainer | None = None,
    ) -> None:
        super().__init__(scope, id_)
        self.container = container
        self.family = family
        self.execution_role = self._role("execution_role", roles.execution, roles)
        self.role = self._role("role", roles.task, roles)
        # ecr:GetAuthorizationToken takes no resource: "Actions defined by Amazon ECR", service authorization reference.
        self.execution_role.allow("log_in_to_ecr", ["ecr:GetAuthorizationToken"], ["*"])
        self.execution_role.allow(
            "pull_image",
            ["ecr:BatchCheckLayerAvailability", "ecr:GetDownloadUrlForLayer", "ecr:BatchGetImage"],
            [roles.repository_arn],
        )
        self.execution_role.allow(
            "write_logs", ["logs:CreateLogStream", "logs:PutLogEvents"], [f"{logs.arn}:log-stream:*"]
        )
        log = _log(logs.name, region)
        definitions = [_definition(container, init, log)]
        if init is not None:
            definitions.append(_init_definition(init, container.image, log))
        definition = EcsTaskDefinition(
            self,
            "Default",
            family=family,
            network_mode="awsvpc",
            requires_compatibilities=["FARGATE"],
            cpu=str(cpu),
            memory=str(memory),
            execution_role_arn=self.execution_role.arn,
            task_role_arn=self.role.arn,
            container_definitions=json.dumps(definitions),
            volume=[EcsTaskDefinitionVolume(name=SCRATCH_VOLUME)],
            # A failed deployment is rolled back to the revision before, so that one stays registered. It need not be
            # made before the old one goes: all that it refers to would be too, the database under the name it has.
            skip_destroy=True,
            tags={"Name": family},
        )
        self.arn = definition.arn

    def _role(self, id_: str, name: str, roles: TaskRoles) -> ServiceRole:
        return ServiceRole(
            self,
            id_,
            name=name,
            service="ecs-tasks.amazonaws.com",
            account_id=roles.account_id,
            boundary=roles.boundary,
        )


def _definition(container: Container, init: InitContainer | None, log: dict[str, object]) -> dict[str, object]:
    # A query has characters that a shell would read.
    health_url = shlex.quote(f"http://localhost:{container.port}{container.health_check_path}")
    # "ContainerDependency", Amazon ECS API reference: SUCCESS is the end with exit code 0.
    after = {"dependsOn": [{"containerName": init.name, "condition": "SUCCESS"}]} if init is not None else {}
    return {
        "name": container.name,
        "image": container.image,
        "essential": True,
        "memory": container.memory,
        "readonlyRootFilesystem": True,
        "mountPoints": [{"sourceVolume": SCRATCH_VOLUME, "containerPath": SCRATCH, "readOnly": False}],
        "portMappings": [{"containerPort": container.port, "hostPort": container.port, "protocol": "tcp"}],
        **_given(container.environment, container.secrets),
        "logConfiguration": log,
        "healthCheck": {
            "command": ["CMD-SHELL", f"curl -f {health_url} || exit 1"],
            "interval": 30,
            "timeout": 5,
            "retries": 3,
            "startPeriod": 60,
        },
        **after,
    }


def _init_definition(init: InitContainer, image: str, log: dict[str, object]) -> dict[str, object]:
    """Without a limit of its own it has the task's memory, which nothing else uses yet."""
    return {
        "name": init.name,
        "image": image,
        "command": list(init.command),
        # An essential container could not be waited for: its end would be the task's.
        "essential": False,
        "readonlyRootFilesystem": True,
        **_given(init.environment, init.secrets),
        "logConfiguration": log,
    }


def _given(environment: Mapping[str, str], secrets: Mapping[str, str]) -> dict[str, object]:
    return {
        "environment": [{"name": key, "value": environment[key]} for key in sorted(environment)],
        "secrets": [{"name": key, "valueFrom": secrets[key]} for key in sorted(secrets)],
    }


def _log(group: str, region: str) -> dict[str, object]:
    return {
        "logDriver": "awslogs",
        "options": {
            "awslogs-group": group,
            "awslogs-region": region,
            "awslogs-stream-prefix": "ecs",
            # A log that cannot be written must not stop the application; what does not fit into the buffer is lost.
            # ECS's own default since June 2025, unless the account's defaultLogDriverMode says otherwise:
            # "LogConfiguration", Amazon ECS API reference.
            "mode": "non-blocking",
            "max-buffer-size": LOG_BUFFER,
        },
    }
