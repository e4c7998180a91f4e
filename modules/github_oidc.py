"""What GitHub Actions may do in the account: no keys, and for each environment a role to plan, one to look for drift
and one to apply."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Literal

from cdktf_cdktf_provider_aws.data_aws_iam_openid_connect_provider import DataAwsIamOpenidConnectProvider
from cdktf_cdktf_provider_aws.iam_openid_connect_provider import IamOpenidConnectProvider
from cdktf_cdktf_provider_aws.iam_role import IamRole
from cdktf_cdktf_provider_aws.iam_role_policy import IamRolePolicy
from cdktf_cdktf_provider_aws.iam_role_policy_attachment import IamRolePolicyAttachment
from constructs import Construct

from modules.boundary import Confines
from modules.policy import Statement, document

ISSUER = "token.actions.githubusercontent.com"
AUDIENCE = "sts.amazonaws.com"
MAIN_BRANCH = "main"
SERVICE_LINKED = (
    "backup.amazonaws.com",
    "ecs.amazonaws.com",
    "ecs.application-autoscaling.amazonaws.com",
    "elasticloadbalancing.amazonaws.com",
    "email.cognito-idp.amazonaws.com",
    "rds.amazonaws.com",
)
"""Services whose service-linked role the platform needs. Source: "Using service-linked roles" in the guide of each."""
SECRET_READS = (
    "secretsmanager:BatchGetSecretValue",
    "secretsmanager:GetSecretValue",
    "ssm:GetParameter",
    "ssm:GetParameterHistory",
    "ssm:GetParameters",
    "ssm:GetParametersByPath",
)

MAKE_PASSWORD = Statement("MakePassword", ["secretsmanager:GetRandomPassword"], ["*"])
"""Each plan makes the ephemeral password of the application's login. The action takes no resource: "Actions defined by
AWS Secrets Manager", service authorization reference."""


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

    def add_plan_role(self, environment: str, *, state_arn: str, lock_table_arn: str) -> str:
        """Return the ARN of the role that plans an environment for pull requests: it changes nothing.

        A pull request's code runs with it before anybody has read that code, so it reads how the account is set up, the
        environment's state, and neither a secret nor what people have stored. Its plans do not refresh:
        the provider's aws_secretsmanager_secret_version reads the secret's value in each (`resourceSecretVersionRead`).
        """
        role = self._reader("plan", environment, "pull_request")
        policy = document(
            MAKE_PASSWORD,
            Statement("NoSecrets", SECRET_READS, ["*"], effect="Deny"),
            *_no_data(state_arn, lock_table_arn),
        )
        IamRolePolicy(self, f"plan_{environment}_policy", name="plan", role=role.name, policy=policy)
        return role.arn

    def add_drift_role(self, environment: str, *, region: str, state_arn: str, lock_table_arn: str) -> str:
        """Return the ARN of the role with which main plans what is to be approved and looks for drift.

        It changes nothing, not even a state lock: a plan writes no state, so it needs none, and who holds one is read
        by ReadOnlyAccess. A refresh reads every resource, the current version of the environment's secrets among them.
        """
        # Secrets Manager adds a hyphen and six characters to a name.
        secrets = f"arn:aws:secretsmanager:{region}:{self._account_id}:secret:{self._project}-*-{environment}-??????"
        role = self._reader("drift", environment, f"ref:refs/heads/{MAIN_BRANCH}")
        policy = document(
            Statement("RefreshSecretVersion", ["secretsmanager:GetSecretValue"], [secrets]),
            MAKE_PASSWORD,
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
            Statement("NoOtherSecrets", SECRET_READS, effect="Deny", not_resources=[secrets]),
            *_no_data(state_arn, lock_table_arn),
        )
        IamRolePolicy(self, f"drift_{environment}_policy", name="drift", role=role.name, policy=policy)
        return role.arn

    def _reader(self, what: str, environment: str, subject: str) -> IamRole:
        name = f"{self._project}-github-{what}-{environment}"
        return self._role(f"{what}_{environment}", name, [subject], "ReadOnlyAccess")

    def add_apply_role(
        self, confines: Confines, *, boundary_arn: str, protected_arns: Sequence[str], foreign_arns: Sequence[str]
    ) -> str:
        """Return the ARN of the role that a GitHub environment's jobs deploy with.

        Only jobs of the main branch may take it on. It cannot delete what the bootstrap stack owns, nor touch another
        environment or its state, nor change any role that is not the environment's own, nor make one that could do
        more: each has the environment's boundary. `foreign_arns` are the states and lock tables of the other stacks.
        """
        environment = confines.environment
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
                    "iam:PutRolePermissionsBoundary",
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
            # IAM user guide, "Permissions boundaries for IAM entities", delegating responsibility to others.
            Statement(
                "RolesHaveTheBoundary",
                [
                    "iam:AttachRolePolicy",
                    "iam:CreateRole",
                    "iam:PutRolePermissionsBoundary",
                    "iam:PutRolePolicy",
                ],
                ["*"],
                effect="Deny",
                conditions={"StringNotEquals": {"iam:PermissionsBoundary": boundary_arn}},
            ),
            Statement("RolesKeepTheBoundary", ["iam:DeleteRolePermissionsBoundary"], ["*"], effect="Deny"),
            # PowerUserAccess allows it, and a role of the account may trust whoever its policies let assume it.
            Statement("NoOtherRole", ["sts:AssumeRole", "sts:AssumeRoot"], ["*"], effect="Deny"),
            # PowerUserAccess allows to make any. ECS and RDS ask for theirs again where an account has lost them, and
            # Cognito for one where SES writes to users.
            Statement(
                "NoOtherServiceLinkedRole",
                ["iam:CreateServiceLinkedRole"],
                ["*"],
                effect="Deny",
                conditions={"StringNotEquals": {"iam:AWSServiceName": SERVICE_LINKED}},
            ),
            Statement("ServiceLinkedRolesStay", ["iam:DeleteServiceLinkedRole"], ["*"], effect="Deny"),
            Statement("NotItself", ["iam:*"], [f"{self._roles}/{self._project}-github-*"], effect="Deny"),
            Statement(
                "KeepBootstrap",
                [
                    "dynamodb:DeleteTable",
                    "dynamodb:UpdateTable",
                    # What other environments run is spared by the repository's lifecycle.
                    "ecr:DeleteLifecyclePolicy",
                    "ecr:DeleteRepository",
                    "ecr:DeleteRepositoryPolicy",
                    "ecr:PutImageTagMutability",
                    "ecr:PutLifecyclePolicy",
                    "ecr:SetRepositoryPolicy",
                    "s3:DeleteBucket*",
                    "s3:DeleteObjectVersion",
                    "s3:PutBucket*",
                    "s3:PutEncryptionConfiguration",
                    "s3:PutLifecycleConfiguration",
                    "s3:PutReplicationConfiguration",
                ],
                protected_arns,
                effect="Deny",
            ),
        )
        IamRolePolicy(self, f"apply_{environment}_policy", name="apply", role=role.name, policy=policy)
        IamRolePolicy(
            self,
            f"apply_{environment}_confines",
            name="confines",
            role=role.name,
            policy=document(
                Statement("OthersStates", ["*"], foreign_arns, effect="Deny"),
                *confines.to_itself(),
            ),
        )
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


def _no_data(state_arn: str, lock_table_arn: str) -> list[Statement]:
    """Deny what ReadOnlyAccess reads of people's data: items, users, logs, objects. A state is one, and its digest."""
    return [
        Statement(
            "NoItems",
            [
                "dynamodb:BatchGetItem",
                "dynamodb:GetItem",
                "dynamodb:GetRecords",
                "dynamodb:PartiQLSelect",
                "dynamodb:Query",
                "dynamodb:ReadDataForReplication",
                "dynamodb:Scan",
                "dynamodb:SearchVectors",
            ],
            effect="Deny",
            not_resources=[lock_table_arn],
        ),
        Statement("NoObjects", ["s3:GetObject*"], effect="Deny", not_resources=[state_arn]),
        Statement(
            "NoUsersAndLogs",
            [
                "cognito-idp:AdminGet*",
                "cognito-idp:AdminList*",
                "cognito-idp:ListUsers*",
                "logs:FilterLogEvents",
                "logs:GetLog*",
                "logs:GetQueryResults",
                "logs:StartLiveTail",
                "logs:StartQuery",
                "rds:Download*",
            ],
            ["*"],
            effect="Deny",
        ),
    ]
