"""Settings turned into the keyword arguments of each module."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from cdktf import Fn, TerraformVariable
from constructs import Construct

from environments.names import ServiceNames
from environments.settings import ServiceSettings, Settings
from modules.alarms import Alarms
from modules.backup import Backup, BackupCare, CopyVault
from modules.cognito import Sender, UserPool
from modules.dynamodb import ItemsTable
from modules.ecs.cluster import Cluster
from modules.ecs.scaling import Capacity
from modules.ecs.service import Service
from modules.ecs.task import Container, InitContainer, Task, TaskRoles
from modules.key import DataKey
from modules.load_balancer import AccessLogs, LoadBalancer, TargetGroup
from modules.logs import ContainerLogs, FlowLogBucket, FlowLogs
from modules.password import random_password
from modules.rds import (
    PORT,
    Database,
    DatabaseCare,
    DatabaseSize,
    DatabaseUrl,
    DatabaseWatch,
    Login,
    ManagedLogin,
    MasterSecret,
)
from modules.security import SecurityGroup
from modules.vpc import Vpc, Zone
from stacks.base import BaseStack


@dataclass(frozen=True)
class Data:
    """All that an environment keeps, and how its programs get at it."""

    database: Database
    master_user: DatabaseUrl | MasterSecret
    application_url: DatabaseUrl
    items: ItemsTable
    backup: Backup | None
    users: UserPool


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


def data_key(scope: Construct, settings: Settings) -> DataKey | None:
    """Return the environment's own key, or None where AWS's keys are to do."""
    if not settings.customer_managed_key:
        return None
    return DataKey(
        scope, "data_key", alias=settings.names.data_key, region=settings.aws_region, account_id=settings.account_id
    )


def vpc(scope: Construct, settings: Settings, key: DataKey | None) -> Vpc:
    """Return the network, its traffic logged."""
    tiers = (
        settings.availability_zones,
        settings.public_subnet_cidrs,
        settings.private_subnet_cidrs,
        settings.database_subnet_cidrs,
    )
    network = Vpc(
        scope,
        "vpc",
        name=settings.vpc_name,
        environment=settings.environment,
        region=settings.aws_region,
        account_id=settings.account_id,
        cidr=settings.vpc_cidr,
        zones=[Zone(*zone) for zone in zip(*tiers, strict=True)],
        nat_gateways=settings.nat_gateways,
    )
    if settings.flow_logs == "s3":
        FlowLogBucket(
            scope,
            "flow_logs",
            name=settings.names.flow_logs,
            bucket_name=settings.names.flow_log_bucket,
            vpc_id=network.id,
            region=settings.aws_region,
            account_id=settings.account_id,
            retention_days=settings.log_retention_days,
            disposable=not settings.deletion_protection,
        )
    else:
        FlowLogs(
            scope,
            "flow_logs",
            name=settings.names.flow_logs,
            vpc_id=network.id,
            account_id=settings.account_id,
            boundary=settings.boundary_arn,
            retention_days=settings.log_retention_days,
            key_arn=key.arn if key else None,
        )
    return network


def security_group(scope: Construct, settings: Settings, id_: str, description: str, network: Vpc) -> SecurityGroup:
    name = settings.names.security_group(id_)
    return SecurityGroup(scope, id_, name=name, description=description, vpc_id=network.id)


def data(scope: BaseStack, settings: Settings, network: Vpc, group: SecurityGroup, key: DataKey | None) -> Data:
    """Return database, table and user pool, with the logins, their secrets and the backups."""
    master = login(scope, settings, key)
    postgres = database(scope, settings, network, group, master, key)
    master_secret = master_user(scope, settings, postgres, master, key)
    application = application_url(scope, settings, postgres, application_login(scope, settings), key)
    table = items(scope, settings, key)
    return Data(
        database=postgres,
        master_user=master_secret,
        application_url=application,
        items=table,
        backup=backup(scope, settings, postgres, table, key),
        users=users(scope, settings),
    )


def login(scope: Construct, settings: Settings, key: DataKey | None) -> Login | ManagedLogin:
    """Return the master user; RDS makes its password, or it is a Terraform variable that no plan or state records."""
    if settings.password_from_rds:
        return ManagedLogin(database=settings.db_name, username=settings.db_username, key=key)
    password = TerraformVariable(
        scope,
        "db_password",
        type="string",
        sensitive=True,
        nullable=False,
        description="Master password of the database, given as TF_VAR_db_password",
    )
    password.add_override("ephemeral", True)
    return Login(
        database=settings.db_name,
        username=settings.db_username,
        password=password.string_value,
        password_in_url=Fn.urlencode(password.string_value),
        password_version=settings.db_password_version,
    )


def application_login(scope: Construct, settings: Settings) -> Login:
    """Return the application's login, which the migration makes; two take turns.

    A rotation makes the other one. Tasks of before keep theirs, also those that ECS returns to when a deployment fails.
    """
    password = random_password(scope, "application_password")
    return Login(
        database=settings.db_name,
        username=settings.application_login,
        password=password,
        password_in_url=password,
        password_version=settings.db_password_version,
    )


def database(
    scope: Construct,
    settings: Settings,
    network: Vpc,
    group: SecurityGroup,
    login: Login | ManagedLogin,
    key: DataKey | None,
) -> Database:
    names = settings.names
    return Database(
        scope,
        "database",
        name=names.database,
        subnet_group_name=names.db_subnet_group,
        parameter_group_name=names.db_parameter_group(settings.db_engine_version),
        engine_version=settings.db_engine_version,
        subnet_ids=network.database_subnet_ids,
        security_group=group,
        size=DatabaseSize(
            instance_class=settings.db_instance_class,
            storage=settings.db_allocated_storage,
            max_storage=settings.db_max_allocated_storage,
            storage_type=settings.db_storage_type,
            iops=settings.db_iops or None,
            throughput=settings.db_storage_throughput or None,
            multi_az=settings.db_multi_az,
        ),
        care=DatabaseCare(
            backup_retention_days=settings.db_backup_retention_days,
            backup_window=settings.db_backup_window,
            maintenance_window=settings.db_maintenance_window,
            deletion_protection=settings.deletion_protection,
            skip_final_snapshot=settings.db_skip_final_snapshot,
            apply_immediately=settings.db_apply_immediately,
        ),
        watch=DatabaseWatch(
            log_retention_days=settings.log_retention_days,
            interval=settings.db_monitoring_interval,
            role_name=names.db_monitoring_role,
            region=settings.aws_region,
            account_id=settings.account_id,
            boundary=settings.boundary_arn,
            key_arn=key.arn if key else None,
        ),
        login=login,
    )


def master_user(
    scope: Construct, settings: Settings, database: Database, login: Login | ManagedLogin, key: DataKey | None
) -> DatabaseUrl | MasterSecret:
    """Return where the migration finds the master user: a URL, or RDS's own secret."""
    if isinstance(login, ManagedLogin):
        return MasterSecret(scope, "master_user", database=database, key=key)
    return DatabaseUrl(
        scope,
        "database_url",
        name=settings.names.database_url_secret,
        description="URL of the database's master user, for the migration",
        database=database,
        login=login,
        recovery_days=settings.secret_recovery_days,
        key=key,
    )


