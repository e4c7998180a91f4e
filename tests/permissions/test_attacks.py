"""What the pipeline's roles are kept from: calls that AWS would deny, beside harmless ones that it allows."""

from __future__ import annotations

import dataclasses
from collections import Counter
from pathlib import Path

import pytest

from environments.settings import Settings, account
from stacks.bootstrap import BootstrapStack
from tests.permissions.judge import (
    ACCOUNT,
    LONGEST_INLINE,
    LONGEST_MANAGED,
    Call,
    Role,
    boundary,
    judge,
    resolved,
    role,
    tags,
)
from tests.support import Json, Output, synth_stack

HERE = f"us-east-1:{ACCOUNT}"
BOUNDARY = f"arn:aws:iam::{ACCOUNT}:policy/prodready-infra-boundary-{{}}"
URL = f"arn:aws:secretsmanager:{HERE}:secret:prodready-infra-database-url-{{}}-a1B2c3"
STATE = f"arn:aws:s3:::prodready-infra-terraform-state-{ACCOUNT}"
ANYTHING: Json = {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "*", "Resource": "*"}]}

# What an environment may do to its own and no other may, by name: the tags may be gone.
BY_NAME = (
    Call("rds:DeleteDBInstance", f"arn:aws:rds:{HERE}:db:prodready-infra-db-{{}}"),
    Call("rds:ModifyDBInstance", f"arn:aws:rds:{HERE}:db:prodready-infra-db-{{}}"),
    Call("rds:DeleteDBSnapshot", f"arn:aws:rds:{HERE}:snapshot:prodready-infra-db-{{}}-final-snapshot-2026-11-20-1000"),
    Call("secretsmanager:GetSecretValue", URL),
    Call("secretsmanager:DeleteSecret", URL),
    Call("dynamodb:Scan", f"arn:aws:dynamodb:{HERE}:table/prodready-infra-items-{{}}"),
    Call("dynamodb:Query", f"arn:aws:dynamodb:{HERE}:table/prodready-infra-items-{{}}/index/owner"),
    Call("dynamodb:DeleteTable", f"arn:aws:dynamodb:{HERE}:table/prodready-infra-items-{{}}"),
    Call("dynamodb:PutItem", f"arn:aws:dynamodb:{HERE}:table/terraform-state-lock-{{}}"),
    Call("s3:GetObject", f"{STATE}/prodready-infra/{{}}/terraform.tfstate"),
    Call("s3:PutObject", f"{STATE}/prodready-infra/{{}}/terraform.tfstate"),
    Call("s3:GetObject", f"{STATE}-replica/prodready-infra/{{}}/terraform.tfstate"),
    Call("s3:DeleteObject", f"arn:aws:s3:::prodready-infra-alb-logs-{{}}-{ACCOUNT}/log.gz"),
    Call("s3:DeleteObject", f"arn:aws:s3:::prodready-infra-flow-logs-{{}}-{ACCOUNT}/log.gz"),
    Call("s3:PutBucketPolicy", f"arn:aws:s3:::prodready-infra-flow-logs-{{}}-{ACCOUNT}"),
    Call("logs:DeleteLogGroup", f"arn:aws:logs:{HERE}:log-group:/ecs/prodready-infra-backend-{{}}"),
    Call("logs:GetLogEvents", f"arn:aws:logs:{HERE}:log-group:/ecs/prodready-infra-backend-{{}}:log-stream:s"),
    Call("logs:DeleteLogGroup", f"arn:aws:logs:{HERE}:log-group:/aws/rds/instance/prodready-infra-db-{{}}/postgresql"),
    Call("cloudwatch:DeleteDashboards", f"arn:aws:cloudwatch::{ACCOUNT}:dashboard/prodready-infra-{{}}"),
    Call("iam:PassRole", f"arn:aws:iam::{ACCOUNT}:role/prodready-infra-backend-task-role-{{}}",
         context={"iam:PassedToService": "ecs-tasks.amazonaws.com"}),
    Call("iam:UpdateAssumeRolePolicy", f"arn:aws:iam::{ACCOUNT}:role/prodready-infra-backend-task-role-{{}}"),
)  # fmt: skip
# And by tag, where an id is all that a call names.
BY_TAG = (
    Call("kms:ScheduleKeyDeletion", f"arn:aws:kms:{HERE}:key/1234abcd-12ab-34cd-56ef-1234567890ab"),
    Call("kms:PutKeyPolicy", f"arn:aws:kms:{HERE}:key/1234abcd-12ab-34cd-56ef-1234567890ab"),
    Call("kms:Decrypt", f"arn:aws:kms:{HERE}:key/1234abcd-12ab-34cd-56ef-1234567890ab"),
    Call("kms:UntagResource", f"arn:aws:kms:{HERE}:key/1234abcd-12ab-34cd-56ef-1234567890ab"),
    Call("rds:RestoreDBInstanceFromDBSnapshot", f"arn:aws:rds:{HERE}:snapshot:rds:nightly-2026-11-20"),
    Call("rds:RemoveTagsFromResource", f"arn:aws:rds:{HERE}:db:whatever-it-is-called"),
    Call("rds:DeleteEventSubscription", f"arn:aws:rds:{HERE}:es:a-subscription"),
    Call("ec2:DeleteVpc", f"arn:aws:ec2:{HERE}:vpc/vpc-1"),
    Call("ec2:AuthorizeSecurityGroupIngress", f"arn:aws:ec2:{HERE}:security-group/sg-1"),
    Call("ec2:ReplaceNetworkAclEntry", f"arn:aws:ec2:{HERE}:network-acl/acl-1"),
    Call("ec2:ModifyVpcEndpoint", f"arn:aws:ec2:{HERE}:vpc-endpoint/vpce-1"),
    Call("ec2:DeleteFlowLogs", f"arn:aws:ec2:{HERE}:vpc-flow-log/fl-1"),
    Call("ec2:RunInstances", f"arn:aws:ec2:{HERE}:subnet/subnet-1"),
    Call("ecs:UpdateService", f"arn:aws:ecs:{HERE}:service/a-cluster/a-service"),
    Call("ecs:ExecuteCommand", f"arn:aws:ecs:{HERE}:cluster/a-cluster"),
    Call("ecs:RunTask", f"arn:aws:ecs:{HERE}:task-definition/a-family:1"),
    Call(
        "application-autoscaling:DeregisterScalableTarget",
        f"arn:aws:application-autoscaling:{HERE}:scalable-target/0ec5",
    ),
    Call("elasticloadbalancing:DeleteLoadBalancer", f"arn:aws:elasticloadbalancing:{HERE}:loadbalancer/app/a/1"),
    Call("cognito-idp:DeleteUserPool", f"arn:aws:cognito-idp:{HERE}:userpool/us-east-1_abc"),
    Call("cognito-idp:AdminSetUserPassword", f"arn:aws:cognito-idp:{HERE}:userpool/us-east-1_abc"),
    Call("sns:SetTopicAttributes", f"arn:aws:sns:{HERE}:a-topic"),
    Call("cloudwatch:DeleteAlarms", f"arn:aws:cloudwatch:{HERE}:alarm:an-alarm"),
)
ENVIRONMENTS = ("staging", "production")


