"""Where Terraform keeps its state: a versioned bucket, a copy of it in another region, a lock table per state."""

from __future__ import annotations

from collections.abc import Mapping

from cdktf import TerraformProvider
from cdktf_cdktf_provider_aws.dynamodb_table import (
    DynamodbTable,
    DynamodbTableAttribute,
    DynamodbTablePointInTimeRecovery,
    DynamodbTableServerSideEncryption,
)
from cdktf_cdktf_provider_aws.s3_bucket_lifecycle_configuration import (
    S3BucketLifecycleConfiguration,
    S3BucketLifecycleConfigurationRule,
    S3BucketLifecycleConfigurationRuleFilter,
    S3BucketLifecycleConfigurationRuleNoncurrentVersionExpiration,
    S3BucketLifecycleConfigurationRuleNoncurrentVersionTransition,
)
from cdktf_cdktf_provider_aws.s3_bucket_replication_configuration import (
    S3BucketReplicationConfigurationA,
    S3BucketReplicationConfigurationRule,
    S3BucketReplicationConfigurationRuleDeleteMarkerReplication,
    S3BucketReplicationConfigurationRuleDestination,
    S3BucketReplicationConfigurationRuleFilter,
)
from constructs import Construct

from modules.bucket import PrivateBucket, cut_off_uploads
from modules.iam import ServiceRole

# The guide, "Backing Up State": old versions go to GLACIER after 30 days and expire after 365. S3 moves none that is
# smaller than 128 KB unless told to: "Transitioning objects using Amazon S3 Lifecycle", user guide. There each would
# take 40 KB more than it has.
ARCHIVE_DAYS, EXPIRE_DAYS = 30, 365


class StateBackend(Construct):
    """The state bucket with its replica, and one DynamoDB lock table per state. A cent or two a month."""

    def __init__(
        self,
        scope: Construct,
        id_: str,
        *,
        bucket: str,
        replica_bucket: str,
        replica_provider: TerraformProvider,
        replication_role: str,
        lock_tables: Mapping[str, str],
    ) -> None:
        super().__init__(scope, id_)
        self.bucket = PrivateBucket(self, "bucket", name=bucket)
        self.replica = PrivateBucket(self, "replica", name=replica_bucket, provider=replica_provider)
        self._archive("archive", self.bucket, None)
        self._archive("replica_archive", self.replica, replica_provider)
        self._replicate(replication_role)
        self.lock_table_arns = {state: self._lock_table(state, name) for state, name in lock_tables.items()}

    def _archive(self, id_: str, bucket: PrivateBucket, provider: TerraformProvider | None) -> None:
        S3BucketLifecycleConfiguration(
            self,
            id_,
            bucket=bucket.id,
            rule=[
                S3BucketLifecycleConfigurationRule(
                    id="archive-old-versions",
                    status="Enabled",
                    filter=[S3BucketLifecycleConfigurationRuleFilter(prefix="")],
                    noncurrent_version_transition=[
                        S3BucketLifecycleConfigurationRuleNoncurrentVersionTransition(
                            noncurrent_days=ARCHIVE_DAYS, storage_class="GLACIER"
                        )
                    ],
                    noncurrent_version_expiration=[
                        S3BucketLifecycleConfigurationRuleNoncurrentVersionExpiration(noncurrent_days=EXPIRE_DAYS)
                    ],
                    abort_incomplete_multipart_upload=[cut_off_uploads()],
                )
            ],
            provider=provider,
            depends_on=[bucket.versioning],
        )

    def _replicate(self, role_name: str) -> None:
        # A trust that S3 does not meet would fail every copy in silence, so it is AWS's own, without a condition:
        # "Setting up permissions for live replication", S3 user guide. Only these two buckets are within its reach.
        role = ServiceRole(self, "replication_role", name=role_name, service="s3.amazonaws.com", account_id=None)
        source, target = self.bucket.arn, self.replica.arn
        role.allow("read_bucket", ["s3:GetReplicationConfiguration", "s3:ListBucket"], [source])
        role.allow(
            "read_versions",
            ["s3:GetObjectVersionAcl", "s3:GetObjectVersionForReplication", "s3:GetObjectVersionTagging"],
            [f"{source}/*"],
        )
        role.allow("write_replica", ["s3:ReplicateDelete", "s3:ReplicateObject", "s3:ReplicateTags"], [f"{target}/*"])
        S3BucketReplicationConfigurationA(
            self,
            "replication",
            bucket=self.bucket.id,
            role=role.arn,
            rule=[
                S3BucketReplicationConfigurationRule(
                    id="state",
                    status="Enabled",
                    priority=0,
                    filter=S3BucketReplicationConfigurationRuleFilter(prefix=""),
                    # A deleted state stays in the replica.
                    delete_marker_replication=S3BucketReplicationConfigurationRuleDeleteMarkerReplication(
                        status="Disabled"
                    ),
                    destination=S3BucketReplicationConfigurationRuleDestination(
                        bucket=target, storage_class="STANDARD"
                    ),
                )
            ],
            depends_on=[self.bucket.versioning, self.replica.versioning],
        )

    def _lock_table(self, state: str, name: str) -> str:
        table = DynamodbTable(
            self,
            f"lock_{state}",
            name=name,
            billing_mode="PAY_PER_REQUEST",
            hash_key="LockID",
            attribute=[DynamodbTableAttribute(name="LockID", type="S")],
            server_side_encryption=DynamodbTableServerSideEncryption(enabled=True),
            point_in_time_recovery=DynamodbTablePointInTimeRecovery(enabled=True),
            deletion_protection_enabled=True,
            tags={"Name": name},
        )
        return table.arn
