"""One environment of the platform."""

from __future__ import annotations

from collections.abc import Mapping

from constructs import Construct

from environments.settings import SERVICES, Settings
from modules.alarms import Alarms
from modules.dashboard import Dashboard, Shown
from modules.dynamodb import OWNER_INDEX
from modules.ecs.cluster import Cluster
from modules.load_balancer import HTTPS_PORT, LoadBalancer
from modules.vpc import Vpc
from stacks.base import BaseStack
from stacks.parts import network, storage, workloads
from stacks.parts.storage import Data
from stacks.parts.workloads import WebService

WORDS = {"backend": ("the API", "The API"), "frontend": ("the page", "The page")}
"""What each service is called in the descriptions of the outputs, within a sentence and at its beginning."""


class PlatformStack(BaseStack):
    """Network, load balancer, two services, database, table, user pool, logs, alarms and dashboard."""

    def __init__(self, scope: Construct, id_: str, settings: Settings) -> None:
        super().__init__(
            scope,
            id_,
            region=settings.aws_region,
            account_id=settings.account_id,
            backend=settings.backend,
            tags={**settings.tags, "Project": settings.project, "Environment": settings.environment},
        )
        key = storage.data_key(self, settings)
        vpc = network.vpc(self, settings, key)
        alb_group = network.security_group(self, settings, "alb", "Security group for ALB", vpc)
        tasks_group = network.security_group(self, settings, "ecs", "Security group for ECS tasks", vpc)
        rds_group = network.security_group(self, settings, "rds", "Security group for RDS", vpc)
        data = storage.data(self, settings, vpc, rds_group, key)
        targets = {name: network.targets(self, settings, name, vpc) for name in SERVICES}
        load_balancer = network.load_balancer(self, settings, vpc, alb_group, default_targets=targets["backend"])
        cluster = Cluster(self, "cluster", name=settings.names.cluster)
        given = {"backend": workloads.given_to_the_api(settings, data), "frontend": workloads.Given()}
        tasks = {name: workloads.task(self, settings, name, given[name], key) for name in SERVICES}

        data.master_user.grant_read(tasks["backend"].execution_role)
        data.application_url.grant_read(tasks["backend"].execution_role)
        data.items.grant_read_write(tasks["backend"].role)

        services = {
            name: workloads.web_service(
                self,
                settings,
                name,
                cluster=cluster,
                task=tasks[name],
                network=vpc,
                group=tasks_group,
                load_balancer=load_balancer,
                targets=targets[name],
            )
            for name in SERVICES
        }
        alarms = workloads.alarms(self, settings, key)
        dashboard = Dashboard(
            self,
            "dashboard",
            name=settings.names.dashboard,
            region=settings.aws_region,
            shown=Shown(
                load_balancer=load_balancer,
                cluster=cluster,
                services=[each.service for each in services.values()],
                targets=list(targets.values()),
                database=data.database,
                table=data.items,
            ),
        )

        load_balancer.route("api", "/api/*", priority=1, to=targets["backend"])
        load_balancer.route("frontend", "/*", priority=2, to=targets["frontend"])
        load_balancer.allow_from_anywhere()
        for each in services.values():
            each.service.allow_from(load_balancer, previous_port=each.settings.previous_port)
        tasks_group.allow_to_anywhere(HTTPS_PORT)
        data.database.allow_from(tasks_group)
        _watch(alarms, settings, load_balancer, cluster, services, data)

        self._publish(settings, vpc, load_balancer, cluster, services, data)
        self.output("alarm_topic_arn", alarms.topic_arn, "SNS topic of every alarm")
        self.output("dashboard_name", dashboard.name, "CloudWatch dashboard")

    def _publish(
        self,
        settings: Settings,
        vpc: Vpc,
        load_balancer: LoadBalancer,
        cluster: Cluster,
        services: Mapping[str, WebService],
        data: Data,
    ) -> None:
        self.output("vpc_id", vpc.id, "The VPC")
        self.output("lb_dns_name", load_balancer.dns_name, "Where the platform answers")
        self.output("cluster_name", cluster.name, "ECS cluster")
        for name, each in services.items():
            what, beginning = WORDS[name]
            self.output(f"{name}_service_name", each.service.name, f"ECS service of {what}")
            self.output(f"{name}_task_family", each.task.family, f"Task definition family of {what}")
            self.output(f"{name}_task_definition_arn", each.task.arn, "Newest revision that Terraform made of it")
            self.output(f"{name}_target_group_arn", each.targets.arn, f"Where {what}'s tasks register")
            self.output(f"{name}_log_group", each.names.log_group, f"{beginning}'s logs")
        self.output("db_endpoint", data.database.endpoint, "PostgreSQL, host:port, reachable from the tasks only")
        if settings.password_from_rds:
            self.output("master_user_secret_arn", data.master_user.arn, "RDS's secret of the master user")
        else:
            self.output("database_url_secret_arn", data.master_user.arn, "Secret with the master user's connection URL")
        self.output("application_url_secret_arn", data.application_url.arn, "Secret with the API's connection URL")
        self.output("items_table_name", data.items.name, "DynamoDB table of items")
        self.output("user_pool_id", data.users.id, "Cognito user pool")
        self.output("user_pool_client_id", data.users.client_id, "Cognito client of the page")


def _watch(
    alarms: Alarms,
    settings: Settings,
    load_balancer: LoadBalancer,
    cluster: Cluster,
    services: Mapping[str, WebService],
    data: Data,
) -> None:
    alarms.watch_load_balancer(load_balancer)
    for name, each in services.items():
        alarms.watch_targets(name, load_balancer, each.targets, minimum=each.settings.min_capacity)
    for name, each in services.items():
        alarms.watch_service(name, cluster, each.service, minimum=each.settings.min_capacity)
    alarms.watch_database(
        data.database.identifier, storage=settings.db_allocated_storage, connections=settings.db_connections_alarm
    )
    alarms.report_database(data.database.identifier, name=settings.names.database_events)
    alarms.watch_table(data.items.name, index=OWNER_INDEX)
    if data.backup is not None:
        alarms.watch_backups(data.backup.vault_name)
