"""The master user's password where RDS owns it, seen through the AWS API."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest
from botocore.exceptions import ClientError

Client = Callable[[str], Any]
NAME = "managed"


def test_rds_makes_keeps_and_renews_the_password_and_gives_it_back_for_another(client: Client) -> None:
    rds, manager = client("rds"), client("secretsmanager")
    size = {"Engine": "postgres", "DBInstanceClass": "db.t3.micro", "AllocatedStorage": 20, "MasterUsername": "ada"}

    def secret(answer: dict[str, Any]) -> str:
        return answer["DBInstance"]["MasterUserSecret"]["SecretArn"]

    def kept(arn: str) -> dict[str, str]:
        return json.loads(manager.get_secret_value(SecretId=arn)["SecretString"])

    def modify(**changes: Any) -> dict[str, Any]:
        return rds.modify_db_instance(DBInstanceIdentifier=NAME, ApplyImmediately=True, **changes)

    with pytest.raises(ClientError, match="InvalidParameterCombination"):
        rds.create_db_instance(
            DBInstanceIdentifier=NAME, **size, ManageMasterUserPassword=True, MasterUserPassword="password-1"
        )
    rds.create_db_instance(DBInstanceIdentifier=NAME, **size, MasterUserPassword="password-1")
    arn = secret(modify(ManageMasterUserPassword=True))
    first = kept(arn)
    assert first["username"] == "ada"
    with pytest.raises(ClientError, match="InvalidParameterCombination"):
        modify(MasterUserPassword="password-2")
    assert secret(modify(ManageMasterUserPassword=True)) == arn, "it is managed already"
    modify(RotateMasterUserPassword=True)
    assert kept(arn)["password"] != first["password"]
    with pytest.raises(ClientError, match="InvalidParameterCombination"):
        modify(ManageMasterUserPassword=False)
    modify(ManageMasterUserPassword=False, MasterUserPassword="password-2")
    with pytest.raises(ClientError, match="ResourceNotFoundException"):
        kept(arn)
