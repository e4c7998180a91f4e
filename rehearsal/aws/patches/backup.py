"""What the provider needs of AWS Backup."""

# moto's own helpers are what its methods are written with.
# pyright: reportPrivateUsage=false
from __future__ import annotations

import json
from typing import Any
from urllib.parse import unquote

from moto.backup import urls
from moto.backup.exceptions import InvalidRequestException, ResourceNotFoundException
from moto.backup.models import BackupBackend, Plan, Vault
from moto.backup.responses import BackupResponse
from moto.core.utils import unix_time
from moto.moto_api._internal import mock_random

Json = dict[str, Any]
POINTS = "backup-vaults/(?P<name>[^/]+)/recovery-points"


def tags() -> None:
    """The provider reads the tags of vaults and plans back, by a path without the slash that botocore ends it with.

    moto takes the last part but one for the ARN, so that each plan would tag them again.
    """

    def list_tags(self: BackupResponse) -> str:
        return json.dumps({"Tags": self.backup_backend.list_tags(unquote(self._get_param("resourceArn")))})

    BackupResponse.list_tags = list_tags


def plans_that_change() -> None:
    """A plan's rules can be changed, and the name of a deleted one is free.

    moto has no UpdateBackupPlan, and keeps a deleted plan under its name.
    """
    create = BackupBackend.create_backup_plan

    def create_backup_plan(self: BackupBackend, backup_plan: Json, *arguments: Any, **named: Any) -> Plan:
        for id_, plan in list(self.plans.items()):
            if plan.deletion_date is not None and plan.backup_plan["BackupPlanName"] == backup_plan["BackupPlanName"]:
                del self.plans[id_]
        return create(self, backup_plan, *arguments, **named)

    def update_backup_plan(self: BackupResponse) -> str:
        plan = self.backup_backend.get_backup_plan(self._get_param("backupPlanId"), None)
        # Its constructor fills in what a rule leaves out.
        plan.backup_plan = vars(Plan(json.loads(self.body)["BackupPlan"], "", self.backup_backend))["backup_plan"]
        plan.version_id = mock_random.get_random_string(length=48)
        return json.dumps(plan.to_dict())

    BackupBackend.create_backup_plan = create_backup_plan
    BackupResponse.update_backup_plan = update_backup_plan  # pyright: ignore[reportAttributeAccessIssue]


def selections() -> None:
    """What a plan backs up is a selection of its own, which a plan cannot be deleted with.

    "DeleteBackupPlan", AWS Backup API reference. moto has none.
    """
    delete = BackupBackend.delete_backup_plan

    def of_plan(response: BackupResponse) -> dict[str, Json]:
        id_ = response._get_param("backupPlanId")
        response.backup_backend.get_backup_plan(id_, None)
        return _kept(response.backup_backend, "selections").setdefault(id_, {})

    def one(response: BackupResponse) -> Json:
        id_ = response._get_param("selectionId")
        if id_ not in of_plan(response):
            raise ResourceNotFoundException("Cannot find Backup selection with provided ID")
        return of_plan(response)[id_]

    def create_backup_selection(self: BackupResponse) -> str:
        selection: Json = {
            "SelectionId": str(mock_random.uuid4()),
            "BackupPlanId": self._get_param("backupPlanId"),
            "CreationDate": unix_time(),
            "BackupSelection": json.loads(self.body)["BackupSelection"],
        }
        of_plan(self)[selection["SelectionId"]] = selection
        return json.dumps({key: value for key, value in selection.items() if key != "BackupSelection"})

    def get_backup_selection(self: BackupResponse) -> str:
        return json.dumps(one(self))

    def list_backup_selections(self: BackupResponse) -> str:
        told = [
            {
                "SelectionId": each["SelectionId"],
                "BackupPlanId": each["BackupPlanId"],
                "SelectionName": each["BackupSelection"]["SelectionName"],
                "IamRoleArn": each["BackupSelection"]["IamRoleArn"],
            }
            for each in of_plan(self).values()
        ]
        return json.dumps({"BackupSelectionsList": told})

    def delete_backup_selection(self: BackupResponse) -> str:
        del of_plan(self)[one(self)["SelectionId"]]
        return "{}"

    def delete_backup_plan(self: BackupBackend, backup_plan_id: str) -> tuple[str, str, float, str]:
        if _kept(self, "selections").get(backup_plan_id):
            raise InvalidRequestException(
                "Related backup plan selections must be deleted prior to backup plan deletion"
            )
        return delete(self, backup_plan_id)

    for method in (
        create_backup_selection,
        get_backup_selection,
        list_backup_selections,
        delete_backup_selection,
    ):
        setattr(BackupResponse, method.__name__, method)
    BackupBackend.delete_backup_plan = delete_backup_plan


