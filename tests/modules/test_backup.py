from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

from constructs import Construct

from modules.backup import Backup, BackupCare, CopyVault
from modules.dynamodb import ItemsTable
from modules.key import DataKey
from stacks.base import BaseStack
from tests.modules.test_rds import database
from tests.support import Output

Synth = Callable[[Callable[[Construct], object]], Output]
ACCOUNT = "111111111111"


def backup(scope: Construct, *, with_key: bool = True, disposable: bool = False) -> Backup:
    assert isinstance(scope, BaseStack)
    key = DataKey(scope, "key", alias="data", region="eu-west-1", account_id=ACCOUNT) if with_key else None
    return Backup(
        scope,
        "backup",
        name="app-backup",
        region="eu-west-1",
        account_id=ACCOUNT,
        boundary="arn:boundary",
        database=database(scope),
        table=ItemsTable(scope, "items", name="items", deletion_protection=True, key=key),
        care=BackupCare(hour=5, delete_after_days=35, disposable=disposable),
        key=key,
        copies=CopyVault("app-copies", "eu-central-1", scope.provider_in("eu-central-1", "copies")),
    )


def grants(stack: Output) -> dict[str, dict[str, Any]]:
    (role,) = (name for name in stack.all("aws_iam_role") if name.startswith("backup"))
    return {
        statement["Sid"]: statement
        for name, policy in stack.all("aws_iam_role_policy").items()
        if name.startswith(role)
        for statement in json.loads(policy["policy"])["Statement"]
    }


def test_database_and_table_are_backed_up_daily_and_copied_to_the_other_region(synth: Synth) -> None:
    stack = synth(backup)
    assert stack.one("aws_backup_plan")["rule"] == [
        {
            "rule_name": "daily",
            "target_vault_name": "${aws_backup_vault.backup_vault.name}",
            "schedule": "cron(0 5 * * ? *)",
            "start_window": 60,
            "completion_window": 1440,
            "lifecycle": {"delete_after": 35},
            "copy_action": [
                {
                    "destination_vault_arn": "${aws_backup_vault.backup_copy_vault.arn}",
                    "lifecycle": {"delete_after": 35},
                }
            ],
        }
    ]
    assert stack.one("aws_backup_selection")["resources"] == [
        "${aws_db_instance.database.arn}",
        "${aws_dynamodb_table.items.arn}",
    ]
    assert stack.at("aws_backup_vault.backup_copy_vault")["provider"] == "aws.copies"


def test_a_vault_has_a_key_of_its_own_region(synth: Synth) -> None:
    """A copy of an encrypted snapshot needs a key of the region that it goes to."""
    stack = synth(backup)
    assert stack.at("aws_backup_vault.backup_vault")["kms_key_arn"] == "${aws_kms_key.key.arn}"
    assert stack.at("aws_backup_vault.backup_copy_vault")["kms_key_arn"] == "${aws_kms_key.backup_copy_key.arn}"
    key, alias = stack.at("aws_kms_key.backup_copy_key"), stack.at("aws_kms_alias.backup_copy_key_alias")
    assert {key["provider"], alias["provider"]} == {"aws.copies"}
    assert [each["Sid"] for each in json.loads(key["policy"])["Statement"]] == ["IamPolicies"]


def test_without_a_key_of_the_environment_both_vaults_have_those_of_aws(synth: Synth) -> None:
    stack = synth(lambda scope: backup(scope, with_key=False))
    assert not stack.all("aws_kms_key")
    assert all("kms_key_arn" not in each for each in stack.all("aws_backup_vault").values())
    assert [sid for sid, each in grants(stack).items() if any("kms:" in action for action in each["Action"])] == []


def test_the_role_backs_up_these_two_and_hands_keys_to_aws_services_alone(synth: Synth) -> None:
    found = grants(synth(backup))
    assert found["BackUpTable"]["Resource"] == ["${aws_dynamodb_table.items.arn}"]
    snapshots = [f"arn:aws:rds:{region}:{ACCOUNT}:snapshot:awsbackup:*" for region in ("eu-west-1", "eu-central-1")]
    assert found["BackUpDatabase"]["Resource"] == ["${aws_db_instance.database.arn}", *snapshots]
    assert found["KeepSnapshots"]["Resource"] == snapshots
    for sid, key in (("KeyGrant", "key"), ("CopyKeyGrant", "backup_copy_key")):
        assert found[sid]["Resource"] == [f"${{aws_kms_key.{key}.arn}}"]
        assert found[sid]["Condition"] == {"Bool": {"kms:GrantIsForAWSResource": "true"}}
    actions = {action for each in found.values() for action in each["Action"]}
    # What a continuous backup and a copy for another account would need.
    assert not actions & {"rds:ModifyDBInstance", "rds:ModifyDBSnapshotAttribute"}


def test_a_vault_that_aws_keeps_keeps_its_role(synth: Synth) -> None:
    """Destroyed in the other order, nobody would delete the recovery points whose time is over."""
    stack = synth(backup)
    policies = {f"aws_iam_role_policy.{name}" for name in stack.all("aws_iam_role_policy") if name.startswith("backup")}
    for vault in stack.all("aws_backup_vault").values():
        assert {*vault["depends_on"]} == policies


def test_recovery_points_go_with_their_vault_only_where_that_was_said(synth: Synth) -> None:
    kept = synth(backup).all("aws_backup_vault").values()
    assert [each for each in kept if "force_destroy" in each] == []


def test_recovery_points_of_a_disposable_environment_go_with_their_vault(synth: Synth) -> None:
    gone = synth(lambda scope: backup(scope, disposable=True)).all("aws_backup_vault").values()
    assert [each["force_destroy"] for each in gone] == [True, True]
