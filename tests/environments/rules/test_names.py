"""The words names are made of, and the names they make."""

from __future__ import annotations

import re

import pytest

from environments import aws_limits as aws
from environments.names import Names
from environments.rules.names import names_of
from environments.settings import SERVICES
from tests.environments.support import Files

WORD = (
    "expected lowercase letters, digits and single hyphens, a letter first and no hyphen last: AWS names are made of it"
)


def renamed(project: str) -> dict[str, str]:
    return {"project": f'"{project}"', "backend.key": f'"{project}/staging/terraform.tfstate"'}


CASES: dict[str, tuple[dict[str, str], list[str]]] = {
    "capitals": (renamed("Prodready"), [f'project: got "Prodready", {WORD}']),
    "underscore": (renamed("prod_ready"), [f'project: got "prod_ready", {WORD}']),
    "two hyphens, which RDS refuses": (renamed("prod--ready"), [f'project: got "prod--ready", {WORD}']),
    "hyphen last": (renamed("prodready-"), [f'project: got "prodready-", {WORD}']),
    "digit first": (renamed("1prodready"), [f'project: got "1prodready", {WORD}']),
    "nothing": (renamed(""), [f'project: got "", {WORD}']),
    "VPC with a space": ({"vpc_name": '"my vpc"'}, [f'vpc_name: got "my vpc", {WORD}']),
    "load balancer that begins with internal-": (
        renamed("internal-apps"),
        [
            'project: the load balancer name would be "internal-apps-alb-staging", expected letters, digits and '
            'hyphens, no hyphen first or last, not beginning with "internal-"'
        ],
    ),
    "bucket that begins as S3's own": (
        renamed("sthree-apps"),
        [
            'project: the bucket name would be "sthree-apps-alb-logs-staging-000000000000", expected lowercase '
            'letters, digits and hyphens, no hyphen first or last, none of the prefixes S3 keeps ("sthree-", ...)',
            'project: the bucket name would be "sthree-apps-flow-logs-staging-000000000000", expected lowercase '
            'letters, digits and hyphens, no hyphen first or last, none of the prefixes S3 keeps ("sthree-", ...)',
        ],
    ),
    "target groups one character too long": (
        renamed("prodready-platform1"),
        [
            'project: the target group name "prodready-platform1-be-tg-staging" would have 33 characters, '
            "expected at most 32: make project 1 character shorter",
            'project: the target group name "prodready-platform1-fe-tg-staging" would have 33 characters, '
            "expected at most 32: make project 1 character shorter",
        ],
    ),
    "everything too long": (
        renamed("p" * 45),
        [
            f'project: the load balancer name "{"p" * 45}-alb-staging" would have 57 characters, '
            "expected at most 32: make project 25 characters shorter",
            f'project: the target group name "{"p" * 45}-be-tg-staging" would have 59 characters, '
            "expected at most 32: make project 27 characters shorter",
            f'project: the target group name "{"p" * 45}-fe-tg-staging" would have 59 characters, '
            "expected at most 32: make project 27 characters shorter",
            f'project: the bucket name "{"p" * 45}-alb-logs-staging-000000000000" would have 75 characters, '
            "expected at most 63: make project 12 characters shorter",
            f'project: the bucket name "{"p" * 45}-flow-logs-staging-000000000000" would have 76 characters, '
            "expected at most 63: make project 13 characters shorter",
            f'project: the IAM role name "{"p" * 45}-backend-execution-role-staging" would have 76 characters, '
            "expected at most 64: make project 12 characters shorter",
            f'project: the IAM role name "{"p" * 45}-backend-task-role-staging" would have 71 characters, '
            "expected at most 64: make project 7 characters shorter",
            f'project: the IAM role name "{"p" * 45}-frontend-execution-role-staging" would have 77 characters, '
            "expected at most 64: make project 13 characters shorter",
            f'project: the IAM role name "{"p" * 45}-frontend-task-role-staging" would have 72 characters, '
            "expected at most 64: make project 8 characters shorter",
            f'project: the IAM role name "{"p" * 45}-db-monitoring-staging" would have 67 characters, '
            "expected at most 64: make project 3 characters shorter",
            f'project: the backup plan name "{"p" * 45}-backup-staging" would have 60 characters, '
            "expected at most 50: make project 10 characters shorter",
            f'project: the backup vault name "{"p" * 45}-backup-staging" would have 60 characters, '
            "expected at most 50: make project 10 characters shorter",
            f'project: the backup vault name "{"p" * 45}-backup-copies-staging" would have 67 characters, '
            "expected at most 50: make project 17 characters shorter",
        ],
    ),
    "subnet group too long": (
        {"vpc_name": f'"{"v" * 250}"'},
        [
            f'vpc_name: the DB subnet group name "{"v" * 100}..." would have 266 characters, '
            "expected at most 255: make vpc_name 11 characters shorter",
            f'vpc_name: the VPC name "{"v" * 100}..." would have 258 characters, '
            "expected at most 256: make vpc_name 2 characters shorter",
        ],
    ),
}