def recovery_points() -> None:
    """A vault with a recovery point in it cannot be deleted: "DeleteBackupVault", AWS Backup API reference.

    moto knows no recovery points. Here a job on demand makes its own at once, and a plan never runs.
    """
    for path in ("backup-jobs", f"{POINTS}/", f"{POINTS}/(?P<arn>.+)"):
        urls.url_paths[f"{{0}}/{path}$"] = urls.response.dispatch
    delete = BackupBackend.delete_backup_vault

    def points(backend: BackupBackend, vault: str) -> dict[str, Json]:
        return _kept(backend, "recovery_points").setdefault(vault, {})

    def one(response: BackupResponse) -> Json:
        found = points(response.backup_backend, response._get_param("backupVaultName"))
        arn = response._get_param("recoveryPointArn")
        if arn not in found:
            raise ResourceNotFoundException(f"Cannot find recovery point {arn}")
        return found[arn]

    def start_backup_job(self: BackupResponse) -> str:
        asked, backend = json.loads(self.body), self.backup_backend
        vault = backend.describe_backup_vault(asked["BackupVaultName"])
        id_, now = str(mock_random.uuid4()), unix_time()
        point: Json = {
            "RecoveryPointArn": f"arn:aws:backup:{self.region}:{self.current_account}:recovery-point:{id_}",
            "BackupVaultName": vault.backup_vault_name,
            "BackupVaultArn": vault.backup_vault_arn,
            "ResourceArn": asked["ResourceArn"],
            "IamRoleArn": asked["IamRoleArn"],
            "Status": "COMPLETED",
            "CreationDate": now,
            "CompletionDate": now,
        }
        points(backend, vault.backup_vault_name)[point["RecoveryPointArn"]] = point
        _count(vault, len(points(backend, vault.backup_vault_name)))
        return json.dumps({"BackupJobId": id_, "RecoveryPointArn": point["RecoveryPointArn"], "CreationDate": now})

    def list_recovery_points_by_backup_vault(self: BackupResponse) -> str:
        vault = self.backup_backend.describe_backup_vault(self._get_param("backupVaultName"))
        return json.dumps({"RecoveryPoints": list(points(self.backup_backend, vault.backup_vault_name).values())})

    def describe_recovery_point(self: BackupResponse) -> str:
        return json.dumps(one(self))

    def delete_recovery_point(self: BackupResponse) -> str:
        point = one(self)
        left = points(self.backup_backend, point["BackupVaultName"])
        del left[point["RecoveryPointArn"]]
        _count(self.backup_backend.describe_backup_vault(point["BackupVaultName"]), len(left))
        return "{}"

    def delete_backup_vault(self: BackupBackend, backup_vault_name: str) -> None:
        if points(self, backup_vault_name):
            raise InvalidRequestException("Backup vault cannot be deleted because it contains recovery points.")
        delete(self, backup_vault_name)

    for method in (
        start_backup_job,
        list_recovery_points_by_backup_vault,
        describe_recovery_point,
        delete_recovery_point,
    ):
        setattr(BackupResponse, method.__name__, method)
    BackupBackend.delete_backup_vault = delete_backup_vault


def _kept(backend: BackupBackend, what: str) -> dict[str, dict[str, Json]]:
    return vars(backend).setdefault(what, {})


def _count(vault: Vault, number: int) -> None:
    # By the one name in a list, by the other in a description.
    vault.num_of_recovery_points = vars(vault)["number_of_recovery_points"] = number
