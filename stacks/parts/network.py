"""Settings turned into the arguments of what carries traffic: VPC, security groups, load balancer."""

from __future__ import annotations

from constructs import Construct

from environments.settings import Settings
from modules.key import DataKey
from modules.load_balancer import AccessLogs, LoadBalancer, TargetGroup
from modules.logs import FlowLogBucket, FlowLogs
from modules.security import SecurityGroup
from modules.vpc import Vpc, Zone


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
