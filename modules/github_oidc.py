"""What GitHub Actions may do in the account: no keys, one role to plan and one role per environment to apply."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Literal

from cdktf_cdktf_provider_aws.data_aws_iam_openid_connect_provider import DataAwsIamOpenidConnectProvider
from cdktf_cdktf_provider_aws.iam_openid_connect_provider import IamOpenidConnectProvider
from cdktf_cdktf_provider_aws.iam_role import IamRole
from cdktf_cdktf_provider_aws.iam_role_policy import IamRolePolicy
from cdktf_cdktf_provider_aws.iam_role_policy_attachment import IamRolePolicyAttachment
from constructs import Construct

from modules.policy import Statement, document

ISSUER = "token.actions.githubusercontent.com"
AUDIENCE = "sts.amazonaws.com"
MAIN_BRANCH = "main"


class GithubOidc(Construct):
    """GitHub's OIDC provider and the roles a repository's workflows may take on, for an hour at a time."""

    def __init__(
        self,
        scope: Construct,
        id_: str,
        *,
        repository: str,
        project: str,
        account_id: str,
        provider: Literal["create", "existing"],
    ) -> None:
        super().__init__(scope, id_)
        self._repository = repository
        self._project = project
        self._roles = f"arn:aws:iam::{account_id}:role"
        self._account_id = account_id
        url = f"https://{ISSUER}"
        if provider == "create":
            self._provider_arn = IamOpenidConnectProvider(self, "Default", url=url, client_id_list=[AUDIENCE]).arn
        else:
            # Read and not imported: whoever destroys this stack must not destroy what other projects sign in by.
            self._provider_arn = DataAwsIamOpenidConnectProvider(self, "existing", url=url).arn

    def add_plan_role(self, *, region: str) -> str:
        """Return the ARN of the role that plans: it reads everything and changes nothing, not even a state lock.

        It is for pull requests, and for the main branch, from where GitHub runs the scheduled look for drift. A plan
        writes no state, so it needs no lock; who holds one is read by ReadOnlyAccess.
        """
        subjects = ["pull_request", f"ref:refs/heads/{MAIN_BRANCH}"]
        role = self._role("plan", f"{self._project}-github-plan", subjects, "ReadOnlyAccess")
        secrets = f"arn:aws:secretsmanager:{region}:{self._account_id}:secret:{self._project}-database-url-*"
        policy = document(
            # A refresh reads every resource, the secret's current version among them.
            Statement("RefreshSecretVersion", ["secretsmanager:GetSecretValue"], [secrets]),
            # An environment's key exists only later: it is told by what it decrypts, these secrets and nothing else.
            Statement(
                "DecryptSecretVersion",
                ["kms:Decrypt"],
                [f"arn:aws:kms:{region}:{self._account_id}:key/*"],
                conditions={
                    "StringEquals": {"kms:ViaService": f"secretsmanager.{region}.amazonaws.com"},
                    "StringLike": {"kms:EncryptionContext:SecretARN": secrets},
                },
            ),
        )
        IamRolePolicy(self, "plan_policy", name="plan", role=role.name, policy=policy)
        return role.arn

    def add_apply_role(self, environment: str, *, protected_arns: Sequence[str]) -> str:
        """Return the ARN of the role that a GitHub environment's jobs deploy with.

        Only jobs of the main branch may take it on. It cannot delete what the bootstrap stack owns, nor change any
        role that is not the environment's own.
        """
        name = f"{self._project}-github-apply-{environment}"
        # The subject names the environment and no branch. Source of the key: "Available keys for AWS OIDC federation",
        # IAM user guide; STS knows GitHub's claims since January 2026.
        branch = {f"{ISSUER}:ref": f"refs/heads/{MAIN_BRANCH}"}
        role = self._role(f"apply_{environment}", name, [f"environment:{environment}"], "PowerUserAccess", branch)
        own_roles = f"{self._roles}/{self._project}-*-{environment}"
        policy = document(
            Statement(
                "OwnRoles",
                [
                    "iam:CreateRole",
                    "iam:DeleteRole",
                    "iam:DeleteRolePolicy",
                    "iam:GetRole",
                    "iam:GetRolePolicy",
                    "iam:ListAttachedRolePolicies",
                    "iam:ListInstanceProfilesForRole",
                    "iam:ListRolePolicies",
                    "iam:PutRolePolicy",
                    "iam:TagRole",
                    "iam:UntagRole",
                    "iam:UpdateAssumeRolePolicy",
                    "iam:UpdateRole",
                    "iam:UpdateRoleDescription",
                ],
                [own_roles],
            ),
            Statement(
                "HandRolesToServices",
                ["iam:PassRole"],
                [own_roles],
                conditions={
                    "StringEquals": {
                        "iam:PassedToService": [
                            "backup.amazonaws.com",
                            "ecs-tasks.amazonaws.com",
                            "monitoring.rds.amazonaws.com",
                            "vpc-flow-logs.amazonaws.com",
                        ]
                    }
                },
            ),
            Statement("NotItself", ["iam:*"], [f"{self._roles}/{self._project}-github-*"], effect="Deny"),
            Statement(
                "KeepBootstrap",
                [
                    "dynamodb:DeleteTable",
                    "ecr:DeleteRepository",
                    "s3:DeleteBucket",
                    "s3:DeleteBucketPolicy",
                    "s3:DeleteObjectVersion",
                    "s3:PutBucketPolicy",
                    "s3:PutBucketVersioning",
                    "s3:PutLifecycleConfiguration",
                ],
                protected_arns,
                effect="Deny",
            ),
        )
        IamRolePolicy(self, f"apply_{environment}_policy", name="apply", role=role.name, policy=policy)
        return role.arn

    def _role(
        self,
        id_: str,
        name: str,
        subjects: Sequence[str],
        managed_policy: str,
        claims: Mapping[str, str] | None = None,
    ) -> IamRole:
        trust = Statement(
            "GitHub",
            ["sts:AssumeRoleWithWebIdentity"],
            principals={"Federated": self._provider_arn},
            conditions={
                "StringEquals": {
                    f"{ISSUER}:aud": AUDIENCE,
                    # Of a job with an environment, also in a reusable workflow, the subject names that environment.
                    f"{ISSUER}:sub": [f"repo:{self._repository}:{subject}" for subject in subjects],
                    **(claims or {}),
                }
            },
        )
        role = IamRole(
            self, id_, name=name, assume_role_policy=document(trust), max_session_duration=3600, tags={"Name": name}
        )
        IamRolePolicyAttachment(
            self, f"{id_}_managed", role=role.name, policy_arn=f"arn:aws:iam::aws:policy/{managed_policy}"
        )
        return role
