"""PostgreSQL on RDS and the secrets that hold its connection URLs."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from cdktf import DataResource, TerraformResourceLifecycle
from cdktf_cdktf_provider_aws.cloudwatch_log_group import CloudwatchLogGroup
from cdktf_cdktf_provider_aws.db_instance import DbInstance
from cdktf_cdktf_provider_aws.db_parameter_group import DbParameterGroup, DbParameterGroupParameter
from cdktf_cdktf_provider_aws.db_subnet_group import DbSubnetGroup
from cdktf_cdktf_provider_aws.secretsmanager_secret import SecretsmanagerSecret
from cdktf_cdktf_provider_aws.secretsmanager_secret_version import SecretsmanagerSecretVersion
from constructs import Construct

from modules.iam import ServiceRole
from modules.key import DECRYPT, DataKey
from modules.security import SecurityGroup

PORT = 5432
LOG_EXPORTS = ("postgresql", "upgrade")
# Statements that take at least this long are logged, with what they were given.
SLOW_QUERY_MS = 1000
# Days of Performance Insights history that are free of charge: Amazon RDS pricing.
PERFORMANCE_INSIGHTS_DAYS = 7


@dataclass(frozen=True)
class DatabaseSize:
    """Instance class and storage in GiB; storage grows by itself up to `max_storage`.

    `iops` and `throughput` (MiB/s) are None where the storage's own are to do.
    """

    instance_class: str
    storage: int
    max_storage: int
    multi_az: bool
    storage_type: str = "gp2"
    iops: int | None = None
    throughput: int | None = None


@dataclass(frozen=True)
class DatabaseCare:
    """How the database is kept: UTC windows, days of backups, what a destroy may do.

    What makes it restart waits for the maintenance window unless `apply_immediately`.
    """

    backup_retention_days: int
    backup_window: str
    maintenance_window: str
    deletion_protection: bool
    skip_final_snapshot: bool
    apply_immediately: bool = False


@dataclass(frozen=True)
class DatabaseWatch:
    """What is recorded of the database, all of it encrypted with the key if there is one.

    Logs for so many days, which queries wait for what, and if `interval` is not 0 the operating system's readings
    every so many seconds, which RDS writes with a role of this name and permissions boundary.
    """

    log_retention_days: int
    interval: int
    role_name: str
    region: str
    account_id: str
    boundary: str
    key_arn: str | None


@dataclass(frozen=True)
class Login:
    """A user of PostgreSQL. The password is an ephemeral value: it reaches AWS and is in neither plan nor state.

    Raising `password_version` is what makes a new password take effect.
    """

    database: str
    username: str
    password: str
    password_in_url: str
    """The same, percent-encoded."""
    password_version: int


@dataclass(frozen=True)
class ManagedLogin:
    """The master user, whose password Amazon RDS makes, keeps in Secrets Manager and renews every seven days."""

    database: str
    username: str
    key: DataKey | None
    """What its secret is encrypted with; None for the key that AWS manages for Secrets Manager in the account."""


class Database(Construct):
    """An encrypted PostgreSQL in the database subnets that only speaks TLS, with backups and Performance Insights.

    Statements of a second and longer are in its log.

    Its storage has the key that AWS manages for RDS: backups and the final snapshot outlive what made them.
    PostgreSQL users that were granted `rds_iam` may log in with IAM tokens; at first there is none.
    """

    def __init__(
        self,
        scope: Construct,
        id_: str,
        *,
        name: str,
        subnet_group_name: str,
        parameter_group_name: str,
        engine_version: str,
        subnet_ids: Sequence[str],
        security_group: SecurityGroup,
        size: DatabaseSize,
        care: DatabaseCare,
        watch: DatabaseWatch,
        login: Login | ManagedLogin,
    ) -> None:
        super().__init__(scope, id_)
        self._security_group = security_group
        given = login if isinstance(login, Login) else None
        managed = login if isinstance(login, ManagedLogin) else None
        monitoring = self._monitoring_role(watch) if watch.interval else None
        subnet_group = DbSubnetGroup(
            self,
            "subnet_group",
            name=subnet_group_name,
            subnet_ids=list(subnet_ids),
            tags={"Name": subnet_group_name},
        )
        parameters = DbParameterGroup(
            self,
            "parameters",
            name=parameter_group_name,
            family=f"postgres{engine_version.split('.')[0]}",
            parameter=[
                DbParameterGroupParameter(name="rds.force_ssl", value="1"),
                # Dynamic, so a database that runs takes it at once: "Turning on query logging for your RDS for
                # PostgreSQL DB instance". Not log_statement: it would log the password of a new login.
                DbParameterGroupParameter(
                    name="log_min_duration_statement", value=str(SLOW_QUERY_MS), apply_method="immediate"
                ),
            ],
            # A group in use cannot be deleted: the next major version's comes first, hence under a name of its own.
            lifecycle=TerraformResourceLifecycle(create_before_destroy=True),
            tags={"Name": parameter_group_name},
        )
        # RDS would make these groups itself, and keep them for ever.
        log_groups = [
            CloudwatchLogGroup(
                self,
                f"{export}_logs",
                name=f"/aws/rds/instance/{name}/{export}",
                retention_in_days=watch.log_retention_days,
                kms_key_id=watch.key_arn,
            )
            for export in LOG_EXPORTS
        ]
        # The guide's expression. Its value moves with the clock, so changes are ignored: see the lifecycle.
        final_snapshot = f'{name}-final-snapshot-${{formatdate("YYYY-MM-DD-hhmm", timestamp())}}'
        instance = DbInstance(
            self,
            "Default",
            identifier=name,
            engine="postgres",
            engine_version=engine_version,
            auto_minor_version_upgrade=True,
            # Without it RDS refuses another major: "AllowMajorVersionUpgrade" of ModifyDBInstance.
            allow_major_version_upgrade=True,
            apply_immediately=care.apply_immediately or None,
            instance_class=size.instance_class,
            db_name=login.database,
            username=login.username,
            password_wo=given.password if given else None,
            password_wo_version=given.password_version if given else None,
            manage_master_user_password=True if managed else None,
            master_user_secret_kms_key_id=managed.key.arn if managed and managed.key else None,
            iam_database_authentication_enabled=True,
            port=PORT,
            allocated_storage=size.storage,
            max_allocated_storage=size.max_storage,
            storage_encrypted=True,
            storage_type=size.storage_type,
            iops=size.iops,
            storage_throughput=size.throughput,
            multi_az=size.multi_az,
            db_subnet_group_name=subnet_group.name,
            parameter_group_name=parameters.name,
            publicly_accessible=False,
            vpc_security_group_ids=[security_group.id],
            backup_retention_period=care.backup_retention_days,
            backup_window=care.backup_window,
            maintenance_window=care.maintenance_window,
            copy_tags_to_snapshot=True,
            deletion_protection=care.deletion_protection,
            skip_final_snapshot=care.skip_final_snapshot,
            final_snapshot_identifier=final_snapshot,
            performance_insights_enabled=True,
            performance_insights_retention_period=PERFORMANCE_INSIGHTS_DAYS,
            performance_insights_kms_key_id=watch.key_arn,
            monitoring_interval=watch.interval,
            monitoring_role_arn=monitoring.arn if monitoring else None,
            enabled_cloudwatch_logs_exports=list(LOG_EXPORTS),
            lifecycle=TerraformResourceLifecycle(ignore_changes=["final_snapshot_identifier"]),
            depends_on=[*log_groups, *(monitoring.grants if monitoring else [])],
            tags={"Name": name},
        )
        self.identifier = instance.identifier
        self.arn = instance.arn
        self.endpoint = instance.endpoint
        self.address = instance.address
        self.instance = instance

    def allow_from(self, client: SecurityGroup) -> None:
        """Let a group's members connect."""
        self._security_group.allow_from(client, PORT)

    def _monitoring_role(self, watch: DatabaseWatch) -> ServiceRole:
        """What AWS's AmazonRDSEnhancedMonitoringRole allows, in this region and account only.

        RDS makes the one group, RDSOSMetrics, for all instances of the account, and keeps its events for 30 days.
        """
        role = ServiceRole(
            self,
            "monitoring_role",
            name=watch.role_name,
            service="monitoring.rds.amazonaws.com",
            account_id=watch.account_id,
            boundary=watch.boundary,
        )
        groups = f"arn:aws:logs:{watch.region}:{watch.account_id}:log-group:RDS*"
        role.allow("keep_metrics", ["logs:CreateLogGroup", "logs:PutRetentionPolicy"], [groups])
        role.allow(
            "write_metrics",
            ["logs:CreateLogStream", "logs:DescribeLogStreams", "logs:GetLogEvents", "logs:PutLogEvents"],
            [f"{groups}:log-stream:*"],
        )
        return role


