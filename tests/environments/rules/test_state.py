"""backend.conf follows from the tfvars beside it."""

from __future__ import annotations

import pytest

from tests.environments.support import Files

BUCKET = "prodready-infra-terraform-state-875486186130"
CASES: dict[str, tuple[dict[str, str], str]] = {
    "bucket without the account": (
        {"backend.bucket": '"prodready-infra-terraform-state"'},
        'backend.bucket: got "prodready-infra-terraform-state", expected account_id 875486186130 in it',
    ),
    "bucket that is none": (
        {"backend.bucket": f'"{BUCKET}_"'},
        f'backend.bucket: got "{BUCKET}_", expected lowercase letters, digits and hyphens, no hyphen first or last, '
        'none of the prefixes S3 keeps ("sthree-", ...)',
    ),
    "bucket whose replica is too long": (
        {"backend.bucket": f'"{"b" * 12}{BUCKET}"'},
        "backend.bucket: got 56 characters, expected at most 55: -replica is added",
    ),
    "bucket of the access logs": (
        {"backend.bucket": '"prodready-infra-alb-logs-staging-875486186130"'},
        'backend.bucket: got "prodready-infra-alb-logs-staging-875486186130", expected another name: '
        "the access logs have it",
    ),
    "another environment's state": (
        {"backend.key": '"prodready-infra/production/terraform.tfstate"'},
        'backend.key: got "prodready-infra/production/terraform.tfstate", '
        'expected "prodready-infra/staging/terraform.tfstate": one state an environment',
    ),
    "another region": (
        {"backend.region": '"eu-west-1"'},
        'backend.region: got "eu-west-1", expected "us-east-1", the aws_region',
    ),
    "another environment's lock table": (
        {"backend.dynamodb_table": '"terraform-state-lock-production"'},
        'backend.dynamodb_table: got "terraform-state-lock-production", '
        'expected "terraform-state-lock-staging": one lock table an environment',
    ),
    "state in clear": (
        {"backend.encrypt": "false"},
        "backend.encrypt: got false, expected true: the state is never stored in clear",
    ),
}


@pytest.mark.parametrize(("values", "expected"), CASES.values(), ids=CASES)
def test_refused(staging_only: Files, values: dict[str, str], expected: str) -> None:
    staging_only.set(values)

    assert staging_only.refusal() == [staging_only.place(expected)]


def test_an_environment_has_both_files(files: Files) -> None:
    files.path("staging.backend.conf").unlink()
    files.path("production.tfvars").unlink()

    assert files.refusal() == [
        "environments/production.backend.conf: got no production.tfvars beside it, expected both",
        "environments/staging.backend.conf: missing, expected the state backend of staging.tfvars",
    ]


def test_a_backend_conf_copied_unchanged_would_share_state_and_lock(files: Files) -> None:
    files.copy("staging", "qa")
    files.write("qa.backend.conf", files.text("staging.backend.conf"))

    assert files.refusal() == [
        'environments/qa.backend.conf:2: key: got "prodready-infra/staging/terraform.tfstate", '
        'expected "prodready-infra/qa/terraform.tfstate": one state an environment',
        'environments/qa.backend.conf:4: dynamodb_table: got "terraform-state-lock-staging", '
        'expected "terraform-state-lock-qa": one lock table an environment',
    ]
