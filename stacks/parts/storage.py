"""Settings turned into the arguments of what an environment keeps: database, table, users, secrets and backups."""

from __future__ import annotations

from dataclasses import dataclass

from cdktf import Fn, TerraformVariable
from constructs import Construct

from environments.settings import Settings
from modules.backup import Backup, BackupCare, CopyVault
from modules.cognito import Sender, UserPool
from modules.dynamodb import ItemsTable
from modules.key import DataKey
from modules.password import random_password
from modules.rds import (
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
from modules.vpc import Vpc
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


def data_key(scope: Construct, settings: Settings) -> DataKey | None:
    """Return the environment's own key, or None where AWS's keys are to do."""
    if not settings.customer_managed_key:
        return None
    return DataKey(
        scope, "data_key", alias=settings.names.data_key, region=settings.aws_region, account_id=settings.account_id
    )


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
