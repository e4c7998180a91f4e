"""The roles of AWS's own services are there before the first environment is applied."""

from __future__ import annotations

from typing import Any

import pytest
from botocore.exceptions import ClientError

from ops.core.aws import Aws
from ops.state import service_linked_roles
from ops.state.service_linked_roles import SERVICES, TAKEN


class Iam:
    """An account's roles by path, as far as these calls go."""

    def __init__(self, *there: str, code: str = "", text: str = "") -> None:
        self.there, self.asked, self.code, self.text = set(there), list[str](), code, text

    def list_roles(self, PathPrefix: str) -> dict[str, Any]:
        return {"Roles": [{"Path": PathPrefix}] if PathPrefix.split("/")[2] in self.there else []}

    def create_service_linked_role(self, AWSServiceName: str) -> None:
        self.asked.append(AWSServiceName)
        if self.code:
            raise ClientError({"Error": {"Code": self.code, "Message": self.text}}, "CreateServiceLinkedRole")
        self.there.add(AWSServiceName)


def make(aws: Aws, iam: Iam, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    monkeypatch.setattr(aws, "client", lambda _service: iam)
    return service_linked_roles.make(aws)


def test_those_that_a_fresh_account_lacks_are_made_once(aws: Aws, monkeypatch: pytest.MonkeyPatch):
    iam = Iam("rds.amazonaws.com")
    assert make(aws, iam, monkeypatch) == [each for each in SERVICES if each != "rds.amazonaws.com"]
    assert make(aws, iam, monkeypatch) == []
    assert len(iam.asked) == 4


def test_one_that_somebody_else_makes_meanwhile_is_fine_and_a_denial_is_not(aws: Aws, monkeypatch: pytest.MonkeyPatch):
    text = f"Service role name AWSServiceRoleForECS {TAKEN}, please try a different suffix."
    assert make(aws, Iam(code="InvalidInput", text=text), monkeypatch) == []
    with pytest.raises(ClientError, match="AccessDenied"):
        make(aws, Iam(code="AccessDenied", text="no"), monkeypatch)
    with pytest.raises(ClientError, match="InvalidInput"):
        make(aws, Iam(code="InvalidInput", text="no such service"), monkeypatch)


def test_they_are_made_at_the_aws_api(aws: Aws):
    service_linked_roles.make(aws)
    paths = {each["Path"] for each in aws.client("iam").list_roles(PathPrefix="/aws-service-role/")["Roles"]}
    assert {f"/aws-service-role/{service}/" for service in SERVICES} <= paths
    assert service_linked_roles.make(aws) == []
