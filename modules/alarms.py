"""What wakes somebody up: CloudWatch alarms that publish to one SNS topic."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

from cdktf_cdktf_provider_aws.cloudwatch_metric_alarm import CloudwatchMetricAlarm
from cdktf_cdktf_provider_aws.db_event_subscription import DbEventSubscription
from cdktf_cdktf_provider_aws.sns_topic import SnsTopic
from cdktf_cdktf_provider_aws.sns_topic_policy import SnsTopicPolicy
from cdktf_cdktf_provider_aws.sns_topic_subscription import SnsTopicSubscription
from constructs import Construct

from modules import metrics
from modules.ecs.cluster import Cluster
from modules.ecs.service import Service
from modules.load_balancer import LoadBalancer, TargetGroup
from modules.metrics import Metric
from modules.policy import Statement, document


@dataclass(frozen=True)
class Condition:
    """Alarm when the metric passes the threshold in `periods` periods in a row, of `period` seconds each.

    With `silence` periods without data count as well: what would report is not there.
    """

    threshold: float
    description: str
    periods: int = 3
    period: int = 300
    when: Literal["above", "below"] = "above"
    silence: bool = False


# Of "Amazon RDS event categories and event messages", for a DB instance: what takes it down, or is about to.
DATABASE_EVENTS = (
    "availability",
    # A reset of the master password too.
    "configuration change",
    "deletion",
    "failover",
    "failure",
    "low storage",
    "maintenance",
    "recovery",
)


class Alarms(Construct):
    """One topic, and alarms that report to it both when something goes wrong and when it is over.

    RDS reports to it too. Without `key_arn` the topic is not encrypted: neither publishes through the key AWS manages
    for SNS.
    A metric without data is no alarm where that is good news, as no requests also means no 5xx. It is one where only
    what runs reports: the healthy targets, the running tasks and the database.
    """

    def __init__(
        self,
        scope: Construct,
        id_: str,
        *,
        topic_name: str,
        alarm_name: Callable[[str], str],
        account_id: str,
        email: str | None,
        key_arn: str | None,
    ) -> None:
        super().__init__(scope, id_)
        self._alarm_name = alarm_name
        topic = SnsTopic(self, "topic", name=topic_name, kms_master_key_id=key_arn, tags={"Name": topic_name})
        self.topic_arn = topic.arn
        publish = Statement(
            "CloudWatchAlarms",
            ["sns:Publish"],
            [self.topic_arn],
            principals={"Service": "cloudwatch.amazonaws.com"},
            conditions={"StringEquals": {"aws:SourceAccount": account_id}},
        )
        # "Granting permissions to publish notifications to an Amazon SNS topic", RDS user guide.
        tell = Statement(
            "DatabaseEvents",
            ["sns:Publish"],
            [self.topic_arn],
            principals={"Service": "events.rds.amazonaws.com"},
            conditions={"StringEquals": {"aws:SourceAccount": account_id}},
        )
        self._policy = SnsTopicPolicy(self, "topic_policy", arn=self.topic_arn, policy=document(publish, tell))
        if email is not None:
            SnsTopicSubscription(self, "email", topic_arn=self.topic_arn, protocol="email", endpoint=email)

    def watch_load_balancer(self, balancer: LoadBalancer) -> None:
        """Errors the clients see, and slow answers."""
        for source, name in (("alb", "HTTPCode_ELB_5XX_Count"), ("target", "HTTPCode_Target_5XX_Count")):
            self._alarm(
                f"{source}_5xx",
                metrics.load_balancer(balancer, name, "Sum"),
                Condition(10, f"More than 10 answers 5xx from the {source} a minute", periods=3, period=60),
            )
        self._alarm(
            "latency",
            metrics.load_balancer(balancer, "TargetResponseTime", "p95"),
            Condition(1.0, "One request in twenty takes more than 1 s", periods=5, period=60),
        )

    def watch_targets(self, service: str, balancer: LoadBalancer, targets: TargetGroup, *, minimum: int) -> None:
        """Tasks that fail the load balancer's health check, and fewer than the minimum that pass it.

        The second needs no requests. Reported only while targets are registered: "CloudWatch metrics for your
        Application Load Balancer", HealthyHostCount.
        """
        self._alarm(
            f"{service}_unhealthy_hosts",
            metrics.unhealthy_hosts(balancer, targets),
            Condition(0, f"A {service} task fails its health check", periods=3, period=60),
        )
        if minimum > 0:
            self._alarm(
                f"{service}_healthy_hosts",
                metrics.healthy_hosts(balancer, targets),
                Condition(
                    minimum,
                    f"Fewer than {minimum} {service} tasks pass their health check",
                    periods=3,
                    period=60,
                    when="below",
                    silence=True,
                ),
            )

    def watch_service(self, id_: str, cluster: Cluster, service: Service, *, minimum: int) -> None:
        """CPU that autoscaling did not bring down, memory that it does not watch, and fewer tasks than the minimum.

        ECS reports a service only while tasks of it run: "Amazon ECS CloudWatch metrics".
        """
        for name, metric in (("cpu", "CPUUtilization"), ("memory", "MemoryUtilization")):
            self._alarm(
                f"{id_}_{name}",
                metrics.service(cluster, service, metric),
                Condition(85, f"{id_} above 85 % {name} for 15 minutes"),
            )
        if minimum > 0:
            self._alarm(
                f"{id_}_running_tasks",
                metrics.running_tasks(cluster, service),
                Condition(
                    minimum,
                    f"Fewer than {minimum} {id_} tasks run",
                    periods=5,
                    period=60,
                    when="below",
                    silence=True,
                ),
            )

    def watch_database(self, identifier: str, *, storage: int, connections: int) -> None:
        """CPU, a tenth of the storage (GiB) left, and the connections. A database without a reading is down."""
        self._alarm(
            "database_cpu",
            metrics.database(identifier, "CPUUtilization", "Average"),
            Condition(80, "Database above 80 % CPU for 15 minutes, or down", silence=True),
        )
        self._alarm(
            "database_storage",
            metrics.database(identifier, "FreeStorageSpace", "Minimum"),
            Condition(storage * 2**30 // 10, "Less than a tenth of the storage is free", periods=1, when="below"),
        )
        self._alarm(
            "database_connections",
            metrics.database(identifier, "DatabaseConnections", "Maximum"),
            Condition(connections, f"More than {connections} connections for 15 minutes"),
        )

    def report_database(self, identifier: str, *, name: str) -> None:
        """Failover, failure, maintenance and the like, as RDS itself tells them."""
        DbEventSubscription(
            self,
            "database_events",
            name=name,
            sns_topic=self.topic_arn,
            source_type="db-instance",
            source_ids=[identifier],
            event_categories=list(DATABASE_EVENTS),
            tags={"Name": name},
            # RDS publishes a first message, and refuses a topic that it may not publish to.
            depends_on=[self._policy],
        )

    def watch_table(self, name: str, *, index: str) -> None:
        """Requests that DynamoDB refused, of the table and of its index: neither metric holds the other's."""
        for kind in ("Read", "Write"):
            self._alarm(
                f"items_{kind.lower()}_throttles",
                metrics.table(name, f"{kind}ThrottleEvents"),
                Condition(0, f"DynamoDB throttles {kind.lower()}s", periods=1),
            )
            self._alarm(
                f"items_{index}_{kind.lower()}_throttles",
                metrics.index(name, index, f"{kind}ThrottleEvents"),
                Condition(0, f"DynamoDB throttles {kind.lower()}s of the index {index}", periods=1),
            )

    def watch_backups(self, vault: str) -> None:
        """A recovery point that AWS Backup could not make, not begin in time, or not copy to the other region."""
        for what, metric, description in (
            ("failed", "NumberOfBackupJobsFailed", "AWS Backup could not make a recovery point"),
            ("expired", "NumberOfBackupJobsExpired", "AWS Backup did not begin in the hour that it has"),
            ("copy_failed", "NumberOfCopyJobsFailed", "AWS Backup could not copy a recovery point to the other region"),
        ):
            self._alarm(f"backup_{what}", metrics.backup_vault(vault, metric), Condition(0, description, periods=1))

    def _alarm(self, id_: str, metric: Metric, condition: Condition) -> None:
        extended = metric.statistic.startswith("p")
        operator = "GreaterThanThreshold" if condition.when == "above" else "LessThanThreshold"
        CloudwatchMetricAlarm(
            self,
            id_,
            alarm_name=self._alarm_name(id_.replace("_", "-")),
            alarm_description=condition.description,
            namespace=metric.namespace,
            metric_name=metric.name,
            dimensions=metric.dimensions,
            statistic=None if extended else metric.statistic,
            extended_statistic=metric.statistic if extended else None,
            period=condition.period,
            evaluation_periods=condition.periods,
            comparison_operator=operator,
            threshold=condition.threshold,
            treat_missing_data="breaching" if condition.silence else "notBreaching",
            alarm_actions=[self.topic_arn],
            ok_actions=[self.topic_arn],
        )
