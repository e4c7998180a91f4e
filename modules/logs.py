"""CloudWatch log groups."""

from __future__ import annotations

from cdktf_cdktf_provider_aws.cloudwatch_log_group import CloudwatchLogGroup
from cdktf_cdktf_provider_aws.cloudwatch_log_stream import CloudwatchLogStream
from cdktf_cdktf_provider_aws.flow_log import FlowLog
from constructs import Construct

from modules.iam import ServiceRole


class ContainerLogs(Construct):
    """The log group of one service, with the guide's `ecs-logs` stream for messages that are not a task's own."""

    def __init__(
        self,
        scope: Construct,
        id_: str,
        *,
        name: str,
        display_name: str,
        retention_days: int,
        key_arn: str | None,
    ) -> None:
        super().__init__(scope, id_)
        group = CloudwatchLogGroup(
            self,
            "Default",
            name=name,
            retention_in_days=retention_days,
            kms_key_id=key_arn,
            tags={"Name": display_name},
        )
        self.name = group.name
        self.arn = group.arn
        CloudwatchLogStream(self, "stream", name="ecs-logs", log_group_name=self.name)


class FlowLogs(Construct):
    """All accepted and rejected traffic of a VPC, in CloudWatch, in 10-minute records."""

    def __init__(
        self,
        scope: Construct,
        id_: str,
        *,
        name: str,
        vpc_id: str,
        account_id: str,
        boundary: str,
        retention_days: int,
        key_arn: str | None,
    ) -> None:
        super().__init__(scope, id_)
        group = CloudwatchLogGroup(
            self, "group", name=f"/vpc/{name}", retention_in_days=retention_days, kms_key_id=key_arn
        )
        group_arn = group.arn
        role = ServiceRole(
            self,
            "role",
            name=name,
            service="vpc-flow-logs.amazonaws.com",
            account_id=account_id,
            boundary=boundary,
        )
        role.allow(
            "write_logs",
            ["logs:CreateLogStream", "logs:PutLogEvents", "logs:DescribeLogStreams"],
            [group_arn, f"{group_arn}:*"],
        )
        FlowLog(
            self,
            "Default",
            vpc_id=vpc_id,
            traffic_type="ALL",
            log_destination=group_arn,
            iam_role_arn=role.arn,
            max_aggregation_interval=600,
            tags={"Name": name},
        )
