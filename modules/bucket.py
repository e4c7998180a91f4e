"""A private S3 bucket."""

from __future__ import annotations

from collections.abc import Sequence

from cdktf import TerraformProvider
from cdktf_cdktf_provider_aws.s3_bucket import S3Bucket
from cdktf_cdktf_provider_aws.s3_bucket_lifecycle_configuration import (
    S3BucketLifecycleConfiguration,
    S3BucketLifecycleConfigurationRule,
    S3BucketLifecycleConfigurationRuleAbortIncompleteMultipartUpload,
    S3BucketLifecycleConfigurationRuleExpiration,
    S3BucketLifecycleConfigurationRuleFilter,
    S3BucketLifecycleConfigurationRuleNoncurrentVersionExpiration,
)
from cdktf_cdktf_provider_aws.s3_bucket_notification import S3BucketNotification
from cdktf_cdktf_provider_aws.s3_bucket_ownership_controls import (
    S3BucketOwnershipControls,
    S3BucketOwnershipControlsRule,
)
from cdktf_cdktf_provider_aws.s3_bucket_policy import S3BucketPolicy
from cdktf_cdktf_provider_aws.s3_bucket_public_access_block import S3BucketPublicAccessBlock
from cdktf_cdktf_provider_aws.s3_bucket_server_side_encryption_configuration import (
    S3BucketServerSideEncryptionConfigurationA,
    S3BucketServerSideEncryptionConfigurationRuleA,
    S3BucketServerSideEncryptionConfigurationRuleApplyServerSideEncryptionByDefaultA,
)
from cdktf_cdktf_provider_aws.s3_bucket_versioning import (
    S3BucketVersioningA,
    S3BucketVersioningVersioningConfiguration,
)
from constructs import Construct

from modules.policy import Statement, document, tls_only


class PrivateBucket(Construct):
    """Versioned, encrypted (SSE-S3), closed to the public and to requests without TLS; no ACLs.

    What happens to its objects is sent to EventBridge, free of charge, where any rule can alert on it.
    Unless `disposable`, never emptied by Terraform: a bucket that holds anything refuses to be destroyed.
    """

    def __init__(
        self,
        scope: Construct,
        id_: str,
        *,
        name: str,
        statements: Sequence[Statement] = (),
        disposable: bool = False,
        provider: TerraformProvider | None = None,
    ) -> None:
        super().__init__(scope, id_)
        bucket = S3Bucket(
            self,
            "Default",
            bucket=name,
            force_destroy=True if disposable else None,
            tags={"Name": name},
            provider=provider,
        )
        self.id = bucket.id
        # From the name, not from the resource: the policy is then known at plan time.
        self.arn = f"arn:aws:s3:::{name}"
        self.versioning = S3BucketVersioningA(
            self,
            "versioning",
            bucket=self.id,
            versioning_configuration=S3BucketVersioningVersioningConfiguration(status="Enabled"),
            provider=provider,
        )
        S3BucketServerSideEncryptionConfigurationA(
            self,
            "encryption",
            bucket=self.id,
            rule=[
                S3BucketServerSideEncryptionConfigurationRuleA(
                    apply_server_side_encryption_by_default=(
                        S3BucketServerSideEncryptionConfigurationRuleApplyServerSideEncryptionByDefaultA(
                            sse_algorithm="AES256"
                        )
                    )
                )
            ],
            provider=provider,
        )
        S3BucketOwnershipControls(
            self,
            "ownership",
            bucket=self.id,
            rule=S3BucketOwnershipControlsRule(object_ownership="BucketOwnerEnforced"),
            provider=provider,
        )
        public_access = S3BucketPublicAccessBlock(
            self,
            "public_access",
            bucket=self.id,
            block_public_acls=True,
            block_public_policy=True,
            ignore_public_acls=True,
            restrict_public_buckets=True,
            provider=provider,
        )
        self.policy = S3BucketPolicy(
            self,
            "policy",
            bucket=self.id,
            policy=document(tls_only(self.arn), *statements),
            provider=provider,
            depends_on=[public_access],
        )
        S3BucketNotification(self, "events", bucket=self.id, eventbridge=True, provider=provider)


def expire(scope: Construct, bucket: PrivateBucket, days: int) -> None:
    """Delete a log after so many days."""
    S3BucketLifecycleConfiguration(
        scope,
        "lifecycle",
        bucket=bucket.id,
        rule=[
            S3BucketLifecycleConfigurationRule(
                id="expire-logs",
                status="Enabled",
                filter=[S3BucketLifecycleConfigurationRuleFilter(prefix="")],
                expiration=[S3BucketLifecycleConfigurationRuleExpiration(days=days)],
                noncurrent_version_expiration=[
                    S3BucketLifecycleConfigurationRuleNoncurrentVersionExpiration(noncurrent_days=1)
                ],
                abort_incomplete_multipart_upload=[cut_off_uploads()],
            )
        ],
        depends_on=[bucket.versioning],
    )


def cut_off_uploads() -> S3BucketLifecycleConfigurationRuleAbortIncompleteMultipartUpload:
    """Remove an upload that was cut off a week ago: it is paid for, and no listing of objects shows it."""
    return S3BucketLifecycleConfigurationRuleAbortIncompleteMultipartUpload(days_after_initiation=7)
