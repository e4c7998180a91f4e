"""AWS Backup of the database and the table, with copies in another region."""

from __future__ import annotations

from dataclasses import dataclass

from cdktf import TerraformProvider
from cdktf_cdktf_provider_aws.backup_plan import (
    BackupPlan,
    BackupPlanRule,
    BackupPlanRuleCopyAction,
    BackupPlanRuleCopyActionLifecycle,
    BackupPlanRuleLifecycle,
)
from cdktf_cdktf_provider_aws.backup_selection import BackupSelection
from cdktf_cdktf_provider_aws.backup_vault import BackupVault
from constructs import Construct

from modules.dynamodb import ItemsTable
from modules.iam import ServiceRole
from modules.key import DataKey, Key
from modules.rds import Database

# Minutes: the least that AWS Backup takes, so that no job begins in a window of RDS, and a day for one to end in.
START_WITHIN, COMPLETE_WITHIN = 60, 24 * 60


@dataclass(frozen=True)
class BackupCare:
    """The hour, UTC, in which backups begin every day, and the days after which they are deleted.

    If `disposable` they are also deleted with their vault.
    """

    hour: int
    delete_after_days: int
    disposable: bool


@dataclass(frozen=True)
class CopyVault:
    """The vault of the copies: its name, and the provider of its region."""

    name: str
    region: str
    provider: TerraformProvider


class Backup(Construct):
    """A recovery point of the database and one of the table every day, each copied to another region.

    The copies outlive the region, and both outlive what the deployment's own backups do not: a database that was
    deleted with its automated backups, a table that was deleted without a last one. Point-in-time recovery stays
    theirs: a continuous backup by AWS Backup would change the settings of the database behind Terraform.

    Keys, as of "Encryption for backups in AWS Backup" and "Creating backup copies across AWS Regions", developer guide:
    the table's recovery points have their vault's key. So have the database's copies, as a copy in another region needs
    a key of that region; here its recovery points have the key of its storage. Without `key` all of them are those that
    AWS manages for the account: no other account could be given such a copy.

    A vault that is not `disposable` cannot be destroyed while a recovery point is in it, and neither can its key, nor
    the role, with which AWS Backup deletes the recovery points whose time is over. A vault lock is not set: in
    compliance mode nobody can undo one, and what it holds is paid for until its last day.
    """

    def __init__(
        self,
        scope: Construct,
        id_: str,
        *,
        name: str,
        region: str,
        account_id: str,
        boundary: str,
        database: Database,
        table: ItemsTable,
        care: BackupCare,
        key: DataKey | None,
        copies: CopyVault,
    ) -> None:
        super().__init__(scope, id_)
        self._account_id = account_id
        copy_key = None
        if key is not None:
            copy_key = Key(
                self,
                "copy_key",
                alias=copies.name,
                region=copies.region,
                account_id=account_id,
                provider=copies.provider,
            )
        # AWS's own default role, AWSBackupDefaultServiceRole, has no condition in its trust either, and "Cross-service
        # confused deputy prevention" of AWS Backup knows one for keys and topics only.
        role = ServiceRole(self, "role", name=name, service="backup.amazonaws.com", account_id=None, boundary=boundary)
        vaults = [self._vault_arn(region, name), self._vault_arn(copies.region, copies.name)]
        self._grant(role, [region, copies.region], vaults, database, table)
        if key is not None and copy_key is not None:
            # DynamoDB asks KMS in the caller's name.
            key.allow(role, "read_table_key", ["kms:Decrypt", "kms:GenerateDataKey"], through="dynamodb")
            key.allow_grants(role, "key")
            copy_key.allow_grants(role, "copy_key")

        def vault(id_: str, name: str, key: Key | None, provider: TerraformProvider | None) -> BackupVault:
            return BackupVault(
                self,
                id_,
                name=name,
                kms_key_arn=key.arn if key else None,
                force_destroy=True if care.disposable else None,
                tags={"Name": name},
                provider=provider,
                # Destroyed in the other order, a vault that AWS keeps would be left without the role.
                depends_on=role.grants,
            )

        self._vault = vault("vault", name, key, None)
        copy_vault = vault("copy_vault", copies.name, copy_key, copies.provider)
        self.vault_name = self._vault.name
        plan = BackupPlan(
            self,
            "plan",
            name=name,
            rule=[
                BackupPlanRule(
                    rule_name="daily",
                    target_vault_name=self.vault_name,
                    schedule=f"cron(0 {care.hour} * * ? *)",
                    start_window=START_WITHIN,
                    completion_window=COMPLETE_WITHIN,
                    lifecycle=BackupPlanRuleLifecycle(delete_after=care.delete_after_days),
                    copy_action=[
                        BackupPlanRuleCopyAction(
                            destination_vault_arn=copy_vault.arn,
                            lifecycle=BackupPlanRuleCopyActionLifecycle(delete_after=care.delete_after_days),
                        )
                    ],
                )
            ],
            tags={"Name": name},
        )
        # By ARN, which counts whatever the account has opted in to: "Assigning resources to a backup plan".
        BackupSelection(
            self,
            "selection",
            name=name,
            plan_id=plan.id,
            iam_role_arn=role.arn,
            resources=[database.arn, table.arn],
            depends_on=role.grants,
        )

    def _vault_arn(self, region: str, name: str) -> str:
        """Of the name, not of the resource: the role's policies come before the vaults."""
        return f"arn:aws:backup:{region}:{self._account_id}:backup-vault:{name}"

    def _grant(
        self, role: ServiceRole, regions: list[str], vaults: list[str], database: Database, table: ItemsTable
    ) -> None:
        """What AWSBackupServiceRolePolicyForBackup allows for RDS and DynamoDB, on these and their backups only.

        Not the change of the instance, which continuous backups need, nor sharing a snapshot with another account.
        """
        of_rds = [f"arn:aws:rds:{region}:{self._account_id}" for region in regions]
        snapshots = [f"{each}:snapshot:awsbackup:*" for each in of_rds]
        role.allow(
            "find_snapshots",
            ["rds:DescribeDBInstances", "rds:DescribeDBSnapshots"],
            [f"{each}:{kind}:*" for each in of_rds for kind in ("db", "snapshot")],
        )
        role.allow("back_up_database", ["rds:CreateDBSnapshot", "rds:ListTagsForResource"], [database.arn, *snapshots])
        role.allow("keep_snapshots", ["rds:AddTagsToResource", "rds:CopyDBSnapshot", "rds:DeleteDBSnapshot"], snapshots)
        role.allow(
            "back_up_table",
            [
                "dynamodb:CreateBackup",
                "dynamodb:DescribeTable",
                "dynamodb:ListTagsOfResource",
                "dynamodb:StartAwsBackupJob",
            ],
            [table.arn],
        )
        role.allow(
            "keep_table_backups", ["dynamodb:DeleteBackup", "dynamodb:DescribeBackup"], [f"{table.arn}/backup/*"]
        )
        role.allow("use_vaults", ["backup:CopyIntoBackupVault", "backup:DescribeBackupVault"], vaults)
        recovery_points = [f"arn:aws:backup:{region}:{self._account_id}:recovery-point:*" for region in regions]
        role.allow("copy_recovery_points", ["backup:CopyFromBackupVault"], [*vaults, *recovery_points, *snapshots])
        role.allow("find_resources", ["tag:GetResources"], ["*"])
