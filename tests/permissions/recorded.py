"""The calls that the permissions are judged on, and the IAM action of a call.

calls.json has what stock Terraform was seen to call for an environment's stack on the embedded AWS: init, plan, apply,
changes of settings and destroy. It is kept by hand, one action a line, and cannot fall behind: the lanes that apply
(`tests/apply/test_apply.py`, `tests/apply/test_changes.py`) compare it with what the embedded AWS was asked for
and name what is missing. The bootstrap stack's own calls are an administrator's and not in it.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from pathlib import Path

from environments.settings import BOOTSTRAP
from ops.core.emulator_record import Record
from rehearsal.aws import calls
from rehearsal.aws.calls import Call

RECORDED: list[str] = json.loads((Path(__file__).parent / "calls.json").read_text(encoding="utf-8"))

# What no lane applies: changes in place of what the platform has, by the update functions of the provider's resources.
UPDATES = (
    "application-autoscaling:TagResource",
    "application-autoscaling:UntagResource",
    "backup:DeleteRecoveryPoint",
    "backup:ListRecoveryPointsByBackupVault",
    "backup:TagResource",
    "backup:UntagResource",
    "backup:UpdateBackupPlan",
    # What making a vault needs besides: "Access control", AWS Backup developer guide.
    "backup-storage:MountCapsule",
    "cloudwatch:TagResource",
    "cloudwatch:UntagResource",
    "cognito-idp:TagResource",
    "cognito-idp:UntagResource",
    "cognito-idp:UpdateGroup",
    "cognito-idp:UpdateUserPool",
    "cognito-idp:UpdateUserPoolClient",
    "dynamodb:TagResource",
    "dynamodb:UntagResource",
    "dynamodb:UpdateTable",
    "ec2:DeleteTags",
    "ec2:ModifySecurityGroupRules",
    "ec2:ModifyVpcEndpoint",
    "ec2:ReplaceNetworkAclAssociation",
    "ec2:ReplaceRoute",
    "ecs:DeregisterTaskDefinition",
    "ecs:TagResource",
    "ecs:UntagResource",
    "ecs:UpdateCluster",
    "elasticloadbalancing:AddTags",
    "elasticloadbalancing:ModifyListener",
    "elasticloadbalancing:ModifyListenerAttributes",
    "elasticloadbalancing:ModifyRule",
    "elasticloadbalancing:ModifyTargetGroup",
    "elasticloadbalancing:RemoveTags",
    "elasticloadbalancing:SetSecurityGroups",
    "elasticloadbalancing:SetSubnets",
    "iam:PutRolePermissionsBoundary",
    "iam:TagRole",
    "iam:UntagRole",
    "iam:UpdateAssumeRolePolicy",
    "iam:UpdateRole",
    "kms:PutKeyPolicy",
    "kms:TagResource",
    "kms:UntagResource",
    "kms:UpdateAlias",
    "kms:UpdateKeyDescription",
    "logs:AssociateKmsKey",
    "logs:DisassociateKmsKey",
    "logs:TagResource",
    "logs:UntagResource",
    "rds:AddSourceIdentifierToSubscription",
    "rds:AddTagsToResource",
    "rds:ModifyDBSubnetGroup",
    "rds:ModifyEventSubscription",
    "rds:RemoveSourceIdentifierFromSubscription",
    "rds:RemoveTagsFromResource",
    "rds:ResetDBParameterGroup",
    "s3:DeleteObject",
    "s3:DeleteObjectVersion",
    "s3:ListBucketVersions",
    "secretsmanager:TagResource",
    "secretsmanager:UntagResource",
    "secretsmanager:UpdateSecret",
    "secretsmanager:UpdateSecretVersionStage",
    "sns:GetSubscriptionAttributes",
    "sns:Subscribe",
    "sns:TagResource",
    "sns:Unsubscribe",
    "sns:UntagResource",
)

# Source of both: the Service Authorization Reference. Where it says nothing else an action is called as its operation.
PREFIXES = {"elbv2": "elasticloadbalancing", "service-quotas": "servicequotas"}
ACTIONS = {
    "s3:DeleteBucketEncryption": "s3:PutEncryptionConfiguration",
    "s3:DeleteBucketLifecycle": "s3:PutLifecycleConfiguration",
    "s3:DeleteBucketOwnershipControls": "s3:PutBucketOwnershipControls",
    "s3:DeleteBucketReplication": "s3:PutReplicationConfiguration",
    "s3:DeleteObjects": "s3:DeleteObject",
    "s3:DeletePublicAccessBlock": "s3:PutBucketPublicAccessBlock",
    "s3:GetBucketAccelerateConfiguration": "s3:GetAccelerateConfiguration",
    "s3:GetBucketCors": "s3:GetBucketCORS",
    "s3:GetBucketEncryption": "s3:GetEncryptionConfiguration",
    "s3:GetBucketLifecycleConfiguration": "s3:GetLifecycleConfiguration",
    "s3:GetBucketNotificationConfiguration": "s3:GetBucketNotification",
    "s3:GetBucketReplication": "s3:GetReplicationConfiguration",
    "s3:GetObjectLockConfiguration": "s3:GetBucketObjectLockConfiguration",
    "s3:GetPublicAccessBlock": "s3:GetBucketPublicAccessBlock",
    "s3:HeadBucket": "s3:ListBucket",
    "s3:HeadObject": "s3:GetObject",
    "s3:ListObjectVersions": "s3:ListBucketVersions",
    "s3:ListObjects": "s3:ListBucket",
    "s3:ListObjectsV2": "s3:ListBucket",
    "s3:PutBucketEncryption": "s3:PutEncryptionConfiguration",
    "s3:PutBucketLifecycleConfiguration": "s3:PutLifecycleConfiguration",
    "s3:PutBucketNotificationConfiguration": "s3:PutBucketNotification",
    "s3:PutBucketReplication": "s3:PutReplicationConfiguration",
    "s3:PutPublicAccessBlock": "s3:PutBucketPublicAccessBlock",
}
# The backend's, judged on the state and its lock table themselves.
ON_STATE = {"dynamodb:DeleteItem", "dynamodb:GetItem", "dynamodb:PutItem", "s3:GetObject", "s3:PutObject"}


def unjudged(record: Record) -> list[str]:
    """Actions that Terraform was seen to need for an environment, and that no role is judged on."""
    asked = [each for each in calls.read(record.url) if each.name != BOOTSTRAP]
    assert asked, "nothing was called in Terraform's name"
    return sorted(actions(asked) - ON_STATE - {*RECORDED, *UPDATES})


def actions(asked: Iterable[Call]) -> set[str]:
    """What a caller has to be allowed."""
    named = {f"{PREFIXES.get(each.service, each.service)}:{each.operation}" for each in asked}
    return {ACTIONS.get(name, name) for name in named}
