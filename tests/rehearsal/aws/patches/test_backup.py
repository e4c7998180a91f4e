"""The gaps of AWS Backup mended in the emulator, seen through its API as the Terraform provider sees them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from botocore.exceptions import ClientError

from ops.core.aws import Aws

Client = Callable[[str], Any]
ROLE = "arn:aws:iam::875486186130:role/backup"
TABLE = "arn:aws:dynamodb:us-east-2:875486186130:table/items"


def rule(days: int) -> dict[str, Any]:
    return {"RuleName": "daily", "TargetBackupVaultName": "vault", "Lifecycle": {"DeleteAfterDays": days}}


@pytest.fixture
def plan(client: Client) -> str:
    backup = client("backup")
    for each in backup.list_backup_plans()["BackupPlansList"]:
        for one in backup.list_backup_selections(BackupPlanId=each["BackupPlanId"])["BackupSelectionsList"]:
            backup.delete_backup_selection(BackupPlanId=each["BackupPlanId"], SelectionId=one["SelectionId"])
        backup.delete_backup_plan(BackupPlanId=each["BackupPlanId"])
    return backup.create_backup_plan(BackupPlan={"BackupPlanName": "p", "Rules": [rule(7)]})["BackupPlanId"]


def test_the_tags_of_a_vault_come_back_whether_or_not_the_path_ends_in_a_slash(aws: Aws):
    backup = aws.client("backup")
    arn = backup.create_backup_vault(BackupVaultName="tagged", BackupVaultTags={"a": "1"})["BackupVaultArn"]
    assert backup.list_tags(ResourceArn=arn)["Tags"] == {"a": "1"}

    def without_slash(request: Any, **_: Any) -> None:
        request.url = request.url.removesuffix("/")

    # As the provider's SDK writes it.
    backup.meta.events.register("before-sign.backup.ListTags", without_slash)
    assert backup.list_tags(ResourceArn=arn)["Tags"] == {"a": "1"}
    backup.delete_backup_vault(BackupVaultName="tagged")


def test_a_backup_plan_is_changed_in_place_and_its_version_with_it(client: Client, plan: str):
    backup = client("backup")
    before = backup.get_backup_plan(BackupPlanId=plan)
    backup.update_backup_plan(BackupPlanId=plan, BackupPlan={"BackupPlanName": "p", "Rules": [rule(35)]})
    after = backup.get_backup_plan(BackupPlanId=plan)
    assert after["BackupPlan"]["Rules"][0]["Lifecycle"] == {"DeleteAfterDays": 35}
    assert after["BackupPlan"]["Rules"][0]["ScheduleExpression"] == "cron(0 5 ? * * *)"
    assert after["VersionId"] != before["VersionId"]


def test_the_name_of_a_deleted_backup_plan_is_free(client: Client, plan: str):
    backup = client("backup")
    backup.delete_backup_plan(BackupPlanId=plan)
    assert backup.create_backup_plan(BackupPlan={"BackupPlanName": "p", "Rules": [rule(7)]})["BackupPlanId"] != plan


def test_a_selection_comes_back_as_it_was_made_and_holds_its_plan(client: Client, plan: str):
    backup = client("backup")
    selection = {"SelectionName": "s", "IamRoleArn": ROLE, "Resources": [TABLE]}
    made = backup.create_backup_selection(BackupPlanId=plan, BackupSelection=selection)
    one = {"BackupPlanId": plan, "SelectionId": made["SelectionId"]}
    assert backup.get_backup_selection(**one)["BackupSelection"] == selection
    (listed,) = backup.list_backup_selections(BackupPlanId=plan)["BackupSelectionsList"]
    assert (listed["SelectionName"], listed["SelectionId"]) == ("s", made["SelectionId"])
    with pytest.raises(ClientError, match=r"selections must be deleted prior"):
        backup.delete_backup_plan(BackupPlanId=plan)
    backup.delete_backup_selection(**one)
    with pytest.raises(ClientError, match=r"ResourceNotFoundException"):
        backup.get_backup_selection(**one)
    backup.delete_backup_plan(BackupPlanId=plan)


def test_a_vault_with_a_recovery_point_in_it_stays(client: Client):
    backup = client("backup")
    key = "arn:aws:kms:us-east-2:875486186130:key/1"
    backup.create_backup_vault(BackupVaultName="kept", EncryptionKeyArn=key)
    arn = backup.start_backup_job(BackupVaultName="kept", ResourceArn=TABLE, IamRoleArn=ROLE)["RecoveryPointArn"]
    vault = backup.describe_backup_vault(BackupVaultName="kept")
    assert (vault["NumberOfRecoveryPoints"], vault["EncryptionKeyArn"]) == (1, key)
    with pytest.raises(ClientError, match=r"cannot be deleted because it contains recovery points"):
        backup.delete_backup_vault(BackupVaultName="kept")
    (point,) = backup.list_recovery_points_by_backup_vault(BackupVaultName="kept")["RecoveryPoints"]
    assert (point["RecoveryPointArn"], point["ResourceArn"]) == (arn, TABLE)
    assert backup.describe_recovery_point(BackupVaultName="kept", RecoveryPointArn=arn)["Status"] == "COMPLETED"
    backup.delete_recovery_point(BackupVaultName="kept", RecoveryPointArn=arn)
    with pytest.raises(ClientError, match=r"ResourceNotFoundException"):
        backup.describe_recovery_point(BackupVaultName="kept", RecoveryPointArn=arn)
    assert backup.describe_backup_vault(BackupVaultName="kept")["NumberOfRecoveryPoints"] == 0
    backup.delete_backup_vault(BackupVaultName="kept")
    assert "kept" not in {each["BackupVaultName"] for each in backup.list_backup_vaults()["BackupVaultList"]}
