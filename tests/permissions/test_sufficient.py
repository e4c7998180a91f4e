"""The pipeline's roles may do all that stock Terraform and the pipeline's commands call in a stack's life.

Terraform's calls are in `tests/permissions/recorded.py`, which says how they are renewed; here are the others. Each is
judged on a resource of the environment with its tags. Not judged: calls that a service makes on Terraform's behalf,
other than handing it a role.
"""

from __future__ import annotations

import pytest

from modules.github_oidc import SERVICE_LINKED
from ops.state import service_linked_roles
from tests.permissions.judge import ACCOUNT, PROJECT, Call, judge, role, tags
from tests.permissions.recorded import RECORDED, UPDATES
from tests.support import Output

READS = ("Describe", "Get", "List")
HERE = f"us-east-1:{ACCOUNT}"

# "Publish flow logs to Amazon S3" in the VPC user guide: what it asks of who makes one, beside ec2:CreateFlowLogs.
FLOW_LOGS_IN_S3 = ("logs:CreateLogDelivery", "logs:DeleteLogDelivery")
# What `ops` asks of Amazon ECR in a deployment, and `docker push` after its login: "IAM permissions for pushing an
# image" in the Amazon ECR user guide. To move a tag takes the right to delete an image.
ON_IMAGES = (
    "ecr:BatchCheckLayerAvailability",
    "ecr:BatchDeleteImage",
    "ecr:BatchGetImage",
    "ecr:CompleteLayerUpload",
    "ecr:DescribeImages",
    "ecr:DescribeImageScanFindings",
    "ecr:GetDownloadUrlForLayer",
    "ecr:InitiateLayerUpload",
    "ecr:PutImage",
    "ecr:UploadLayerPart",
)
# What else it asks for to plan (`ops lock`, `ops images`, `ops build --no-build`), and to deploy.
TO_PLAN = ("ecs:DescribeServices", "ecs:DescribeTaskDefinition")
# And `ops check`, before a pull request's plan.
TO_CHECK = ("dynamodb:DescribeTable", "ec2:DescribeVpcs", "s3:ListBucket", "s3:ListBucketVersions")
TO_DEPLOY = (*TO_PLAN, "ecs:DescribeTasks", "ecs:ListTasks", "ecs:RegisterTaskDefinition", "ecs:UpdateService")


def call(action: str, environment: str) -> Call:
    """The call on something of the environment, of whatever type the action takes."""
    context = {"iam:PermissionsBoundary": f"arn:aws:iam::{ACCOUNT}:policy/{PROJECT}-boundary-{environment}"}
    gives = tags(environment)
    return Call(action, f"{PROJECT}-x-{environment}", tags(environment), gives, context if "iam:" in action else {})


def on_state(environment: str, *, writes: bool) -> list[Call]:
    """What the backend calls, "S3 Bucket Permissions" and "DynamoDB Table Permissions" of Terraform's S3 backend."""
    bucket = f"arn:aws:s3:::{PROJECT}-terraform-state-{ACCOUNT}"
    state, lock = f"{bucket}/{PROJECT}/{environment}/terraform.tfstate", f"table/terraform-state-lock-{environment}"
    table = f"arn:aws:dynamodb:{HERE}:{lock}"
    found = [Call("s3:ListBucket", bucket), Call("s3:GetObject", state), Call("dynamodb:GetItem", table)]
    if writes:
        found += [Call("s3:PutObject", state), Call("dynamodb:PutItem", table), Call("dynamodb:DeleteItem", table)]
    return found


def on_repository(action: str) -> Call:
    return Call(action, f"arn:aws:ecr:{HERE}:repository/prodready-infra-api", tags("shared"))


def refused(bootstrap: Output, name: str, calls: list[Call]) -> list[str]:
    verdicts = judge(role(bootstrap, name), calls)
    return [
        f"{call.action}: {verdict.result}" for call, verdict in zip(calls, verdicts, strict=True) if not verdict.allowed
    ]


