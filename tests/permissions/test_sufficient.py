"""The pipeline's roles may do all that stock Terraform calls in a stack's life.

The calls are those of the provider and the backend when bootstrap and staging were applied to the emulator, planned
again and destroyed (calls.json). Each is judged on a resource of the environment with its tags. Not judged: calls that
a service makes on Terraform's behalf, other than handing it a role.
"""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.permissions.judge import ACCOUNT, PROJECT, Call, judge, role, tags
from tests.support import Output

CALLS: list[str] = json.loads((Path(__file__).parent / "calls.json").read_text())
READS = ("Describe", "Get", "List")


def call(action: str, environment: str) -> Call:
    """The call on something of the environment, of whatever type the action takes."""
    context = {"iam:PermissionsBoundary": f"arn:aws:iam::{ACCOUNT}:policy/{PROJECT}-boundary-{environment}"}
    gives = tags(environment)
    return Call(action, f"{PROJECT}-x-{environment}", tags(environment), gives, context if "iam:" in action else {})


def on_state(environment: str, *, writes: bool) -> list[Call]:
    """What the backend calls, "S3 Bucket Permissions" and "DynamoDB Table Permissions" of Terraform's S3 backend."""
    bucket = f"arn:aws:s3:::{PROJECT}-terraform-state-{ACCOUNT}"
    state, lock = f"{bucket}/{PROJECT}/{environment}/terraform.tfstate", f"table/terraform-state-lock-{environment}"
    table = f"arn:aws:dynamodb:us-east-1:{ACCOUNT}:{lock}"
    found = [Call("s3:ListBucket", bucket), Call("s3:GetObject", state), Call("dynamodb:GetItem", table)]
    if writes:
        found += [Call("s3:PutObject", state), Call("dynamodb:PutItem", table), Call("dynamodb:DeleteItem", table)]
    return found


def refused(bootstrap: Output, name: str, calls: list[Call]) -> list[str]:
    verdicts = judge(role(bootstrap, name), calls)
    return [
        f"{call.action}: {verdict.result}" for call, verdict in zip(calls, verdicts, strict=True) if not verdict.allowed
    ]


def test_the_calls_are_those_of_a_whole_life() -> None:
    assert {"rds:CreateDBInstance", "rds:DeleteDBInstance", "secretsmanager:GetSecretValue", "iam:DeleteRole"} <= {
        *CALLS
    }


@pytest.mark.parametrize("environment", ["staging", "production"])
def test_an_apply_role_may_do_all_of_its_environments_life(environment: str, stacks: dict[str, Output]) -> None:
    handed = f"arn:aws:iam::{ACCOUNT}:role/{PROJECT}-x-{environment}"
    services = ("ecs-tasks", "monitoring.rds", "vpc-flow-logs")
    calls = [
        *(call(action, environment) for action in CALLS),
        *(Call("iam:PassRole", handed, context={"iam:PassedToService": f"{each}.amazonaws.com"}) for each in services),
        *on_state(environment, writes=True),
    ]
    assert refused(stacks["bootstrap"], f"github_apply_{environment}", calls) == []


@pytest.mark.parametrize("environment", ["staging", "production"])
def test_the_drift_role_may_refresh_its_environment(environment: str, stacks: dict[str, Output]) -> None:
    reads = [action for action in CALLS if action.partition(":")[2].startswith(READS)]
    calls = [*(call(action, environment) for action in reads), *on_state(environment, writes=False)]
    table = f"arn:aws:dynamodb:us-east-1:{ACCOUNT}:table/terraform-state-lock-{environment}"
    calls += [Call("dynamodb:PutItem", table), Call("dynamodb:DeleteItem", table)]
    assert refused(stacks["bootstrap"], f"github_drift_{environment}", calls) == []


@pytest.mark.parametrize("environment", ["staging", "production"])
def test_the_plan_role_may_read_its_state_for_a_plan_without_refresh(
    environment: str, stacks: dict[str, Output]
) -> None:
    """Beside the backend's calls only the provider's question who it is, which needs no permission."""
    assert refused(stacks["bootstrap"], f"github_plan_{environment}", on_state(environment, writes=False)) == []
