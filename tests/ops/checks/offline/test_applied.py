"""The preflight of an environment that Terraform has applied, and of one that it has not."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from ops.checks.offline import reach
from ops.checks.offline.end_of_life import LOOKED
from ops.checks.offline.findings import (
    FAIL,
    PASS,
    SKIP,
    Row,
)
from ops.checks.offline.subjects import Checkout
from ops.checks.offline.survey import survey
from ops.terraform.run import Terraform
from tests.cloud import Cloud
from tests.support import ROOT

pytestmark = pytest.mark.apply("applied")


@pytest.fixture(scope="module")
def found(applied: Terraform, cloud: Cloud, outdir: Path) -> list[Row]:
    def take(directory: Path) -> None:
        shutil.copytree(outdir / "stacks", directory / "stacks")

    answer = reach.ask(lambda: cloud.aws, rehearsed=True)
    return list(survey(Checkout(ROOT, LOOKED), (), lambda _: answer, take))


def of(found: list[Row], subject: str, check: str) -> list[tuple[str, str]]:
    return [(row.status, row.why) for row in found if (row.subject, row.check) == (subject, check)]


def test_nothing_fails_in_the_account_that_was_bootstrapped(found: list[Row]):
    assert [row for row in found if row.status == FAIL] == []
    for subject in ("staging", "production"):
        for check in ("credentials", "state bucket", "lock table"):
            assert [status for status, _ in of(found, subject, check)] == [PASS], (subject, check)


def test_what_terraform_has_made_is_not_counted_as_to_be_added(found: list[Row]):
    def to_add(subject: str) -> list[str]:
        return [why.split(", ")[1] for _, why in of(found, subject, "quotas")]

    assert to_add("staging") == ["0 to add"] * 3
    assert to_add("production") == ["1 to add", "2 to add", "1 to add", "1 to add"]


def test_the_image_that_runs_is_the_one_that_is_looked_for(found: list[Row]):
    looked = {row.where.partition(":")[0] for row in found if (row.subject, row.check) == ("staging", "images")}
    assert looked == {"prodready-infra-backend-task-staging", "prodready-infra-frontend-task-staging"}
    assert {status for status, _ in of(found, "production", "images")} <= {PASS, SKIP}