def other(environment: str) -> str:
    return ENVIRONMENTS[1 - ENVIRONMENTS.index(environment)]


def named(call: Call, environment: str) -> Call:
    return Call(call.action, call.resource.format(environment), {}, {}, call.context)


def tagged(call: Call, environment: str) -> Call:
    return Call(call.action, call.resource, tags(environment))


def denied(role: Role, calls: list[Call]) -> list[Call]:
    """Those of the calls that AWS would deny."""
    return [call for call, verdict in zip(calls, judge(role, calls), strict=True) if not verdict.allowed]


def allowed(role: Role, calls: list[Call]) -> list[Call]:
    refused = denied(role, calls)
    return [call for call in calls if call not in refused]


@pytest.fixture
def bootstrap(stacks: dict[str, Output]) -> Output:
    return stacks["bootstrap"]


@pytest.mark.parametrize("environment", ENVIRONMENTS)
def test_an_apply_role_does_to_its_own_environment_what_it_cannot_do_to_another(
    environment: str, bootstrap: Output
) -> None:
    apply = role(bootstrap, f"github_apply_{environment}")
    own = [named(call, environment) for call in BY_NAME if "-replica" not in call.resource]
    assert denied(apply, own + [tagged(call, environment) for call in BY_TAG]) == []
    others = [named(call, other(environment)) for call in BY_NAME]
    assert allowed(apply, others + [tagged(call, other(environment)) for call in BY_TAG]) == []


def test_an_apply_role_tags_nothing_as_another_environments(bootstrap: Output) -> None:
    apply = role(bootstrap, "github_apply_staging")
    database = f"arn:aws:rds:{HERE}:db:prodready-infra-db-staging"
    call = Call("rds:AddTagsToResource", database, tags("staging"), tags("staging"))
    assert denied(apply, [call]) == []
    foreign = Call("rds:AddTagsToResource", database, tags("staging"), tags("production"))
    assert allowed(apply, [foreign]) == []


