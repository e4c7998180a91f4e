"""The KMS keys of an environment's data."""

from __future__ import annotations

from collections.abc import Sequence

from cdktf import TerraformProvider
from cdktf_cdktf_provider_aws.kms_alias import KmsAlias
from cdktf_cdktf_provider_aws.kms_key import KmsKey
from constructs import Construct

from modules.iam import ServiceRole
from modules.policy import Statement, document

# Days in which a destroyed key can be restored, and with it what it encrypts: the most that KMS allows.
RECOVERY_DAYS = 30
# What a key's policy calls the key.
THIS_KEY = ("*",)
DECRYPT = ("kms:Decrypt",)
# What AWS's own examples write with wildcards (kms:GenerateDataKey*, kms:ReEncrypt*), for a symmetric key.
ENCRYPT_AND_DECRYPT = (
    *DECRYPT,
    "kms:DescribeKey",
    "kms:Encrypt",
    "kms:GenerateDataKey",
    "kms:GenerateDataKeyWithoutPlaintext",
    "kms:ReEncryptFrom",
    "kms:ReEncryptTo",
)


class Key(Construct):
    """A customer-managed key, renewed every year: each use is in CloudTrail, and disabling it closes what it encrypts.

    1 USD a month. The account's IAM policies decide who uses it, and what `statements` add.
    """

    def __init__(
        self,
        scope: Construct,
        id_: str,
        *,
        alias: str,
        region: str,
        account_id: str,
        statements: Sequence[Statement] = (),
        provider: TerraformProvider | None = None,
    ) -> None:
        super().__init__(scope, id_)
        self._region = region
        # Without it no IAM policy counts for the key, and nobody could change its policy any more.
        iam = Statement("IamPolicies", ["kms:*"], THIS_KEY, principals={"AWS": f"arn:aws:iam::{account_id}:root"})
        key = KmsKey(
            self,
            "Default",
            description=f"Data of {alias}",
            enable_key_rotation=True,
            deletion_window_in_days=RECOVERY_DAYS,
            policy=document(iam, *statements),
            tags={"Name": alias},
            provider=provider,
        )
        self.arn = key.arn
        KmsAlias(self, "alias", name=f"alias/{alias}", target_key_id=key.key_id, provider=provider)

    def allow(self, role: ServiceRole, id_: str, actions: Sequence[str], *, through: str) -> None:
        """Let the role use the key, but only where the AWS service asks for it."""
        via = {"StringEquals": {"kms:ViaService": f"{through}.{self._region}.amazonaws.com"}}
        role.allow(id_, actions, [self.arn], via)

    def allow_grants(self, role: ServiceRole, id_: str) -> None:
        """Let the role hand the key to AWS services for a while, each for what it encrypts itself."""
        role.allow(f"{id_}_grant", ["kms:CreateGrant"], [self.arn], {"Bool": {"kms:GrantIsForAWSResource": "true"}})
        role.allow(f"{id_}_describe", ["kms:DescribeKey"], [self.arn])


class DataKey(Key):
    """The key of everything of an environment but the database's storage.

    Log groups, CloudWatch's alarms and RDS's events may use it, and the roles that are granted it. The database's
    storage does not: its final snapshot has to outlive the environment, and this key is destroyed with that.
    """

    def __init__(self, scope: Construct, id_: str, *, alias: str, region: str, account_id: str) -> None:
        statements = (
            Statement(
                "LogGroups",
                ENCRYPT_AND_DECRYPT,
                THIS_KEY,
                principals={"Service": f"logs.{region}.amazonaws.com"},
                conditions={
                    "ArnLike": {"kms:EncryptionContext:aws:logs:arn": f"arn:aws:logs:{region}:{account_id}:log-group:*"}
                },
            ),
            Statement(
                "Alarms",
                ["kms:Decrypt", "kms:GenerateDataKey"],
                THIS_KEY,
                principals={"Service": "cloudwatch.amazonaws.com"},
                conditions={"StringEquals": {"aws:SourceAccount": account_id}},
            ),
            # Without a condition, as "Granting permissions to publish notifications to an Amazon SNS topic" has it: one
            # that RDS does not meet would lose its events in silence.
            Statement(
                "DatabaseEvents",
                ["kms:Decrypt", "kms:GenerateDataKey"],
                THIS_KEY,
                principals={"Service": "events.rds.amazonaws.com"},
            ),
        )
        super().__init__(scope, id_, alias=alias, region=region, account_id=account_id, statements=statements)
