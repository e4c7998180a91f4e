"""One environment of the platform."""

from __future__ import annotations

from constructs import Construct

from environments.settings import Settings
from modules import metrics
from modules.alarms import Alarms
from modules.dashboard import Dashboard, Graph
from modules.dynamodb import OWNER_INDEX
from modules.ecs.cluster import Cluster
from modules.load_balancer import HTTPS_PORT
from stacks import parts
from stacks.base import BaseStack


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
        names, ecs = settings.names, settings.ecs

        key = parts.data_key(self, settings)
        vpc = parts.vpc(self, settings, key)
        alb_group = parts.security_group(self, settings, "alb", "Security group for ALB", vpc)
        tasks_group = parts.security_group(self, settings, "ecs", "Security group for ECS tasks", vpc)
        rds_group = parts.security_group(self, settings, "rds", "Security group for RDS", vpc)

        login = parts.login(self, settings, key)
        database = parts.database(self, settings, vpc, rds_group, login, key)
        master_user = parts.master_user(self, settings, database, login, key)
        application_url = parts.application_url(self, settings, database, parts.application_login(self, settings), key)
        items = parts.items(self, settings, key)
        backup = parts.backup(self, settings, database, items, key)
        users = parts.users(self, settings)

        backend_targets = parts.targets(self, "backend", names.backend_target_group, ecs.backend, vpc)
        frontend_targets = parts.targets(self, "frontend", names.frontend_target_group, ecs.frontend, vpc)
        load_balancer = parts.load_balancer(self, settings, vpc, alb_group, default_targets=backend_targets)

        cluster = Cluster(self, "cluster", name=names.cluster)
        backend_task = parts.task(
            self,
            settings,
            names.backend,
            ecs.backend,
            environment={
                "AWS_REGION": settings.aws_region,
                "COGNITO_CLIENT_ID": users.client_id,
                "COGNITO_USER_POOL_ID": users.id,
                "DATABASE_POOL_SIZE": str(settings.database_pool_size),
                "DATABASE_URL_VERSION": application_url.version,
                "ITEMS_TABLE": items.name,
                "NODE_ENV": settings.environment,
                "PORT": str(ecs.backend.port),
            },
            secrets={"DATABASE_URL": application_url.value_from},
            key=key,
            init=parts.migration(settings, database=database, master=master_user, application=application_url),
        )
        master_user.grant_read(backend_task.execution_role)
        application_url.grant_read(backend_task.execution_role)
        items.grant_read_write(backend_task.role)
        frontend_task = parts.task(self, settings, names.frontend, ecs.frontend, environment={}, secrets={}, key=key)

        backend = parts.service(
            self,
            settings,
            names.backend,
            ecs.backend,
            cluster=cluster,
            task=backend_task,
            network=vpc,
            group=tasks_group,
            behind=(load_balancer, backend_targets),
        )
        frontend = parts.service(
            self,
            settings,
            names.frontend,
            ecs.frontend,
            cluster=cluster,
            task=frontend_task,
            network=vpc,
            group=tasks_group,
            behind=(load_balancer, frontend_targets),
        )
        alarms = Alarms(
            self,
            "alarms",
            topic_name=names.alarm_topic,
            alarm_name=names.alarm,
            account_id=settings.account_id,
            email=settings.alarms_to,
            key_arn=key.arn if key else None,
        )
        dashboard = Dashboard(
            self,
            "dashboard",
            name=names.dashboard,
            region=settings.aws_region,
            graphs=[
                Graph("Requests", [metrics.load_balancer(load_balancer, "RequestCount", "Sum")]),
                Graph(
                    "Errors",
                    [
                        metrics.load_balancer(load_balancer, "HTTPCode_ELB_5XX_Count", "Sum"),
                        metrics.load_balancer(load_balancer, "HTTPCode_Target_5XX_Count", "Sum"),
                    ],
                ),
                Graph("Latency (s)", [metrics.load_balancer(load_balancer, "TargetResponseTime", "p95")]),
                Graph("CPU (%)", [metrics.service(cluster, each, "CPUUtilization") for each in (backend, frontend)]),
                Graph(
                    "Memory (%)", [metrics.service(cluster, each, "MemoryUtilization") for each in (backend, frontend)]
                ),
                Graph(
                    "Unhealthy tasks",
                    [metrics.unhealthy_hosts(load_balancer, each) for each in (backend_targets, frontend_targets)],
                ),
                Graph("Database CPU (%)", [metrics.database(database.identifier, "CPUUtilization", "Average")]),
                Graph(
                    "Database connections", [metrics.database(database.identifier, "DatabaseConnections", "Maximum")]
                ),
                Graph(
                    "Items",
                    [
                        metrics.table(items.name, "ConsumedReadCapacityUnits"),
                        metrics.table(items.name, "ConsumedWriteCapacityUnits"),
                    ],
                ),
            ],
        )

        load_balancer.route("api", "/api/*", priority=1, to=backend_targets)
        load_balancer.route("frontend", "/*", priority=2, to=frontend_targets)
        load_balancer.allow_from_anywhere()
        backend.allow_from(load_balancer, previous_port=ecs.backend.previous_port)
        frontend.allow_from(load_balancer, previous_port=ecs.frontend.previous_port)
        tasks_group.allow_to_anywhere(HTTPS_PORT)
        database.allow_from(tasks_group)
        alarms.watch_load_balancer(load_balancer)
        alarms.watch_targets("backend", load_balancer, backend_targets, minimum=ecs.backend.min_capacity)
        alarms.watch_targets("frontend", load_balancer, frontend_targets, minimum=ecs.frontend.min_capacity)
        alarms.watch_service("backend", cluster, backend, minimum=ecs.backend.min_capacity)
        alarms.watch_service("frontend", cluster, frontend, minimum=ecs.frontend.min_capacity)
        alarms.watch_database(
            database.identifier, storage=settings.db_allocated_storage, connections=settings.db_connections_alarm
        )
        alarms.report_database(database.identifier, name=names.database_events)
        alarms.watch_table(items.name, index=OWNER_INDEX)
        if backup is not None:
            alarms.watch_backups(backup.vault_name)

        self.output("vpc_id", vpc.id, "The VPC")
        self.output("lb_dns_name", load_balancer.dns_name, "Where the platform answers")
        self.output("cluster_name", cluster.name, "ECS cluster")
        self.output("backend_service_name", backend.name, "ECS service of the API")
        self.output("frontend_service_name", frontend.name, "ECS service of the page")
        self.output("backend_task_family", backend_task.family, "Task definition family of the API")
        self.output("frontend_task_family", frontend_task.family, "Task definition family of the page")
        self.output("backend_task_definition_arn", backend_task.arn, "Newest revision that Terraform made of it")
        self.output("frontend_task_definition_arn", frontend_task.arn, "Newest revision that Terraform made of it")
        self.output("backend_target_group_arn", backend_targets.arn, "Where the API's tasks register")
        self.output("frontend_target_group_arn", frontend_targets.arn, "Where the page's tasks register")
        self.output("backend_log_group", names.backend.log_group, "The API's logs")
        self.output("frontend_log_group", names.frontend.log_group, "The page's logs")
        self.output("db_endpoint", database.endpoint, "PostgreSQL, host:port, reachable from the tasks only")
        if settings.password_from_rds:
            self.output("master_user_secret_arn", master_user.arn, "RDS's secret of the master user")
        else:
            self.output("database_url_secret_arn", master_user.arn, "Secret with the master user's connection URL")
        self.output("application_url_secret_arn", application_url.arn, "Secret with the API's connection URL")
        self.output("items_table_name", items.name, "DynamoDB table of items")
        self.output("user_pool_id", users.id, "Cognito user pool")
        self.output("user_pool_client_id", users.client_id, "Cognito client of the page")
        self.output("alarm_topic_arn", alarms.topic_arn, "SNS topic of every alarm")
        self.output("dashboard_name", dashboard.name, "CloudWatch dashboard")