@pytest.mark.parametrize("environment", ENVIRONMENTS)
def test_an_apply_role_makes_roles_of_its_environment_with_its_boundary_only(
    environment: str, bootstrap: Output
) -> None:
    apply = role(bootstrap, f"github_apply_{environment}")
    own = f"arn:aws:iam::{ACCOUNT}:role/prodready-infra-new-{environment}"
    actions = ("iam:CreateRole", "iam:PutRolePolicy", "iam:PutRolePermissionsBoundary")
    within = {"iam:PermissionsBoundary": BOUNDARY.format(environment)}
    assert denied(apply, [Call(action, own, context=within) for action in actions]) == []
    for wrong in ({}, {"iam:PermissionsBoundary": BOUNDARY.format(other(environment))}):
        assert allowed(apply, [Call(action, own, context=wrong) for action in actions]) == []


def test_an_apply_role_cannot_become_administrator(bootstrap: Output) -> None:
    apply = role(bootstrap, "github_apply_staging")
    within = {"iam:PermissionsBoundary": BOUNDARY.format("staging")}
    roles, own = f"arn:aws:iam::{ACCOUNT}:role", f"arn:aws:iam::{ACCOUNT}:role/prodready-infra-new-staging"
    administrator = "arn:aws:iam::aws:policy/AdministratorAccess"
    calls = [
        Call("iam:AttachRolePolicy", own, context={"iam:PolicyARN": administrator}),
        Call("iam:AttachRolePolicy", own, context={**within, "iam:PolicyARN": administrator}),
        Call("iam:DeleteRolePermissionsBoundary", own, context=within),
        Call("sts:AssumeRole", own),
        Call("sts:AssumeRole", f"{roles}/OrganizationAccountAccessRole"),
        Call("sts:AssumeRoot", f"arn:aws:iam::{ACCOUNT}:root"),
        Call(
            "iam:CreateServiceLinkedRole",
            f"{roles}/aws-service-role/sso.amazonaws.com/AWSServiceRoleForSSO",
            context={"iam:AWSServiceName": "sso.amazonaws.com"},
        ),
        Call("iam:PassRole", f"{roles}/an-administrator", context={"iam:PassedToService": "ecs-tasks.amazonaws.com"}),
        Call("iam:PassRole", own, context={"iam:PassedToService": "ec2.amazonaws.com"}),
        Call("iam:CreatePolicyVersion", BOUNDARY.format("staging")),
        Call("iam:SetDefaultPolicyVersion", BOUNDARY.format("staging")),
        Call("iam:CreateUser", f"arn:aws:iam::{ACCOUNT}:user/new"),
        *(
            Call(action, f"{roles}/prodready-infra-github-{which}", context=within)
            for which in ("apply-staging", "apply-production", "plan-staging", "drift-staging")
            for action in ("iam:PutRolePolicy", "iam:UpdateAssumeRolePolicy", "iam:DeleteRole")
        ),
    ]
    assert allowed(apply, calls) == []


@pytest.mark.parametrize("environment", ENVIRONMENTS)
def test_a_role_that_an_apply_role_made_can_do_no_more_than_its_boundary(environment: str, bootstrap: Output) -> None:
    made = Role([ANYTHING], boundary(bootstrap, environment))
    secret = URL.format(environment)
    assert denied(made, [Call("secretsmanager:GetSecretValue", secret, tags(environment))]) == []
    roles = f"arn:aws:iam::{ACCOUNT}:role"
    calls = [
        Call("iam:CreateUser", f"arn:aws:iam::{ACCOUNT}:user/new"),
        Call("iam:PutRolePolicy", f"{roles}/prodready-infra-new-{environment}"),
        Call("iam:PassRole", f"{roles}/an-administrator", context={"iam:PassedToService": "ecs-tasks.amazonaws.com"}),
        Call("sts:AssumeRole", f"{roles}/an-administrator"),
        Call("s3:GetObject", f"{STATE}/prodready-infra/{environment}/terraform.tfstate"),
        Call("dynamodb:PutItem", f"arn:aws:dynamodb:{HERE}:table/terraform-state-lock-{environment}"),
        *(named(call, other(environment)) for call in BY_NAME),
        *(tagged(call, other(environment)) for call in BY_TAG),
    ]
    assert allowed(made, calls) == []