def application_url(
    scope: Construct, settings: Settings, database: Database, login: Login, key: DataKey | None
) -> DatabaseUrl:
    """Return the application's URL."""
    return DatabaseUrl(
        scope,
        "application_url",
        name=settings.names.application_url_secret,
        description="DATABASE_URL of the API",
        database=database,
        login=login,
        recovery_days=settings.secret_recovery_days,
        key=key,
    )


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


def items(scope: Construct, settings: Settings, key: DataKey | None) -> ItemsTable:
    return ItemsTable(
        scope,
        "items",
        name=settings.names.items_table,
        deletion_protection=settings.deletion_protection,
        key=key,
    )


def backup(
    scope: BaseStack, settings: Settings, database: Database, table: ItemsTable, key: DataKey | None
) -> Backup | None:
    """Return AWS Backup of the data, or None where the settings want none.

    The other region's provider is there all the same: without it Terraform could not destroy what it once made.
    """
    region = settings.state_replica_region
    provider = scope.provider_in(region, "copies")
    if not settings.backup_delete_after_days:
        return None
    return Backup(
        scope,
        "backup",
        name=settings.names.backup,
        region=settings.aws_region,
        account_id=settings.account_id,
        boundary=settings.boundary_arn,
        database=database,
        table=table,
        care=BackupCare(
            hour=settings.backup_hour,
            delete_after_days=settings.backup_delete_after_days,
            disposable=not settings.deletion_protection,
        ),
        key=key,
        copies=CopyVault(settings.names.backup_copies, region, provider),
    )


def users(scope: Construct, settings: Settings) -> UserPool:
    return UserPool(
        scope,
        "users",
        name=settings.names.user_pool,
        client_name=settings.names.user_pool_client,
        deletion_protection=settings.deletion_protection,
        sender=_sender(settings),
    )


def _sender(settings: Settings) -> Sender | None:
    """Return the address of SES that writes to users, or None for Cognito's own."""
    address = settings.users_email_from
    if not address:
        return None
    domain = address.rpartition("@")[2]
    return Sender(address, f"arn:aws:ses:{settings.aws_region}:{settings.account_id}:identity/{domain}")


def targets(scope: Construct, settings: Settings, name: str, network: Vpc) -> TargetGroup:
    service = settings.ecs.of(name)
    return TargetGroup(
        scope,
        f"{name}_targets",
        name=settings.names.target_group(name),
        vpc_id=network.id,
        port=service.port,
        health_check_path=service.health_check_path,
    )


def load_balancer(
    scope: Construct, settings: Settings, network: Vpc, group: SecurityGroup, default_targets: TargetGroup
) -> LoadBalancer:
    """Return the load balancer, with a bucket of access logs when the environment wants them."""
    access_logs = None
    if settings.alb_access_logs:
        access_logs = AccessLogs(
            scope,
            "access_logs",
            bucket_name=settings.names.access_log_bucket,
            account_id=settings.account_id,
            retention_days=settings.log_retention_days,
            disposable=not settings.deletion_protection,
        )
    return LoadBalancer(
        scope,
        "load_balancer",
        name=settings.names.load_balancer,
        subnet_ids=network.public_subnet_ids,
        security_group=group,
        certificate_arn=settings.certificate,
        default_targets=default_targets,
        access_logs=access_logs,
        deletion_protection=settings.deletion_protection,
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
