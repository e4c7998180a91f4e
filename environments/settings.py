"""The settings of an environment: every key of environments/<name>.tfvars, typed, and what follows from them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, fields
from typing import Final, Literal

from environments import windows
from environments.names import APPLICATION_LOGINS, Names

BOOTSTRAP: Final = "bootstrap"
"""Name of the account's own stack, beside those of the environments."""


NONE: Final = "none"
"""Written where a production does without: a stated decision, where an empty text is an open question."""


@dataclass(frozen=True, slots=True)
class ServiceSettings:
    """One ECS service."""

    repository: str
    """ECR repository name; the image is `<account>.dkr.ecr.<region>.amazonaws.com/<repository>:<image_tag>`. The two
    services' differ in more than `-`, `.`, `/` and `_`."""
    image_tag: str
    """Tag deployed while the pipeline passes no `TF_VAR_<service>_image`, or a digest: `sha256:` and 64 digits."""
    cpu: int
    """Task size in CPU units, 1024 = 1 vCPU."""
    memory: int
    """Task size in MiB; only some go with a cpu (`FARGATE_MEMORY` in environments/aws_limits.py)."""
    container_memory: int
    """Hard limit of the container in MiB, at most memory."""
    port: int
    """The container's port and its target group's; the two services need two."""
    health_check_path: str
    """Path that answers 200 to the load balancer and to the container's own check, with a query if need be; the
    backend's is under `/api/`."""
    desired_count: int
    """Tasks at the first deployment; autoscaling moves the number between the two below."""
    min_capacity: int
    """Fewest tasks that autoscaling leaves."""
    max_capacity: int
    """Most tasks that autoscaling makes; at most 5000 (Amazon ECS service quotas)."""
    previous_port: int = 0
    """While port changes, the one before it, which the load balancer then still reaches; 0, or left out, otherwise."""


@dataclass(frozen=True, slots=True)
class EcsSettings:
    """The two services behind the load balancer: `/api/*` and `/*`."""

    backend: ServiceSettings
    frontend: ServiceSettings

    def of(self, service: str) -> ServiceSettings:
        return getattr(self, service)


SERVICES: Final = tuple(field.name for field in fields(EcsSettings))
"""As the tfvars, the AWS names, the Terraform variables TF_VAR_<service>_image and the pipeline call them."""


@dataclass(frozen=True, slots=True)
class Backend:
    """environments/<name>.backend.conf: where Terraform keeps the environment's state."""

    bucket: str
    """One for the account, with the account id in its name."""
    key: str
    """`<project>/<environment>/terraform.tfstate`."""
    region: str
    """The environment's aws_region."""
    dynamodb_table: str
    """Lock table: `terraform-state-lock-<environment>`."""
    encrypt: bool
    """Always true."""