def test_an_apply_role_cannot_take_down_what_the_bootstrap_stack_owns(bootstrap: Output) -> None:
    apply = role(bootstrap, "github_apply_staging")
    state, shared = f"{STATE}/prodready-infra/staging/terraform.tfstate", tags("shared")
    repository = f"arn:aws:ecr:{HERE}:repository/prodready-infra-api"
    calls = [
        Call("s3:DeleteBucket", STATE),
        Call("s3:PutBucketPolicy", STATE),
        Call("s3:PutBucketVersioning", STATE),
        Call("s3:PutEncryptionConfiguration", STATE),
        Call("s3:PutReplicationConfiguration", STATE),
        Call("s3:DeleteObjectVersion", state),
        Call("s3:CreateAccessPoint", f"arn:aws:s3:us-east-1:{ACCOUNT}:accesspoint/way-round"),
        Call("s3:GetObject", f"{STATE}/prodready-infra/bootstrap/terraform.tfstate"),
        Call("dynamodb:DeleteTable", f"arn:aws:dynamodb:{HERE}:table/terraform-state-lock-staging", shared),
        # It would take the table's deletion protection away.
        Call("dynamodb:UpdateTable", f"arn:aws:dynamodb:{HERE}:table/terraform-state-lock-staging", shared),
        Call("ecr:DeleteRepository", repository, shared),
        Call("ecr:PutImageTagMutability", repository, shared),
        Call("ecr:PutLifecyclePolicy", repository, shared),
        Call("ecr:DeleteLifecyclePolicy", repository, shared),
        Call(
            "iam:DeleteServiceLinkedRole",
            f"arn:aws:iam::{ACCOUNT}:role/aws-service-role/rds.amazonaws.com/AWSServiceRoleForRDS",
        ),
    ]
    assert allowed(apply, calls) == []
    assert denied(apply, [Call("ecr:PutImage", repository, shared), Call("s3:ListBucket", STATE)]) == []


@pytest.mark.parametrize("environment", ENVIRONMENTS)
def test_a_pull_request_reads_its_state_and_neither_a_secret_nor_what_people_stored(
    environment: str, bootstrap: Output
) -> None:
    plan = role(bootstrap, f"github_plan_{environment}")
    items, lock = f"table/prodready-infra-items-{environment}", f"table/terraform-state-lock-{environment}"
    pool, key = "userpool/us-east-1_abc", "key/1234abcd-12ab-34cd-56ef-1234567890ab"
    group = f"log-group:/ecs/prodready-infra-backend-{environment}"
    reads = [
        Call("s3:GetObject", f"{STATE}/prodready-infra/{environment}/terraform.tfstate"),
        Call("dynamodb:GetItem", f"arn:aws:dynamodb:{HERE}:{lock}"),
        Call("dynamodb:DescribeTable", f"arn:aws:dynamodb:{HERE}:{items}"),
        Call("rds:DescribeDBInstances", f"arn:aws:rds:{HERE}:db:prodready-infra-db-{environment}"),
        Call("ecs:DescribeServices", f"arn:aws:ecs:{HERE}:service/a-cluster/a-service"),
    ]
    assert denied(plan, reads) == []
    secrets = [
        Call(action, URL.format(each))
        for each in ENVIRONMENTS
        for action in ("secretsmanager:GetSecretValue", "secretsmanager:PutSecretValue")
    ]
    calls = [
        *secrets,
        Call("secretsmanager:BatchGetSecretValue", "*"),
        Call("ssm:GetParameter", f"arn:aws:ssm:{HERE}:parameter/a"),
        Call("kms:Decrypt", f"arn:aws:kms:{HERE}:{key}", tags(environment)),
        *(Call(f"dynamodb:{action}", f"arn:aws:dynamodb:{HERE}:{items}") for action in ("GetItem", "Query", "Scan")),
        Call("dynamodb:PutItem", f"arn:aws:dynamodb:{HERE}:{lock}"),
        Call("s3:GetObject", f"{STATE}/prodready-infra/{other(environment)}/terraform.tfstate"),
        Call("s3:GetObject", f"arn:aws:s3:::prodready-infra-alb-logs-{environment}-{ACCOUNT}/log.gz"),
        Call("s3:PutObject", f"{STATE}/prodready-infra/{environment}/terraform.tfstate"),
        Call("cognito-idp:ListUsers", f"arn:aws:cognito-idp:{HERE}:{pool}"),
        Call("cognito-idp:AdminGetUser", f"arn:aws:cognito-idp:{HERE}:{pool}"),
        Call("cognito-idp:AdminListUserAuthEvents", f"arn:aws:cognito-idp:{HERE}:{pool}"),
        Call("rds:DownloadDBLogFilePortion", f"arn:aws:rds:{HERE}:db:prodready-infra-db-{environment}"),
        Call("logs:FilterLogEvents", f"arn:aws:logs:{HERE}:{group}"),
        Call("logs:GetLogEvents", f"arn:aws:logs:{HERE}:{group}:log-stream:s"),
        Call("rds:DeleteDBInstance", f"arn:aws:rds:{HERE}:db:prodready-infra-db-{environment}"),
        Call("sts:AssumeRole", f"arn:aws:iam::{ACCOUNT}:role/prodready-infra-github-apply-{environment}"),
    ]
    assert allowed(plan, calls) == []