def test_the_calls_are_those_of_a_whole_life() -> None:
    assert sorted({*RECORDED}) == RECORDED
    assert {
        "ec2:CreateNetworkAclEntry",
        "iam:DeleteRole",
        "rds:CreateDBInstance",
        "rds:CreateEventSubscription",
        "rds:DeleteDBInstance",
        "rds:DeleteEventSubscription",
        "secretsmanager:GetSecretValue",
    } <= {*RECORDED}


@pytest.mark.parametrize("environment", ["staging", "production"])
def test_an_apply_role_may_do_all_of_its_environments_life(environment: str, stacks: dict[str, Output]) -> None:
    handed = f"arn:aws:iam::{ACCOUNT}:role/{PROJECT}-x-{environment}"
    services = ("ecs-tasks", "monitoring.rds", "vpc-flow-logs")
    calls = [
        *(call(action, environment) for action in [*RECORDED, *UPDATES]),
        *(Call(action, "*") for action in FLOW_LOGS_IN_S3),
        *(Call("iam:PassRole", handed, context={"iam:PassedToService": f"{each}.amazonaws.com"}) for each in services),
        *on_state(environment, writes=True),
    ]
    assert refused(stacks["bootstrap"], f"github_apply_{environment}", calls) == []


@pytest.mark.parametrize("environment", ["staging", "production"])
def test_an_apply_role_may_do_all_of_a_deployment(environment: str, stacks: dict[str, Output]) -> None:
    group = f"arn:aws:logs:{HERE}:log-group:/ecs/{PROJECT}-backend-{environment}:log-stream:s"
    calls = [
        Call("ecr:GetAuthorizationToken", "*"),
        *(on_repository(action) for action in ON_IMAGES),
        *(call(action, environment) for action in TO_DEPLOY),
        Call("logs:GetLogEvents", group, tags(environment)),
    ]
    assert refused(stacks["bootstrap"], f"github_apply_{environment}", calls) == []


def test_an_apply_role_may_have_the_service_linked_roles_made_that_the_platform_needs(
    stacks: dict[str, Output],
) -> None:
    """Bootstrap makes all but Cognito's, which is needed only where SES writes to users."""
    assert {*SERVICE_LINKED} == {*service_linked_roles.SERVICES, "email.cognito-idp.amazonaws.com"}
    roles = f"arn:aws:iam::{ACCOUNT}:role/aws-service-role"
    calls = [
        Call("iam:CreateServiceLinkedRole", f"{roles}/{each}/AWSServiceRoleForX", context={"iam:AWSServiceName": each})
        for each in SERVICE_LINKED
    ]
    assert refused(stacks["bootstrap"], "github_apply_staging", calls) == []


@pytest.mark.parametrize("environment", ["staging", "production"])
def test_the_drift_role_may_refresh_its_environment(environment: str, stacks: dict[str, Output]) -> None:
    """And find the images of the plan that waits for an approval. It takes no lock."""
    reads = [action for action in RECORDED if action.partition(":")[2].startswith(READS)]
    calls = [
        *(call(action, environment) for action in [*reads, *TO_PLAN]),
        on_repository("ecr:DescribeImages"),
        *on_state(environment, writes=False),
    ]
    assert refused(stacks["bootstrap"], f"github_drift_{environment}", calls) == []


@pytest.mark.parametrize("environment", ["staging", "production"])
def test_the_plan_role_may_read_its_state_for_a_plan_without_refresh(
    environment: str, stacks: dict[str, Output]
) -> None:
    """Terraform makes the backend's calls, and asks who it is, which needs no permission."""
    calls = [
        *on_state(environment, writes=False),
        *(call(action, environment) for action in [*TO_PLAN, *TO_CHECK]),
        on_repository("ecr:DescribeImages"),
        Call("servicequotas:GetServiceQuota", "*"),
    ]
    assert refused(stacks["bootstrap"], f"github_plan_{environment}", calls) == []
