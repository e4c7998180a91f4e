"""The settings of an environment: every key of environments/<name>.tfvars, typed, and what follows from them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from environments.names import Names


@dataclass(frozen=True, slots=True)
class ServiceSettings:
    """One ECS service."""

    repository: str
    """ECR repository name; the image is <account>.dkr.ecr.<region>.amazonaws.com/<repository>:<image_tag>."""
    image_tag: str
    """Tag deployed while the pipeline passes no TF_VAR_<service>_image."""
    cpu: int
    """Task size in CPU units, 1024 = 1 vCPU."""
    memory: int
    """Task size in MiB; only some go with a cpu (the Fargate table in environments/aws_limits.py)."""
    container_memory: int
    """Hard limit of the container in MiB, at most memory."""
    port: int
    health_check_path: str
    desired_count: int
    min_capacity: int
    max_capacity: int


@dataclass(frozen=True, slots=True)
class EcsSettings:
    """The two services behind the load balancer: /api/* and /*."""

    backend: ServiceSettings
    frontend: ServiceSettings


@dataclass(frozen=True, slots=True)
class Backend:
    """environments/<name>.backend.conf: where Terraform keeps the environment's state."""

    bucket: str
    key: str
    region: str
    dynamodb_table: str
    encrypt: bool


@dataclass(frozen=True, slots=True)
class Settings:
    """One environment."""

    environment: str
    project: str
    account_id: str
    aws_region: str
    state_replica_region: str
    github_repository: str
    vpc_name: str
    vpc_cidr: str
    availability_zones: tuple[str, ...]
    public_subnet_cidrs: tuple[str, ...]
    private_subnet_cidrs: tuple[str, ...]
    database_subnet_cidrs: tuple[str, ...]
    nat_gateways: int
    certificate_arn: str
    alb_access_logs: bool
    image_owner: Literal["terraform", "pipeline"]
    ecs: EcsSettings
    db_name: str
    db_username: str
    db_password_version: int
    db_engine_version: str
    db_instance_class: str
    db_allocated_storage: int
    db_max_allocated_storage: int
    db_multi_az: bool
    db_backup_retention_days: int
    db_backup_window: str
    db_maintenance_window: str
    db_skip_final_snapshot: bool
    deletion_protection: bool
    secret_recovery_days: int
    log_retention_days: int
    alarm_email: str
    tags: dict[str, str]
    backend: Backend

    @property
    def names(self) -> Names:
        return Names(self.project, self.environment, self.vpc_name, self.account_id)

    def image(self, service: ServiceSettings) -> str:
        return f"{self.account_id}.dkr.ecr.{self.aws_region}.amazonaws.com/{service.repository}:{service.image_tag}"


@dataclass(frozen=True, slots=True)
class Account:
    """What the environments of one AWS account share; the bootstrap stack is made from it."""

    project: str
    account_id: str
    aws_region: str
    state_replica_region: str
    github_repository: str
    repositories: tuple[str, ...]
    environments: tuple[str, ...]
    backend: Backend
    """The bootstrap stack's own state: key <project>/bootstrap/terraform.tfstate, table terraform-state-lock-bootstrap."""
    lock_tables: dict[str, str]
    """Lock table of each state, by stack name: bootstrap, then one per environment."""
    tags: dict[str, str]