@pytest.mark.parametrize("environment", ENVIRONMENTS)
def test_drift_reads_the_url_of_its_own_environment_alone(environment: str, bootstrap: Output) -> None:
    """Not judged here: that it decrypts these secrets alone. The judge knows no key of an encryption context."""
    drift = role(bootstrap, f"github_drift_{environment}")
    own, foreign = (
        Call("secretsmanager:GetSecretValue", URL.format(each)) for each in (environment, other(environment))
    )
    assert denied(drift, [own]) == []
    key = Call("kms:Decrypt", f"arn:aws:kms:{HERE}:key/1234abcd-12ab-34cd-56ef-1234567890ab", tags(environment))
    lock = f"arn:aws:dynamodb:{HERE}:table/terraform-state-lock-{environment}"
    calls = [
        foreign,
        key,
        Call("secretsmanager:BatchGetSecretValue", "*"),
        Call("s3:GetObject", f"{STATE}/prodready-infra/{other(environment)}/terraform.tfstate"),
        Call("s3:PutObject", f"{STATE}/prodready-infra/{environment}/terraform.tfstate"),
        Call("dynamodb:Scan", f"arn:aws:dynamodb:{HERE}:table/prodready-infra-items-{environment}"),
        Call("dynamodb:PutItem", lock),
        Call("dynamodb:DeleteItem", lock),
        Call("cognito-idp:ListUsers", f"arn:aws:cognito-idp:{HERE}:userpool/us-east-1_abc"),
        Call("logs:FilterLogEvents", f"arn:aws:logs:{HERE}:log-group:/ecs/prodready-infra-backend-{environment}"),
    ]
    assert allowed(drift, calls) == []


@pytest.mark.parametrize("environment", ENVIRONMENTS)
def test_the_secret_that_rds_made_of_a_database_is_its_own_environments(
    environment: str, settings: dict[str, Settings], tmp_path: Path
) -> None:
    """It has neither the environment's name nor its tags, but one of RDS's that names the database."""
    both = [dataclasses.replace(settings[each], db_password_owner="rds") for each in ENVIRONMENTS]
    stack = synth_stack(tmp_path, lambda app: BootstrapStack(app, "bootstrap", account(both)))
    apply = role(stack, f"github_apply_{environment}")
    own, foreign = (
        Call(
            "secretsmanager:GetSecretValue",
            f"arn:aws:secretsmanager:{HERE}:secret:rds!db-07258603-9ae8-4012-afa8-ab96d6128591-a1B2c3",
            {"aws:rds:primaryDBInstanceArn": f"arn:aws:rds:{HERE}:db:prodready-infra-db-{each}"},
        )
        for each in (environment, other(environment))
    )
    assert denied(apply, [own]) == []
    assert allowed(apply, [foreign]) == []


def test_policies_of_six_environments_are_as_short_as_iam_asks(settings: dict[str, Settings], tmp_path: Path) -> None:
    shipped = settings["production"]
    six = [
        dataclasses.replace(shipped, environment=name)
        for name in ("production", *(f"environment{i}" for i in range(5)))
    ]
    bootstrap = synth_stack(tmp_path, lambda app: BootstrapStack(app, "bootstrap", account(six)))

    def length(policy: str) -> int:
        return len("".join(resolved(bootstrap, policy).split()))

    inline: Counter[str] = Counter()
    for each in bootstrap.all("aws_iam_role_policy").values():
        inline[each["role"]] += length(each["policy"])
    assert max(inline.values()) <= LONGEST_INLINE
    assert max(length(each["policy"]) for each in bootstrap.all("aws_iam_policy").values()) <= LONGEST_MANAGED
