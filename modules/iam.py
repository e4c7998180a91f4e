"""A role that one AWS service takes on, granted one action list at a time."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from cdktf_cdktf_provider_aws.iam_role import IamRole
from cdktf_cdktf_provider_aws.iam_role_policy import IamRolePolicy
from constructs import Construct

from modules.policy import Statement, document


class ServiceRole(Construct):
    """A role for one AWS service, in one account only: a call made for another account's resource is refused.

    With `account_id` None the trust has no condition, for a service of which AWS documents none. `boundary` is the ARN
    of its permissions boundary, without which no environment's pipeline may make or change it.
    """

    def __init__(
        self,
        scope: Construct,
        id_: str,
        *,
        name: str,
        service: str,
        account_id: str | None,
        boundary: str | None = None,
    ) -> None:
        super().__init__(scope, id_)
        own = {"StringEquals": {"aws:SourceAccount": account_id}} if account_id is not None else {}
        trust = Statement("Service", ["sts:AssumeRole"], principals={"Service": service}, conditions=own)
        role = IamRole(self, "Default", name=name, assume_role_policy=document(trust), permissions_boundary=boundary)
        self.arn = role.arn
        self.grants: list[IamRolePolicy] = []
        self._name = role.name

    def allow(
        self,
        id_: str,
        actions: Sequence[str],
        resources: Sequence[str],
        conditions: Mapping[str, Mapping[str, str]] | None = None,
    ) -> None:
        """Grant the actions on exactly these ARNs."""
        sid = id_.title().replace("_", "")
        policy = document(Statement(sid, actions, resources, conditions=conditions or {}))
        self.grants.append(IamRolePolicy(self, id_, name=id_.replace("_", "-"), role=self._name, policy=policy))
