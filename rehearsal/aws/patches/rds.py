"""What the provider needs of RDS."""

from __future__ import annotations

import json
import secrets
import string
import uuid
from typing import Any

from moto.core.responses import ActionResult
from moto.logs.models import LogsBackend, logs_backends
from moto.rds import utils
from moto.rds.exceptions import RDSClientError
from moto.rds.models import DBInstance, DBParameterGroup, DBSubnetGroup, MasterUserSecret, RDSBackend
from moto.rds.responses import RDSResponse


def parameters_of_the_user() -> None:
    """The provider keeps the parameters whose Source is "user" and resets those taken out of a group.

    moto never sets Source (so each plan adds the parameters again) and has no ResetDBParameterGroup.
    """
    update = DBParameterGroup.update_parameters

    def update_parameters(self: DBParameterGroup, new_parameters: Any) -> None:
        update(self, ({**parameter, "Source": "user"} for parameter in new_parameters))

    def reset_db_parameter_group(self: RDSResponse) -> ActionResult:
        group = self.backend.describe_db_parameter_groups(
            {"db_parameter_group_name": self.params["DBParameterGroupName"]}
        )[0]
        names = [parameter["ParameterName"] for parameter in self.params.get("Parameters", [])]
        for name in list(group.parameters) if self.params.get("ResetAllParameters") else names:
            group.parameters.pop(name, None)
        return ActionResult({"DBParameterGroupName": group.name})

    DBParameterGroup.update_parameters = update_parameters
    RDSResponse.reset_db_parameter_group = reset_db_parameter_group  # pyright: ignore[reportAttributeAccessIssue]


def instance_identity_and_insights() -> None:
    """The provider finds an instance by its DbiResourceId and reads back the Performance Insights settings.

    moto gives every instance the same id, so a second database is taken for the first, and drops the settings.
    """
    init = DBInstance.__init__
    update = DBInstance.update
    restore = RDSBackend.create_db_instance_read_replica

    def resource_id() -> str:
        return "db-" + "".join(secrets.choice(string.ascii_uppercase + string.digits) for _ in range(26))

    def set_insights(instance: DBInstance, given: dict[str, Any]) -> None:
        own = vars(instance)
        if given.get("enable_performance_insights") is not None:
            own["performance_insights_enabled"] = given["enable_performance_insights"]
        enabled = own.setdefault("performance_insights_enabled", False)
        days = given.get("performance_insights_retention_period") or own.get("performance_insights_retention_period")
        key = given.get("performance_insights_kms_key_id") or own.get("performance_insights_kms_key_id")
        own["performance_insights_retention_period"] = (days or 7) if enabled else None
        own["performance_insights_kms_key_id"] = key if enabled else None

    def __init__(self: DBInstance, *args: Any, **kwargs: Any) -> None:
        init(self, *args, **kwargs)
        self.dbi_resource_id = resource_id()
        set_insights(self, kwargs)

    def updated(self: DBInstance, **kwargs: Any) -> None:
        update(self, **kwargs)
        set_insights(self, kwargs)

    def create_db_instance_read_replica(self: RDSBackend, db_kwargs: dict[str, Any]) -> DBInstance:
        replica = restore(self, db_kwargs)
        replica.dbi_resource_id = resource_id()
        return replica

    DBInstance.__init__ = __init__
    DBInstance.update = updated  # pyright: ignore[reportAttributeAccessIssue]
    RDSBackend.create_db_instance_read_replica = create_db_instance_read_replica


def changed_subnet_groups() -> None:
    """A subnet group that gets a further zone's subnet is still there; moto forgets it."""
    modify = RDSBackend.modify_db_subnet_group

    def modify_db_subnet_group(
        self: RDSBackend, subnet_name: str, description: str, subnets: list[Any]
    ) -> DBSubnetGroup:
        group = modify(self, subnet_name, description, subnets)
        self.subnet_groups[subnet_name] = group
        return group

    RDSBackend.modify_db_subnet_group = modify_db_subnet_group


def windows_that_touch() -> None:
    """AWS accepts a backup window that ends when the maintenance window begins; moto calls that an overlap."""
    overlap = utils.get_overlap_between_two_date_ranges

    def get_overlap_between_two_date_ranges(*ranges: Any) -> int:
        return overlap(*ranges) or -1

    utils.get_overlap_between_two_date_ranges = get_overlap_between_two_date_ranges


