"""Every AWS name the platform composes, made in one place so that its length can be checked before AWS does."""

from __future__ import annotations

import re
from dataclasses import dataclass

DEPLOYED = "deployed-"
"""First part of the tag of an image that runs; the repositories' lifecycle spares it."""


APPLICATION_ROLE = "application"
"""PostgreSQL's role with the rights of the application: a migration makes it."""
APPLICATION_LOGINS = ("application_2", "application_1")
"""Its two logins, by the rest of db_password_version divided by two."""


def deployed_tag(environment: str) -> str:
    """Return the tag that is on the image which runs in an environment, in each repository."""
    return f"{DEPLOYED}{environment}"


def repository_id(name: str) -> str:
    """Return what an image repository is called in Terraform addresses, which take no digit first."""
    id_ = re.sub(r"[-./]", "_", name)
    return f"repository_{id_}" if id_[0].isdigit() else id_


@dataclass(frozen=True, slots=True)
class ServiceNames:
    """Names of one ECS service's resources."""

    project: str
    service: str
    environment: str

    @property
    def container(self) -> str:
        return f"{self.project}-{self.service}"

    @property
    def ecs_service(self) -> str:
        return f"{self.container}-service-{self.environment}"

    @property
    def task_family(self) -> str:
        return f"{self.container}-task-{self.environment}"

    @property
    def execution_role(self) -> str:
        return f"{self.container}-execution-role-{self.environment}"

    @property
    def task_role(self) -> str:
        return f"{self.container}-task-role-{self.environment}"

    @property
    def log_group(self) -> str:
        return f"/ecs/{self.container}-{self.environment}"

    @property
    def log_group_display(self) -> str:
        return f"{self.container}-logs-{self.environment}"

    @property
    def scaling_policy(self) -> str:
        return f"{self.container}-cpu-scaling"


@dataclass(frozen=True, slots=True)
class Names:
    """Names of one environment's resources."""

    project: str
    environment: str
    vpc_name: str
    account_id: str

    def _named(self, part: str) -> str:
        return f"{self.project}-{part}-{self.environment}"

    def service(self, name: str) -> ServiceNames:
        return ServiceNames(self.project, name, self.environment)

    def security_group(self, part: str) -> str:
        """Unique in the VPC only, hence without the environment, as the guide has it."""
        return f"{self.project}-{part}-sg"

    def alarm(self, what: str) -> str:
        return self._named(what)

    @property
    def vpc(self) -> str:
        return f"{self.vpc_name}-{self.environment}"

    @property
    def load_balancer(self) -> str:
        return self._named("alb")

    def target_group(self, service: str) -> str:
        """Short as in the guide: a load balancer's names have at most 32 characters."""
        return self._named({"backend": "be-tg", "frontend": "fe-tg"}[service])

    @property
    def access_log_bucket(self) -> str:
        return f"{self._named('alb-logs')}-{self.account_id}"

    @property
    def cluster(self) -> str:
        return self._named("cluster")

    @property
    def database(self) -> str:
        return self._named("db")

    @property
    def database_events(self) -> str:
        return self._named("db-events")

    @property
    def db_subnet_group(self) -> str:
        return f"{self.vpc_name}-db-subnet-group"

    def db_parameter_group(self, engine_version: str) -> str:
        """Of one major version: two stand side by side while the database goes from one to the next."""
        return self._named(f"db-params-{engine_version.partition('.')[0]}")

    @property
    def db_monitoring_role(self) -> str:
        return self._named("db-monitoring")

    @property
    def backup(self) -> str:
        """Of the vault, the plan, its selection and the role that AWS Backup takes on."""
        return self._named("backup")

    @property
    def backup_copies(self) -> str:
        """Of the vault in the other region, and of its key."""
        return self._named("backup-copies")

    @property
    def boundary(self) -> str:
        """The permissions boundary of every role of the environment; the bootstrap stack makes it."""
        return self._named("boundary")

    @property
    def data_key(self) -> str:
        return self._named("data")

    @property
    def database_url_secret(self) -> str:
        return self._named("database-url")

    @property
    def application_url_secret(self) -> str:
        return self._named("database-url-application")

    @property
    def items_table(self) -> str:
        return self._named("items")

    @property
    def user_pool(self) -> str:
        return self._named("users")

    @property
    def user_pool_client(self) -> str:
        return self._named("web")

    @property
    def alarm_topic(self) -> str:
        return self._named("alarms")

    @property
    def dashboard(self) -> str:
        return f"{self.project}-{self.environment}"

    @property
    def flow_log_bucket(self) -> str:
        return f"{self.flow_logs}-{self.account_id}"

    @property
    def flow_logs(self) -> str:
        return self._named("flow-logs")