class MasterSecret(Construct):
    """The secret that RDS makes for the master user of a `ManagedLogin`: JSON with the keys `username` and `password`.

    RDS names it, and deletes it with the database or once it is no longer to manage the password. As in `DatabaseUrl`,
    no version is named: every task starts with the current password.
    """

    def __init__(self, scope: Construct, id_: str, *, database: Database, key: DataKey | None) -> None:
        super().__init__(scope, id_)
        self._key = key
        # Of a database that is there already the provider plans an empty list where RDS is about to make the secret
        # (issue 34094 of the Terraform AWS provider), and Terraform refuses to look into that. An index that Terraform
        # knows only after the database's change makes it wait.
        index = DataResource(self, "Default", input={"index": 0}, depends_on=[database.instance])
        self.arn = f"${{{database.instance.fqn}.master_user_secret[{index.fqn}.output.index].secret_arn}}"

    def value_from(self, json_key: str) -> str:
        """Return where a task finds one value of the JSON: "Pass Secrets Manager secrets through Amazon ECS environment
        variables", ECS developer guide."""
        return f"{self.arn}:{json_key}::"

    def grant_read(self, role: ServiceRole) -> None:
        """Let the role read user name and password."""
        role.allow("read_master_user", ["secretsmanager:GetSecretValue"], [self.arn])
        if self._key is not None:
            self._key.allow(role, "decrypt_master_user", DECRYPT, through="secretsmanager")


