"""AWS Backup: vaults and plans have names, a selection is one of a plan."""

from __future__ import annotations

from collections.abc import Iterator

from ops.recovery.finding import Finder, Object, Wanted, pages


def vault(wanted: Wanted) -> Iterator[Object]:
    """From the list: of a vault that is not there, a description is denied and not absent."""
    for each in pages(wanted.client("backup"), "list_backup_vaults", "BackupVaultList"):
        if each["BackupVaultName"] == wanted.name:
            yield Object(wanted.name, "name", attributes={"arn": each["BackupVaultArn"]})


def plan(wanted: Wanted) -> Iterator[Object]:
    for each in pages(wanted.client("backup"), "list_backup_plans", "BackupPlansList"):
        if each["BackupPlanName"] == wanted.name:
            id_ = each["BackupPlanId"]
            yield Object(id_, "name", remove=f"backup delete-backup-plan --backup-plan-id {id_}")


def selection(wanted: Wanted) -> Iterator[Object]:
    plan_id = wanted.text("plan_id")
    listed = pages(wanted.client("backup"), "list_backup_selections", "BackupSelectionsList", BackupPlanId=plan_id)
    for each in listed:
        if each["SelectionName"] == wanted.name:
            id_ = each["SelectionId"]
            yield Object(id_, "plan and name", f"{plan_id}|{id_}")


FINDERS = {
    "aws_backup_plan": Finder(plan, plan),
    "aws_backup_selection": Finder(selection),
    "aws_backup_vault": Finder(vault),
}
