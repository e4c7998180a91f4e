"""What keeps the environments of an account to themselves: denials by name and by tag, and the roles' boundary."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from cdktf_cdktf_provider_aws.iam_policy import IamPolicy
from constructs import Construct

from modules.policy import Statement, document

SHARED = "shared"
"""The tag Environment of what the bootstrap stack owns."""
ENVIRONMENT, PROJECT = "aws:ResourceTag/Environment", "aws:ResourceTag/Project"


@dataclass(frozen=True)
class Confines:
    """One environment of a project in its account, beside the others."""

    project: str
    account_id: str
    environment: str
    others: Sequence[str]
    """The other environments' names."""
    passwords_from_rds: Sequence[str] = ()
    """Those of the others whose master user's password Amazon RDS keeps."""

    def to_itself(self) -> list[Statement]:
        """Deny every action on another environment's resources, and giving any resource another's tag.

        By tag: what is told by an id, such as keys, networks, load balancers and user pools, and most else, since every
        resource has the tags. By name: Amazon S3 and CloudWatch dashboards, which tags do not limit; and once more the
        database with its snapshots, secrets, tables and logs, so that data does not depend on a tag. Neither limits an
        Amazon EC2 `Describe`: the others' networks can be seen. (Service Authorization Reference, each service's
        "Resource types" and "Condition keys".)
        """
        anything = ["*"]
        return [
            *self._master_secrets(),
            Statement("OthersByName", anything, self._named(), effect="Deny"),
            Statement(
                "OthersByTag",
                anything,
                anything,
                effect="Deny",
                conditions={
                    "StringEquals": {PROJECT: self.project},
                    "StringNotEquals": {ENVIRONMENT: [self.environment, SHARED]},
                    "Null": {ENVIRONMENT: "false"},
                },
            ),
            Statement(
                "OthersTags",
                anything,
                anything,
                effect="Deny",
                conditions={
                    "StringNotEquals": {"aws:RequestTag/Environment": self.environment},
                    "Null": {"aws:RequestTag/Environment": "false"},
                },
            ),
            # A request through an access point names the access point and not the bucket.
            Statement(
                "NoWayRoundBucketNames",
                ["s3:CreateAccessPoint", "s3:CreateAccessPointForObjectLambda", "s3:CreateMultiRegionAccessPoint"],
                anything,
                effect="Deny",
            ),
        ]

    def _master_secrets(self) -> list[Statement]:
        """Deny the secrets that RDS made of the others' databases: neither their names nor Terraform's tags tell them.

        Only a tag of RDS's own does: "Permissions required for Secrets Manager integration", Amazon RDS user guide.
        """
        owners = [f"arn:aws:rds:*:{self.account_id}:db:{self.project}-*-{each}" for each in self.passwords_from_rds]
        if not owners:
            return []
        return [
            Statement(
                "OthersMasterUsers",
                ["*"],
                [f"arn:aws:secretsmanager:*:{self.account_id}:secret:rds!*"],
                effect="Deny",
                conditions={"StringLike": {"aws:ResourceTag/aws:rds:primaryDBInstanceArn": owners}},
            )
        ]

    def _named(self) -> list[str]:
        account, found = self.account_id, list[str]()
        for other in self.others:
            name = f"{self.project}-*-{other}"
            found += [
                f"arn:aws:cloudwatch::{account}:dashboard/{self.project}-{other}",
                f"arn:aws:dynamodb:*:{account}:table/{name}",
                f"arn:aws:dynamodb:*:{account}:table/{name}/*",
                f"arn:aws:logs:*:{account}:log-group:*/{name}",
                f"arn:aws:logs:*:{account}:log-group:*/{name}:*",
                # RDS's: one group a kind of log, below the database's name.
                f"arn:aws:logs:*:{account}:log-group:*/{name}/*",
                f"arn:aws:rds:*:{account}:db:{name}",
                f"arn:aws:rds:*:{account}:pg:{name}",
                f"arn:aws:rds:*:{account}:snapshot:{name}-final-snapshot-*",
                f"arn:aws:s3:::{name}-{account}",
                f"arn:aws:s3:::{name}-{account}/*",
                # Secrets Manager adds a hyphen and six characters to a name.
                f"arn:aws:secretsmanager:*:{account}:secret:{name}-??????",
            ]
        return found


class Boundary(Construct):
    """The most that a role of the environment can do, whatever its policies say: a permissions boundary.

    Everything but what makes more of itself, another role or another account; and nothing of another environment or
    of any state. It grants nothing: a role has what its policies and its boundary both allow.
    """

    def __init__(self, scope: Construct, id_: str, *, name: str, confines: Confines, state_arns: Sequence[str]) -> None:
        super().__init__(scope, id_)
        policy = document(
            Statement(
                "AllButRoles",
                [],
                ["*"],
                not_actions=["account:*", "iam:*", "organizations:*", "sts:AssumeRole", "sts:AssumeRoot"],
            ),
            Statement("NoState", ["*"], state_arns, effect="Deny"),
            *confines.to_itself(),
        )
        boundary = IamPolicy(
            self,
            "Default",
            name=name,
            description=f"The most that a role of {confines.environment} can do",
            policy=policy,
            tags={"Name": name},
        )
        self.arn = boundary.arn