@dataclass(frozen=True, slots=True)
class Settings:
    """One environment."""

    environment: str
    """The file's name without `.tfvars`; part of every AWS name. No other environment's may end in a hyphen and it."""
    project: str
    """First part of every AWS name: at most 25 characters together with environment (a target group's name has 32)."""
    account_id: str
    """The AWS account, 12 digits; Terraform refuses the credentials of another."""
    aws_region: str
    """Where everything is. Of the standard partition: not China, not GovCloud."""
    state_replica_region: str
    """Where the copy of the state bucket lies, and those of AWS Backup: another region than aws_region."""
    github_repository: str
    """`owner/name` of the repository whose workflows may deploy; `owner@id/name@id` for one made or renamed after
    2026-07-15, whose tokens carry the ids."""
    vpc_name: str
    """Unique in the account: the DB subnet group is named after it."""
    vpc_cidr: str
    """Addresses of the whole network, /16 to /28."""
    availability_zones: tuple[str, ...]
    """At least two of aws_region; each of the next three lists has one CIDR a zone, in this order."""
    public_subnet_cidrs: tuple[str, ...]
    """Load balancer and NAT gateways; /16 to /27."""
    private_subnet_cidrs: tuple[str, ...]
    """Tasks; /16 to /28."""
    database_subnet_cidrs: tuple[str, ...]
    """PostgreSQL; /16 to /28."""
    nat_gateways: int
    """0 to one a zone. Fewer save money and share the fate of their zone; 0 only while no task is to run."""
    flow_logs: Literal["cloudwatch", "s3"]
    """Where the records of all traffic go: CloudWatch, to be searched at once, or a bucket of its own, at half the
    price. A change makes the flow log anew; what was recorded before is deleted with its place."""
    certificate_arn: str
    """ACM certificate of the HTTPS listener; `""` for HTTP only. A production without one says `"none"`, and every plan
    warns of it."""
    alb_access_logs: bool
    """Whether the load balancer writes each request to a bucket of its own."""
    image_owner: Literal["terraform", "pipeline"]
    """Who registers the task definition that runs; with `"pipeline"`, Terraform ignores its revisions."""
    ecs: EcsSettings
    db_name: str
    """The database in PostgreSQL: 1 to 63 letters, digits and underscores, a letter first, no reserved word."""
    db_username: str
    """Master user; as db_name, and no `pg_` first. Only the migration logs in as it: `application` and its two logins
    are the application's own."""
    db_password_owner: Literal["terraform", "rds"] = field(default="terraform", kw_only=True)
    """Who makes the master user's password. `"terraform"`, or left out: whoever applies, by `TF_VAR_db_password`.
    `"rds"`: Amazon RDS, which keeps it in a secret of its own, about 0.40 USD a month, and renews it every seven days;
    no apply needs a password."""
    db_password_version: int
    """Raise it by one to hand a new `TF_VAR_db_password` to the database and to the secret, and to give the application
    its other login with a new password. With db_password_owner `"rds"` it is the application's alone."""
    db_engine_version: str
    """PostgreSQL major, `"13"` to `"18"`: RDS takes the newest minor. A minor that AWS has withdrawn is refused."""
    db_instance_class: str
    """CPU and memory of the database; its price too."""
    db_allocated_storage: int
    """GiB, 20 to 65536."""
    db_max_allocated_storage: int
    """GiB up to which the storage grows by itself: at least 10 % above db_allocated_storage, or 0 for never."""
    db_storage_type: Literal["gp2", "gp3"]
    """General purpose SSD: IOPS of gp2 come with its size, those of gp3 beside it. A change takes hours, in which the
    database is slower; RDS makes no other for six."""
    db_iops: int
    """IOPS of gp3 from 400 GiB on, 12000 to 64000; 0 for what the storage brings along."""
    db_storage_throughput: int
    """MiB/s of gp3 from 400 GiB on, 500 to 4000, at most a quarter of db_iops; 0 for what the storage brings along."""
    db_multi_az: bool
    """A standby in a second zone, at twice the price; production must have it."""
    db_backup_retention_days: int
    """0 (no backups) to 35; production keeps at least 1."""
    db_backup_window: str
    """Daily, UTC, `hh:mm-hh:mm`, at least 30 minutes, apart from db_maintenance_window."""
    db_maintenance_window: str
    """Weekly, UTC, `ddd:hh:mm-ddd:hh:mm`, at least 30 minutes."""
    db_skip_final_snapshot: bool
    """Whether the database may be destroyed without a last snapshot."""
    db_apply_immediately: bool = field(default=False, kw_only=True)
    """Whether changes that restart the database are made by the apply and not in db_maintenance_window, which is what
    leaving it out means. Another major of db_engine_version needs it."""
    db_connections_alarm: int
    """Alarm above this many connections; about 80 % of what the instance class allows (max_connections is
    memory in bytes / 9531392: "Quotas and constraints for Amazon RDS")."""
    db_monitoring_interval: int
    """Seconds between two readings of the database's operating system (Enhanced Monitoring): 1, 5, 10, 15, 30 or 60,
    or 0 for none. Billed as logs: well under 1 USD a month at 60."""
    backup_delete_after_days: int = field(default=0, kw_only=True)
    """Days after which AWS Backup deletes a recovery point, 1 to 36500. It makes one of the database and one of the
    table every night, and copies both to state_replica_region. 0, or left out, for none. About 0.10 USD a GB and month
    in each region, 0.02 USD a GB for the way there."""
    deletion_protection: bool
    """Of the load balancer, the database, the table and the user pool; production must have it. Without it the access
    logs and AWS Backup's recovery points are destroyed with the rest."""
    customer_managed_key: bool
    """Whether the secret, the items, the logs, the alarms and Performance Insights are encrypted with a KMS key of the
    environment's own, 1 USD a month, or with what AWS uses by itself. Decide before the first apply: Performance
    Insights stay with the key that they began with."""
    secret_recovery_days: int
    """Days in which a deleted secret can be restored, 7 to 30; 0 deletes at once and frees the name."""
    log_retention_days: int
    """Days after which a line of any log is deleted; one of the numbers CloudWatch knows, `LOG_RETENTION_DAYS` in
    environments/aws_limits.py."""
    alarm_email: str
    """Who hears of alarms, after confirming; `""` for nobody. A production without one says `"none"`, and every plan
    warns of it."""
    users_email_from: str
    """Address in a domain that SES of aws_region has verified and may send from: it writes sign-up codes; `""` for
    Cognito's own mailer, which sends about 50 messages a day."""
    tags: dict[str, str]
    """More tags for every resource, at most 40; Environment, Project, ManagedBy and Name are set already."""
    github_oidc_provider: Literal["create", "existing"]
    """Whether the bootstrap stack makes GitHub's OIDC provider, of which an account has one, or uses the one that
    another project made and keeps. `"existing"` destroys one that this project has made."""
    backend: Backend

    @property
    def names(self) -> Names:
        return Names(self.project, self.environment, self.vpc_name, self.account_id)

    @property
    def certificate(self) -> str | None:
        """The certificate's ARN, or None for HTTP only."""
        return None if self.certificate_arn in ("", NONE) else self.certificate_arn

    @property
    def alarms_to(self) -> str | None:
        """The address that hears of alarms, or None for nobody."""
        return None if self.alarm_email in ("", NONE) else self.alarm_email

    def image(self, service: ServiceSettings) -> str:
        return self.image_uri(service.repository, service.image_tag)

    def image_uri(self, repository: str, tag: str) -> str:
        """Where an image is pulled from, by its tag or its digest."""
        sign = "@" if tag.startswith("sha256:") else ":"
        return f"{self.account_id}.dkr.ecr.{self.aws_region}.amazonaws.com/{repository}{sign}{tag}"

    @property
    def password_from_rds(self) -> bool:
        """Whether Amazon RDS makes and keeps the master user's password.

        As `db_password_owner = "rds"` says; `db_password_owner = "terraform"` leaves it to whoever applies.
        """
        return self.db_password_owner == "rds"

    @property
    def application_login(self) -> str:
        """The login of the application in PostgreSQL; the other one's turn comes with every db_password_version."""
        return APPLICATION_LOGINS[self.db_password_version % 2]

    @property
    def database_pool_size(self) -> int:
        """Connections of one backend task: twice the most tasks, as in a deployment, stay below the alarm."""
        return max(1, min(100, self.db_connections_alarm // (2 * max(1, self.ecs.backend.max_capacity))))

    @property
    def backup_hour(self) -> int:
        """The hour, UTC, in which AWS Backup begins: apart from both windows of the database."""
        backup, maintenance = windows.daily(self.db_backup_window), windows.weekly(self.db_maintenance_window)
        if backup is None or maintenance is None:
            raise ValueError("a window that no rule has read")
        return windows.free_hour(backup, maintenance)

    def repository_arn(self, service: ServiceSettings) -> str:
        return f"arn:aws:ecr:{self.aws_region}:{self.account_id}:repository/{service.repository}"

    @property
    def boundary_arn(self) -> str:
        """The permissions boundary of every role of the environment, which the bootstrap stack makes."""
        return f"arn:aws:iam::{self.account_id}:policy/{self.names.boundary}"


@dataclass(frozen=True, slots=True)
class Account:
    """What the environments of one AWS account share; the bootstrap stack is made from it."""

    project: str
    account_id: str
    aws_region: str
    state_replica_region: str
    github_repository: str
    github_oidc_provider: Literal["create", "existing"]
    repositories: tuple[str, ...]
    environments: tuple[str, ...]
    backend: Backend
    """The bootstrap stack's own state: <project>/bootstrap/terraform.tfstate, terraform-state-lock-bootstrap."""
    state_replica_bucket: str
    """<bucket>-replica, in state_replica_region."""
    lock_tables: dict[str, str]
    """Lock table of each state, by stack name: bootstrap, then one per environment."""
    boundaries: dict[str, str]
    """Name of the permissions boundary of each environment's roles."""
    passwords_from_rds: tuple[str, ...]
    """The environments whose master user's password Amazon RDS keeps."""
    tags: dict[str, str]


def account(settings: Sequence[Settings]) -> Account:
    """Return what the environments share; `load` has made sure that they agree."""
    first = settings[0]
    common = [tag for tag in first.tags.items() if all(tag in other.tags.items() for other in settings)]
    return Account(
        project=first.project,
        account_id=first.account_id,
        aws_region=first.aws_region,
        state_replica_region=first.state_replica_region,
        github_repository=first.github_repository,
        github_oidc_provider=first.github_oidc_provider,
        repositories=tuple(first.ecs.of(service).repository for service in SERVICES),
        environments=tuple(each.environment for each in settings),
        backend=Backend(
            bucket=first.backend.bucket,
            key=state_key(first.project, BOOTSTRAP),
            region=first.backend.region,
            dynamodb_table=lock_table(BOOTSTRAP),
            encrypt=first.backend.encrypt,
        ),
        state_replica_bucket=replica_bucket(first.backend.bucket),
        lock_tables={BOOTSTRAP: lock_table(BOOTSTRAP)}
        | {each.environment: each.backend.dynamodb_table for each in settings},
        boundaries={each.environment: each.names.boundary for each in settings},
        passwords_from_rds=tuple(each.environment for each in settings if each.password_from_rds),
        tags=dict(common),
    )


def state_key(project: str, stack: str) -> str:
    return f"{project}/{stack}/terraform.tfstate"


def lock_table(stack: str) -> str:
    return f"terraform-state-lock-{stack}"


def replica_bucket(bucket: str) -> str:
    return f"{bucket}-replica"
