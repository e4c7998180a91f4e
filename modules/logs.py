"""CloudWatch log groups, and the bucket that flow logs may go to instead."""

from __future__ import annotations

from cdktf_cdktf_provider_aws.cloudwatch_log_group import CloudwatchLogGroup
from cdktf_cdktf_provider_aws.cloudwatch_log_stream import CloudwatchLogStream
from cdktf_cdktf_provider_aws.flow_log import FlowLog
from constructs import Construct

from modules.bucket import PrivateBucket, expire
from modules.iam import ServiceRole
from modules.policy import Statement


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
    """All accepted and rejected traffic of a VPC, in CloudWatch, in 10-minute records.

    They grow with the traffic, and CloudWatch takes them in at 0.50 USD a GB: `FlowLogBucket` takes half of that.
    """

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


class FlowLogBucket(Construct):
    """All accepted and rejected traffic of a VPC, in a bucket of its own; a log is deleted after the given days.

    "Publish flow logs to Amazon S3", VPC user guide, has the two statements. If `disposable` the logs go with the
    bucket. In S3 there is nothing to search them with but Athena, and `ops doctor` does not need them.
    """

    def __init__(
        self,
        scope: Construct,
        id_: str,
        *,
        name: str,
        bucket_name: str,
        vpc_id: str,
        region: str,
        account_id: str,
        retention_days: int,
        disposable: bool,
    ) -> None:
        super().__init__(scope, id_)
        service = {"Service": "delivery.logs.amazonaws.com"}
        own = {
            "StringEquals": {"aws:SourceAccount": account_id},
            "ArnLike": {"aws:SourceArn": f"arn:aws:logs:{region}:{account_id}:*"},
        }
        bucket_arn = f"arn:aws:s3:::{bucket_name}"
        delivery = Statement(
            "FlowLogDelivery",
            ["s3:PutObject"],
            [f"{bucket_arn}/AWSLogs/{account_id}/*"],
            principals=service,
            conditions={**own, "StringEquals": {**own["StringEquals"], "s3:x-amz-acl": "bucket-owner-full-control"}},
        )
        check = Statement("FlowLogCheck", ["s3:GetBucketAcl"], [bucket_arn], principals=service, conditions=own)
        bucket = PrivateBucket(self, "bucket", name=bucket_name, statements=[delivery, check], disposable=disposable)
        expire(self, bucket, retention_days)
        FlowLog(
            self,
            "Default",
            vpc_id=vpc_id,
            traffic_type="ALL",
            log_destination_type="s3",
            log_destination=bucket.arn,
            max_aggregation_interval=600,
            tags={"Name": name},
            depends_on=[bucket.policy],
        )
