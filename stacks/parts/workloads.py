"""Settings turned into the arguments of what runs, tasks and services, and of the alarms that watch it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from cdktf import TerraformVariable
from constructs import Construct

from environments.names import ServiceNames
from environments.settings import ServiceSettings, Settings
from modules.alarms import Alarms
from modules.ecs.cluster import Cluster
from modules.ecs.scaling import Capacity
from modules.ecs.service import Service
from modules.ecs.task import Container, InitContainer, Task, TaskRoles
from modules.key import DataKey
from modules.load_balancer import LoadBalancer, TargetGroup
from modules.logs import ContainerLogs
from modules.rds import (
    PORT,
    DatabaseUrl,
)
from modules.security import SecurityGroup
from modules.vpc import Vpc
from stacks.parts.storage import Data


@dataclass(frozen=True)
class Given:
    """What a service's task gets besides its image."""

    environment: Mapping[str, str] = field(default_factory=dict[str, str])
    secrets: Mapping[str, str] = field(default_factory=dict[str, str])
    init: InitContainer | None = None


@dataclass(frozen=True)
class WebService:
    """One service behind the load balancer."""

    settings: ServiceSettings
    names: ServiceNames
    targets: TargetGroup
    task: Task
    service: Service


def given_to_the_api(settings: Settings, data: Data) -> Given:
    """Return what the API's task gets; the migration that runs before it alone has the master user."""
    return Given(
        environment={
            "AWS_REGION": settings.aws_region,
            "COGNITO_CLIENT_ID": data.users.client_id,
            "COGNITO_USER_POOL_ID": data.users.id,
            "DATABASE_POOL_SIZE": str(settings.database_pool_size),
            "DATABASE_URL_VERSION": data.application_url.version,
            "ITEMS_TABLE": data.items.name,
            "NODE_ENV": settings.environment,
            "PORT": str(settings.ecs.backend.port),
        },
        secrets={"DATABASE_URL": data.application_url.value_from},
        init=migration(settings, data),
    )


def migration(settings: Settings, data: Data) -> InitContainer:
    """Return what runs before the API in each of its tasks."""
    master, application = data.master_user, data.application_url
    if isinstance(master, DatabaseUrl):
        environment = {"MIGRATION_DATABASE_URL_VERSION": master.version}
        secrets = {"MIGRATION_DATABASE_URL": master.value_from}
    else:
        environment = {
            "MIGRATION_DATABASE_HOST": data.database.address,
            "MIGRATION_DATABASE_NAME": settings.db_name,
            "MIGRATION_DATABASE_PORT": str(PORT),
        }
        secrets = {
            "MIGRATION_DATABASE_PASSWORD": master.value_from("password"),
            "MIGRATION_DATABASE_USER": master.value_from("username"),
        }
    return InitContainer(
        name="migrate",
        command=["node", "migrate.js"],
        environment={
            "DATABASE_URL_VERSION": application.version,
            "NODE_ENV": settings.environment,
            **environment,
        },
        secrets={"DATABASE_URL": application.value_from, **secrets},
    )


def task(scope: Construct, settings: Settings, name: str, given: Given, key: DataKey | None) -> Task:
    """Return the task of one service; its image is a variable, so that the pipeline can pass the one it pushed."""
    names, service = settings.names.service(name), settings.ecs.of(name)
    image = TerraformVariable(
        scope,
        f"{name}_image",
        type="string",
        nullable=False,
        default=settings.image(service),
        description=f"Image of the {name}, given as TF_VAR_{name}_image by the pipeline that pushed it",
    )
    logs = ContainerLogs(
        scope,
        f"{name}_logs",
        name=names.log_group,
        display_name=names.log_group_display,
        retention_days=settings.log_retention_days,
        key_arn=key.arn if key else None,
    )
    return Task(
        scope,
        f"{name}_task",
        family=names.task_family,
        region=settings.aws_region,
        cpu=service.cpu,
        memory=service.memory,
        container=Container(
            name=names.container,
            image=image.string_value,
            port=service.port,
            memory=service.container_memory,
            health_check_path=service.health_check_path,
            environment=given.environment,
            secrets=given.secrets,
        ),
        logs=logs,
        roles=TaskRoles(
            execution=names.execution_role,
            task=names.task_role,
            account_id=settings.account_id,
            boundary=settings.boundary_arn,
            repository_arn=settings.repository_arn(service),
        ),
        init=given.init,
    )


def web_service(
    scope: Construct,
    settings: Settings,
    name: str,
    *,
    cluster: Cluster,
    task: Task,
    network: Vpc,
    group: SecurityGroup,
    load_balancer: LoadBalancer,
    targets: TargetGroup,
) -> WebService:
    """Return a service that keeps its tasks registered with the load balancer."""
    names, service = settings.names.service(name), settings.ecs.of(name)
    ecs_service = Service(
        scope,
        f"{name}_service",
        name=names.ecs_service,
        cluster=cluster,
        task=task,
        capacity=Capacity(
            desired=service.desired_count,
            minimum=service.min_capacity,
            maximum=service.max_capacity,
            policy_name=names.scaling_policy,
        ),
        subnet_ids=network.private_subnet_ids,
        security_group=group,
        behind=(load_balancer, targets),
        image_from_pipeline=settings.image_owner == "pipeline",
    )
    return WebService(service, names, targets, task, ecs_service)


def alarms(scope: Construct, settings: Settings, key: DataKey | None) -> Alarms:
    """Return the topic of every alarm; what is watched is told to it."""
    return Alarms(
        scope,
        "alarms",
        topic_name=settings.names.alarm_topic,
        alarm_name=settings.names.alarm,
        account_id=settings.account_id,
        email=settings.alarms_to,
        key_arn=key.arn if key else None,
    )