def last_log_lines() -> None:
    """RDS writes its last lines while it is deleted, and makes the log groups anew for them, without an end.

    Where Terraform deletes a group just after the database, as it does in a destroy, it is back at once; in AWS within
    minutes: issue 42858 of the Terraform AWS provider. moto's RDS writes no logs.
    """
    create, delete = RDSBackend.create_db_instance, RDSBackend.delete_db_instance
    delete_group = LogsBackend.delete_log_group

    def groups_of(database: DBInstance) -> set[str]:
        name = database.db_instance_identifier
        return {f"/aws/rds/instance/{name}/{each}" for each in database.enabled_cloudwatch_logs_exports}

    def to_be_written(logs: LogsBackend) -> set[str]:
        return vars(logs).setdefault("last_lines", set())

    def logs_of(rds: RDSBackend) -> LogsBackend:
        return logs_backends[rds.account_id][rds.region_name]

    def create_db_instance(self: RDSBackend, db_kwargs: dict[str, Any]) -> DBInstance:
        database = create(self, db_kwargs)
        to_be_written(logs_of(self)).difference_update(groups_of(database))
        return database

    def delete_db_instance(self: RDSBackend, *arguments: Any, **named: Any) -> DBInstance:
        database = delete(self, *arguments, **named)
        for group in groups_of(database):
            logs_of(self).ensure_log_group(group)
        to_be_written(logs_of(self)).update(groups_of(database))
        return database

    def delete_log_group(self: LogsBackend, log_group_name: str) -> None:
        delete_group(self, log_group_name)
        if log_group_name in to_be_written(self):
            to_be_written(self).discard(log_group_name)
            self.ensure_log_group(log_group_name)

    RDSBackend.create_db_instance = create_db_instance
    RDSBackend.delete_db_instance = delete_db_instance
    LogsBackend.delete_log_group = delete_log_group


def managed_passwords() -> None:
    """RDS makes a password of its own for the master user of an instance, and another one when it is to rotate it.

    moto writes "admin" and one password for all, rotates to the same one, and makes a second secret where the password
    is managed already. Nor does it refuse what "ModifyDBInstance", Amazon RDS API reference, does at
    ManageMasterUserPassword: a password beside it, and none where RDS is to manage it no longer.
    """
    create, modify, update = RDSBackend.create_db_instance, RDSBackend.modify_db_instance, DBInstance.update

    def secret_string(self: MasterUserSecret) -> str:
        password = secrets.token_urlsafe(24)
        return json.dumps({"username": self.resource.master_username, "password": password})

    def rotate_secret(self: MasterUserSecret) -> None:
        self.secretsmanager.put_secret_value(
            secret_id=self.secret.arn,
            secret_string=secret_string(self),
            secret_binary="",
            client_request_token=str(uuid.uuid4()),
            version_stages=["AWSCURRENT"],
        )

    def check(wanted: dict[str, Any], *, managed: bool) -> None:
        manage, password = wanted.get("manage_master_user_password"), wanted.get("master_user_password")
        if password and (manage or (managed and manage is None)):
            raise RDSClientError(
                "InvalidParameterCombination",
                "You can't specify MasterUserPassword for an instance with ManageMasterUserPassword enabled.",
            )
        if managed and manage is False and not password:
            raise RDSClientError(
                "InvalidParameterCombination",
                "You must specify MasterUserPassword when ManageMasterUserPassword is set to false.",
            )

    def create_db_instance(self: RDSBackend, db_kwargs: dict[str, Any]) -> DBInstance:
        check(db_kwargs, managed=False)
        return create(self, db_kwargs)

    def modify_db_instance(self: RDSBackend, db_instance_identifier: str, db_kwargs: dict[str, Any]) -> DBInstance:
        database = self.describe_db_instances(db_instance_identifier)[0]
        check(db_kwargs, managed=bool(database.manage_master_user_password))
        return modify(self, db_instance_identifier, db_kwargs)

    def updated(self: DBInstance, **wanted: Any) -> None:
        if self.manage_master_user_password and wanted.get("manage_master_user_password"):
            del wanted["manage_master_user_password"]
        update(self, **wanted)

    MasterUserSecret._generate_secret_string = secret_string  # pyright: ignore[reportPrivateUsage]
    MasterUserSecret.rotate_secret = rotate_secret
    RDSBackend.create_db_instance = create_db_instance
    RDSBackend.modify_db_instance = modify_db_instance
    DBInstance.update = updated  # pyright: ignore[reportAttributeAccessIssue]