@pytest.mark.parametrize(("values", "expected"), CASES.values(), ids=CASES)
def test_refused(staging_only: Files, values: dict[str, str], expected: list[str]) -> None:
    staging_only.set(values)

    assert staging_only.refusal() == [staging_only.place(finding) for finding in expected]


def test_the_longest_project_that_fits_is_accepted(staging_only: Files) -> None:
    staging_only.set(renamed("prodready-platform"))

    assert staging_only.refusal() == []


def test_the_name_of_the_vpc_is_a_tag_and_as_long_as_a_tag_may_be(staging_only: Files) -> None:
    environment = "e" * 20
    staging_only.copy("staging", environment)
    staging_only.drop("staging")
    staging_only.write(
        f"{environment}.backend.conf",
        staging_only.text(f"{environment}.backend.conf").replace('"prodready-infra/', '"p/'),
    )
    staging_only.set({"project": '"p"', "vpc_name": f'"{"v" * 236}"'}, environment)

    assert staging_only.refusal() == [
        staging_only.place(
            f'vpc_name: the VPC name "{"v" * 100}..." would have 257 characters, expected at most 256: '
            "make vpc_name 1 character shorter",
            environment,
        )
    ]


def test_an_environment_cannot_own_the_role_that_copies_the_state(staging_only: Files) -> None:
    staging_only.copy("staging", "replication")

    expected = (
        'environment: got "replication", expected another name: the role that copies the state would be one of its own'
    )
    assert staging_only.place(expected, "replication") in staging_only.refusal()


def test_the_pipeline_of_one_environment_cannot_reach_the_roles_of_another(files: Files) -> None:
    files.copy("production", "a-staging")

    expected = (
        'environment: got "a-staging", expected a name that does not end in "-staging": '
        "the role that deploys staging could change its roles"
    )
    assert files.refusal() == [files.place(expected, "a-staging")]


def test_an_environment_cannot_take_the_name_of_the_account_s_own_stack(staging_only: Files) -> None:
    staging_only.copy("staging", "bootstrap")

    assert (
        staging_only.place(
            'environment: got "bootstrap", expected another name: the account\'s own stack has it', "bootstrap"
        )
        in staging_only.refusal()
    )


LIMITS = {
    (aws.LOAD_BALANCER, 32): ("a-b", "-a", "a-", "internal-a", "a_b"),
    (aws.TARGET_GROUP, 32): ("a-b", "-a", "a-", "a_b"),
    (aws.DATABASE, 63): ("a-b", "-a", "a-", "a--b", "1a", "a_b"),
    (aws.DB_PARAMETER_GROUP, 255): ("a-b", "a-", "a--b", "1a", "a_b"),
    (aws.DB_SUBNET_GROUP, 255): ("a.b_c d", "A", "a/b"),
    (aws.BUCKET, 63): ("a-b", "-ab", "ab-", "a_b", "Abc", "ab", "xn--abc", "sthree-abc", "abc-s3alias"),
    (aws.ROLE, 64): ("a+=,.@-_b", "a b", "a/b"),
    (aws.POLICY, 128): ("a+=,.@-_b", "a b", "a/b"),
    (aws.ECS, 255): ("a-b_C", "a.b", "a/b"),
    (aws.LOG_GROUP, 512): ("/ecs/a.b-c_D#", "a b", "a:b"),
    (aws.SECRET, 512): ("a/_+=.@-b", "a b", "a:b"),
    (aws.DYNAMODB_TABLE, 255): ("a_b-c.D", "ab", "a b", "a/b"),
    (aws.USER_POOL, 128): ("a b+=,.@-_", "a/b"),
    (aws.TOPIC, 256): ("a-b_C", "a.b"),
    (aws.DASHBOARD, 255): ("a-b_C", "a.b"),
    (aws.SECURITY_GROUP, 255): ("a b", "sg-a", "a%"),
    (aws.SCALING_POLICY, 256): ("a b", "é"),
}


@pytest.mark.parametrize(("limit", "longest"), LIMITS, ids=[limit.what for limit, _ in LIMITS])
def test_what_a_service_accepts_as_a_name(limit: aws.NameLimit, longest: int) -> None:
    good, *bad = LIMITS[limit, longest]

    assert limit.longest == longest
    assert re.fullmatch(limit.pattern, good, re.ASCII)
    assert [name for name in bad if re.fullmatch(limit.pattern, name, re.ASCII)] == []


def test_every_name_of_an_environment_is_checked() -> None:
    names = Names("project", "qa", vpc_name="vpc", account_id="0" * 12)
    checked = {name for _, name in names_of(names)} | {names.db_subnet_group, names.vpc}
    made = {
        getattr(owner, name)
        for owner in (names, *map(names.service, SERVICES))
        for name, kind in vars(type(owner)).items()
        if isinstance(kind, property) and name != "log_group_display"
    } | {*map(names.target_group, SERVICES)}

    assert made <= checked
