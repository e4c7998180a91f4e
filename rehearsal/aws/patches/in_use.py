"""What AWS refuses because a name is taken or a thing is in use, where moto obeys.

The error codes are those of each service's own model in botocore.
"""

from __future__ import annotations

from typing import Any

from moto.core.exceptions import JsonRESTError
from moto.rds.exceptions import RDSClientError
from moto.rds.models import DBInstance, DBParameterGroup, DBSubnetGroup, RDSBackend
from moto.secretsmanager.models import FakeSecret, SecretsManagerBackend


def parameter_groups() -> None:
    """A parameter group of a database cannot be deleted: "DeleteDBParameterGroup", Amazon RDS API reference."""
    delete = RDSBackend.delete_db_parameter_group

    def delete_db_parameter_group(self: RDSBackend, db_parameter_group_name: str) -> DBParameterGroup:
        if any(each.db_parameter_group_name == db_parameter_group_name for each in self.databases.values()):
            raise RDSClientError(
                "InvalidDBParameterGroupState",
                "One or more database instances are still members of this parameter group "
                f"{db_parameter_group_name}, so the group cannot be deleted",
            )
        return delete(self, db_parameter_group_name)

    RDSBackend.delete_db_parameter_group = delete_db_parameter_group


def subnet_groups() -> None:
    """The name of a subnet group is taken once, and one with a database in it cannot be deleted.

    "CreateDBSubnetGroup" and "DeleteDBSubnetGroup", Amazon RDS API reference. moto overwrites, and deletes.
    """
    create, delete = RDSBackend.create_subnet_group, RDSBackend.delete_subnet_group

    def create_subnet_group(self: RDSBackend, subnet_name: str, *arguments: Any, **named: Any) -> DBSubnetGroup:
        if subnet_name in self.subnet_groups:
            raise RDSClientError("DBSubnetGroupAlreadyExists", f"The DB subnet group '{subnet_name}' already exists.")
        return create(self, subnet_name, *arguments, **named)

    def delete_subnet_group(self: RDSBackend, subnet_name: str) -> DBSubnetGroup:
        if any(_subnet_group(each) == subnet_name for each in self.databases.values()):
            raise RDSClientError(
                "InvalidDBSubnetGroupStateFault",
                f"Cannot delete the subnet group '{subnet_name}' because at least one database instance is still "
                "using it.",
            )
        return delete(self, subnet_name)

    RDSBackend.create_subnet_group = create_subnet_group
    RDSBackend.delete_subnet_group = delete_subnet_group


def changes_of_a_database() -> None:
    """A database goes to another major version only if that is allowed and with a parameter group of its family.

    Nor does it move to another subnet group of its VPC. "ModifyDBInstance", Amazon RDS API reference: EngineVersion,
    AllowMajorVersionUpgrade and DBSubnetGroupName. moto accepts any change.
    """
    modify = RDSBackend.modify_db_instance

    def modify_db_instance(self: RDSBackend, db_instance_identifier: str, db_kwargs: dict[str, Any]) -> DBInstance:
        database = self.describe_db_instances(db_instance_identifier)[0]
        _another_major(self, database, db_kwargs)
        wanted = db_kwargs.get("db_subnet_group_name")
        if wanted and wanted != _subnet_group(database) and wanted in self.subnet_groups:
            raise RDSClientError(
                "InvalidVPCNetworkStateFault",
                f"You cannot move DB instance {db_instance_identifier} to subnet group {wanted}. The specified DB "
                "subnet group and DB instance are in the same VPC. Choose a DB subnet group in different VPC than the "
                "specified DB instance and try again.",
            )
        return modify(self, db_instance_identifier, db_kwargs)

    RDSBackend.modify_db_instance = modify_db_instance


def names_of_deleted_secrets() -> None:
    """The name of a secret in its recovery window is taken, and the error says why.

    "Delete an AWS Secrets Manager secret", its user guide. moto says that the secret exists.
    """
    create = SecretsManagerBackend.create_secret

    def create_secret(self: SecretsManagerBackend, name: str, *arguments: Any, **named: Any) -> str:
        secret = self.secrets.get(name)
        if isinstance(secret, FakeSecret) and secret.is_deleted():
            raise JsonRESTError(
                "InvalidRequestException",
                "You can't create this secret because a secret with this name is already scheduled for deletion.",
            )
        return create(self, name, *arguments, **named)

    SecretsManagerBackend.create_secret = create_secret


def _another_major(backend: RDSBackend, database: DBInstance, wanted: dict[str, Any]) -> None:
    major = str(wanted.get("engine_version") or database.engine_version).partition(".")[0]
    if major == str(database.engine_version).partition(".")[0]:
        return
    if not wanted.get("allow_major_version_upgrade"):
        raise RDSClientError(
            "InvalidParameterCombination",
            "The AllowMajorVersionUpgrade flag must be present when upgrading to a new major version.",
        )
    name = wanted.get("db_parameter_group_name") or database.db_parameter_group_name
    group = backend.db_parameter_groups.get(str(name))
    if group is not None and group.family != f"{database.engine}{major}":
        raise RDSClientError(
            "InvalidParameterCombination",
            f"The parameter group {name} with DBParameterGroupFamily {group.family} can't be used for this instance. "
            f"Use a parameter group with DBParameterGroupFamily {database.engine}{major}.",
        )


def _subnet_group(database: DBInstance) -> str | None:
    # moto's own property can only be set.
    return vars(database).get("_db_subnet_group_name")