class DatabaseUrl(Construct):
    """`postgresql://user:password@host:5432/database?sslmode=require` of one login in Secrets Manager, about 0.40 USD a
    month.

    Encrypted with `key`, or without one with the key AWS manages for Secrets Manager in the account.

    `value_from` names no version: every task starts with the current password, also one of an earlier revision, which a
    failed deployment is rolled back to. A running task keeps what it started with ("Pass Secrets Manager secrets
    through Amazon ECS environment variables", ECS developer guide), so `version` stands in the task definition: a new
    password makes a new revision, and the tasks roll.
    """

    def __init__(
        self,
        scope: Construct,
        id_: str,
        *,
        name: str,
        description: str,
        database: Database,
        login: Login,
        recovery_days: int,
        key: DataKey | None,
    ) -> None:
        super().__init__(scope, id_)
        self._id = id_
        self._key = key
        secret = SecretsmanagerSecret(
            self,
            "Default",
            name=name,
            description=description,
            recovery_window_in_days=recovery_days,
            kms_key_id=key.arn if key else None,
            tags={"Name": name},
        )
        self.arn = secret.arn
        user = f"{login.username}:{login.password_in_url}"
        host = f"{database.address}:{PORT}"
        version = SecretsmanagerSecretVersion(
            self,
            "version",
            secret_id=secret.id,
            secret_string_wo=f"postgresql://{user}@{host}/{login.database}?sslmode=require",
            secret_string_wo_version=login.password_version,
        )
        self.value_from = self.arn
        self.version = version.version_id

    def grant_read(self, role: ServiceRole) -> None:
        """Let the role read the URL."""
        role.allow(f"read_{self._id}", ["secretsmanager:GetSecretValue"], [self.arn])
        if self._key is not None:
            self._key.allow(role, f"decrypt_{self._id}", DECRYPT, through="secretsmanager")
