"""The preflight's look at an account: its owner, state, images and quotas, on the session's embedded AWS."""

from __future__ import annotations

import json
import secrets
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from botocore.exceptions import (
    ClientError,
    EndpointConnectionError,
    NoCredentialsError,
    PartialCredentialsError,
    ProfileNotFound,
)

from environments.settings import Settings
from ops.checks.offline import images, quotas, reach
from ops.checks.offline.findings import (
    FAIL,
    PASS,
    SKIP,
    WARN,
    Row,
    rows,
)
from ops.checks.offline.reach import (
    Answer,
    Reached,
    Refused,
    Unasked,
)
from ops.checks.offline.subjects import Account, Environment
from ops.checks.offline.survey import ACCOUNT, OWNER, of_environment
from ops.core.aws import Aws
from ops.core.emulator_record import Record
from ops.core.paths import Work
from ops.recovery import log_groups
from ops.state import file as state
from ops.terraform.environment import for_emulator
from ops.terraform.synthesized import S3Backend
from tests.ops.places import Place, make_place
from tests.ops.preflight import Subjects, make_subjects
from tests.support import Output

MEDIA_TYPE = "application/vnd.docker.distribution.manifest.v2+json"


@pytest.fixture
def subjects(tmp_path: Path, stacks: dict[str, Output], settings: dict[str, Settings]) -> Subjects:
    return make_subjects(tmp_path / "checkout", stacks, settings)


@pytest.fixture
def place(emulator: Record, settings: dict[str, Settings], work: Work) -> Place:
    """An environment with a bucket, a lock table and repositories of its own, and an image in each."""
    name = secrets.token_hex(4)
    shipped = settings["staging"]
    ecs = replace(
        shipped.ecs,
        backend=replace(shipped.ecs.backend, repository=f"{name}/api"),
        frontend=replace(shipped.ecs.frontend, repository=f"{name}/frontend"),
    )
    # In a region without the networks of other tests, which would count against its quotas.
    place = make_place(emulator, shipped, work, name, region="eu-central-1", ecs=ecs)
    place.write_state({})
    make_table(place, place.session.backend.dynamodb_table)
    ecr = place.aws.client("ecr")
    for service in (ecs.backend, ecs.frontend):
        ecr.create_repository(repositoryName=service.repository)
        push(place, service.repository, service.image_tag)
    return place


def make_table(place: Place, name: str) -> None:
    place.aws.client("dynamodb").create_table(
        TableName=name,
        KeySchema=[{"AttributeName": "LockID", "KeyType": "HASH"}],
        AttributeDefinitions=[{"AttributeName": "LockID", "AttributeType": "S"}],
        BillingMode="PAY_PER_REQUEST",
    )


def push(place: Place, repository: str, tag: str) -> str:
    """An image under a tag; its digest."""
    config = {"digest": f"sha256:{secrets.token_hex(32)}"}
    manifest = json.dumps({"schemaVersion": 2, "mediaType": MEDIA_TYPE, "config": config, "layers": []})
    pushed = place.aws.client("ecr").put_image(repositoryName=repository, imageManifest=manifest, imageTag=tag)
    return pushed["image"]["imageId"]["imageDigest"]


def account_of(place: Place, subjects: Subjects, *, rehearsed: bool = False) -> Account:
    environment = Environment(place.settings, subjects.stacks["staging"], subjects.checkout)
    return Account(environment, place.aws, place.settings.account_id, rehearsed)


def looked_at(account: Account) -> list[Row]:
    return [*rows(OWNER, "staging", account), *rows(ACCOUNT, "staging", account)]


def failing(found: list[Row]) -> list[tuple[str, str, str]]:
    return [(row.check, row.where, row.why) for row in found if row.status != PASS]


def test_an_account_that_is_ready_passes_every_check(place: Place, subjects: Subjects):
    found = looked_at(account_of(place, subjects))
    assert failing(found) == []
    assert {row.check for row in found} == {
        "credentials",
        "state bucket",
        "lock table",
        "changes",
        "log groups",
        "images",
        "quotas",
        "Fargate quota",
    }
    assert all(row.where and row.why for row in found)


def test_a_state_bucket_that_does_not_exist_fails_alone(place: Place, subjects: Subjects):
    gone = replace(place.settings.backend, bucket=f"gone-{secrets.token_hex(4)}")
    place.session.settings = replace(place.settings, backend=gone)
    why = "does not exist, so there is no state: `python -m ops bootstrap` makes it"
    assert failing(looked_at(account_of(place, subjects))) == [("state bucket", f"s3://{gone.bucket}", why)]
    (row,) = [row for row in looked_at(account_of(place, subjects, rehearsed=True)) if row.status == FAIL]
    assert row.why.endswith("`make up` makes it")


def test_a_lock_table_that_does_not_exist_fails_alone(place: Place, subjects: Subjects):
    table = place.settings.backend.dynamodb_table
    place.aws.client("dynamodb").delete_table(TableName=table)
    why = "does not exist, so no lock can be taken: `python -m ops bootstrap` makes it"
    assert failing(looked_at(account_of(place, subjects))) == [("lock table", f"DynamoDB {table}", why)]


def test_a_log_group_that_rds_left_is_told_before_the_apply_fails_on_it(place: Place, subjects: Subjects):
    name, logs = "/aws/rds/instance/prodready-infra-db-staging/postgresql", place.aws.client("logs")
    logs.create_log_group(logGroupName=name)
    ((check, where, why),) = failing(looked_at(account_of(place, subjects)))
    assert (check, where) == ("log groups", "aws_cloudwatch_log_group.database_postgresql_logs")
    assert why.startswith(f"log group {name} exists and no state records it")
    assert f"`python -m ops recover --env {place.settings.environment} --apply`" in why
    assert log_groups.remove(place.aws, [name, "/aws/rds/instance/prodready-infra-db-stag"]) == [name]
    assert failing(looked_at(account_of(place, subjects))) == []


@pytest.mark.parametrize("key", ["project", "environment"])
def test_a_platform_that_is_deployed_under_another_name_is_told(key: str, place: Place, subjects: Subjects):
    backend, settings = place.settings.backend, place.settings
    other = {"project": f"other/{settings.environment}", "environment": f"{settings.project}/other"}[key]
    body = json.dumps({"version": 4, "serial": 1, "lineage": "l", "outputs": {}, "resources": [{"type": "aws_vpc"}]})
    place.aws.client("s3").put_object(Bucket=backend.bucket, Key=f"{other}/terraform.tfstate", Body=body.encode())
    ((check, _, why),) = failing(looked_at(account_of(place, subjects)))
    assert (check, why.partition(".")[0]) == (
        "changes",
        f"{key}: got {getattr(settings, key)}, deployed is other",
    )


@pytest.mark.parametrize("other", ["production", "removed"])
def test_a_state_that_the_roles_of_an_environment_may_not_read_is_no_failure(
    other: str, place: Place, subjects: Subjects, monkeypatch: pytest.MonkeyPatch
):
    backend, settings = place.settings.backend, place.settings
    key = f"{settings.project}/{other}/terraform.tfstate"
    body = json.dumps({"version": 4, "serial": 1, "lineage": "l", "outputs": {}, "resources": [{"type": "aws_vpc"}]})
    place.aws.client("s3").put_object(Bucket=backend.bucket, Key=key, Body=body.encode())
    read = state.remote

    def denied(aws: Aws, backend: S3Backend) -> state.State | None:
        if backend.key == key:
            raise ClientError({"Error": {"Code": "AccessDenied", "Message": "explicit deny"}}, "GetObject")
        return read(aws, backend)

    monkeypatch.setattr(state, "remote", denied)
    assert failing(looked_at(account_of(place, subjects))) == []


def test_an_image_that_runs_but_is_gone_fails_alone(place: Place, subjects: Subjects):
    repository = place.settings.ecs.backend.repository
    running = place.run_service("backend", place.settings.image_uri(repository, "a1b2c3d-1"))
    place.run_service("frontend", place.settings.image(place.settings.ecs.frontend))
    ((check, where, why),) = failing(looked_at(account_of(place, subjects)))
    assert (check, where) == ("images", running.rpartition("/")[2])
    assert why == (
        f"{repository}:a1b2c3d-1 is not in the registry, so that no new task can start: `python -m ops build backend` "
        "makes one, TF_VAR_backend_image hands it to the apply"
    )
    push(place, repository, "a1b2c3d-1")
    assert failing(looked_at(account_of(place, subjects))) == []


def test_an_image_that_the_apply_is_given_counts_in_place_of_the_one_that_runs(place: Place, subjects: Subjects):
    repository = place.settings.ecs.backend.repository
    digest = push(place, repository, "a1b2c3d-2")
    base = place.settings.image_uri(repository, "")
    given = {"TF_VAR_backend_image": f"{base.removesuffix(':')}@{digest}", "TF_VAR_frontend_image": "public/nginx:1"}
    by_digest, foreign = images.images_exist(account_of(place, subjects), given)
    assert (by_digest.status, by_digest.where) == (PASS, "TF_VAR_backend_image")
    assert by_digest.why == f"{repository}@{digest} is {digest}"
    assert (foreign.status, foreign.why) == (SKIP, "public/nginx:1 is of another registry than this account's")
    missing, _ = images.images_exist(account_of(place, subjects), {"TF_VAR_backend_image": f"{base}none"})
    assert (missing.status, missing.where) == (FAIL, "TF_VAR_backend_image")


def test_an_image_of_the_tfvars_that_nobody_built_is_a_warning_as_the_pipeline_builds_one(
    place: Place, subjects: Subjects
):
    backend = place.settings.ecs.backend
    place.aws.client("ecr").batch_delete_image(
        repositoryName=backend.repository, imageIds=[{"imageTag": backend.image_tag}]
    )
    (row,) = [row for row in looked_at(account_of(place, subjects)) if row.status != PASS]
    assert (row.status, row.check) == (WARN, "images")
    assert row.where == "environments/staging.tfvars ecs.backend.image_tag"
    assert row.why.startswith(f"nothing runs yet, and {backend.repository}:initial is not in the registry")
    (row,) = [row for row in looked_at(account_of(place, subjects, rehearsed=True)) if row.status != PASS]
    assert (row.status, row.check) == (SKIP, "images"), "the rehearsal runs app/ in its place"


def test_images_are_not_looked_for_before_there_is_a_repository(place: Place, subjects: Subjects):
    backend = place.settings.ecs.backend
    place.aws.client("ecr").delete_repository(repositoryName=backend.repository, force=True)
    (row,) = [row for row in looked_at(account_of(place, subjects)) if row.status != PASS]
    assert (row.status, row.why) == (
        SKIP,
        f"repository {backend.repository} does not exist: nothing is bootstrapped",
    )


class Region:
    """A region that no other test uses."""

    def __init__(self, emulator: Record, work: Work, name: str) -> None:
        self.aws = Aws(for_emulator(emulator.url, work), name)
        self.ec2 = self.aws.client("ec2")
        self.made: list[str] = []

    def vpc(self, *tags: tuple[str, str]) -> str:
        id_ = self.ec2.create_vpc(CidrBlock="10.9.0.0/16")["Vpc"]["VpcId"]
        self.tag(id_, *tags)
        return id_

    def address(self, *tags: tuple[str, str]) -> str:
        id_ = self.ec2.allocate_address(Domain="vpc")["AllocationId"]
        self.tag(id_, *tags)
        return id_

    def subnet(self, vpc: str, zone: str, number: int) -> str:
        found = self.ec2.create_subnet(VpcId=vpc, CidrBlock=f"10.9.{number}.0/24", AvailabilityZone=zone)
        return found["Subnet"]["SubnetId"]

    def gateway(self, subnet: str) -> str:
        made = self.ec2.create_nat_gateway(SubnetId=subnet, ConnectivityType="private")["NatGateway"]["NatGatewayId"]
        self.made.append(made)
        return made

    def tag(self, id_: str, *tags: tuple[str, str]) -> None:
        self.made.append(id_)
        if tags:
            self.ec2.create_tags(Resources=[id_], Tags=[{"Key": key, "Value": value} for key, value in tags])

    def account(self, subjects: Subjects, settings: Settings) -> Account:
        environment = Environment(
            replace(settings, aws_region=self.aws.region), subjects.stacks["staging"], subjects.checkout
        )
        return Account(environment, self.aws, settings.account_id, rehearsed=False)


OWN = (("Project", "prodready-infra"), ("Environment", "staging"))


@pytest.fixture
def region(request: pytest.FixtureRequest, emulator: Record, work: Work) -> Iterator[Region]:
    yield Region(emulator, work, request.param)


def vpcs(account: Account) -> Any:
    return next(each for each in quotas.plan_fits(account) if "VPCs" in each.why)


@pytest.mark.parametrize("region", ["eu-west-1"], indirect=True)
def test_a_plan_that_exceeds_a_quota_fails_and_what_is_there_already_does_not_count_twice(
    region: Region, subjects: Subjects, settings: dict[str, Settings]
):
    account = region.account(subjects, settings["staging"])
    found = {each.why: each.status for each in quotas.plan_fits(account)}
    assert found == {
        "VPCs in the region: 1 there, 1 to add, 5 allowed": PASS,
        "Elastic IP addresses in the region: 0 there, 1 to add, 5 allowed": PASS,
        "NAT gateways: 0 there, 1 to add, 5 allowed": PASS,
    }
    for _ in range(4):
        region.vpc()
    assert failing(looked_at_quotas(account)) == [
        (
            "quotas",
            "eu-west-1 vpc/L-F678F1CE",
            "VPCs in the region: 5 there, 1 to add, 5 allowed: ask for more in Service Quotas, or remove what is not "
            "needed",
        )
    ]
    region.ec2.delete_vpc(VpcId=region.made.pop())
    name = ("Name", subjects.at("aws_vpc.vpc")["tags"]["Name"])
    region.vpc(name, ("Project", "prodready-infra"), ("Environment", "production"))
    assert vpcs(account).status == FAIL, "another environment's"
    region.ec2.delete_vpc(VpcId=region.made.pop())
    region.vpc(name, *OWN)
    assert failing(looked_at_quotas(account)) == []
    assert vpcs(account).why == "VPCs in the region: 5 there, 0 to add, 5 allowed"
    region.vpc()
    assert vpcs(account).status == PASS, "more than allowed, but nothing is added"


@pytest.mark.parametrize("region", ["eu-west-2"], indirect=True)
def test_addresses_and_gateways_of_a_zone_are_counted_too(
    region: Region, subjects: Subjects, settings: dict[str, Settings]
):
    zones = ("eu-west-2a", "eu-west-2b")
    for subnet in subjects.all("aws_subnet").values():
        subnet["availability_zone"] = subnet["availability_zone"].replace("us-east-1", "eu-west-2")
    account = region.account(subjects, settings["staging"])
    vpc = region.vpc(("Name", subjects.at("aws_vpc.vpc")["tags"]["Name"]), *OWN)
    for _ in range(5):
        region.address()
    here, there = (region.subnet(vpc, zone, number) for number, zone in enumerate(zones))
    for _ in range(5):
        region.gateway(there)
    assert failing(looked_at_quotas(account)) == [
        (
            "quotas",
            "eu-west-2 ec2/L-0263D0A3",
            "Elastic IP addresses in the region: 5 there, 1 to add, 5 allowed: ask for more in Service Quotas, or "
            "remove what is not needed",
        )
    ]
    gateways = [region.gateway(here) for _ in range(5)]
    found = failing(looked_at_quotas(account))
    assert [where for _, where, _ in found] == ["eu-west-2 ec2/L-0263D0A3", "eu-west-2a vpc/L-FE5A380F"]
    assert found[1][2].startswith("NAT gateways: 5 there, 1 to add, 5 allowed")
    region.ec2.delete_nat_gateway(NatGatewayId=gateways[0])
    assert [where for _, where, _ in failing(looked_at_quotas(account))] == ["eu-west-2 ec2/L-0263D0A3"]


def looked_at_quotas(account: Account) -> list[Row]:
    return [row for row in rows(ACCOUNT, "staging", account) if row.check == "quotas"]


class Allowed:
    """Service Quotas with one limit for everything."""

    def __init__(self, limit: int) -> None:
        self.limit = limit

    def get_service_quota(self, **_: str) -> dict[str, Any]:
        return {"Quota": {"Value": float(self.limit)}}


@pytest.mark.parametrize(
    ("limit", "status", "said"),
    [
        (5, PASS, "1.25 to deploy, 5 at max_capacity, 5 allowed"),
        (4, WARN, "autoscaling would stop before it"),
        (1, FAIL, "tasks could not be placed"),
    ],
)
def test_the_fargate_quota_of_a_new_account_is_told_before_tasks_cannot_be_placed(
    place: Place, subjects: Subjects, monkeypatch: pytest.MonkeyPatch, limit: int, status: str, said: str
):
    account = account_of(place, subjects)
    monkeypatch.setattr(account.aws, "client", lambda _: Allowed(limit))
    (found,) = quotas.tasks_fit(account)
    assert found.status == status
    assert said in found.why


def test_without_a_limit_of_the_accounts_own_the_documented_one_counts(
    place: Place, subjects: Subjects, monkeypatch: pytest.MonkeyPatch
):
    account = account_of(place, subjects)
    (found,) = quotas.tasks_fit(account)
    assert (found.status, found.why) == (
        PASS,
        "Fargate vCPU in the region: 1.25 to deploy, 5 at max_capacity, 6 allowed",
    )
    monkeypatch.setattr(account.aws, "client", lambda _: Denied())
    (found,) = quotas.tasks_fit(account)
    assert found.status == PASS, "it fits into the documented limit"


class Denied:
    """A client whose every call is denied."""

    def __getattr__(self, operation: str) -> Any:
        def call(**_: Any) -> Any:
            raise ClientError({"Error": {"Code": "AccessDeniedException", "Message": "no"}}, operation)

        return call


@pytest.mark.parametrize("region", ["eu-west-3"], indirect=True)
def test_a_limit_that_may_not_be_read_is_the_documented_one_and_then_only_a_warning(
    region: Region, subjects: Subjects, settings: dict[str, Settings], monkeypatch: pytest.MonkeyPatch
):
    account = region.account(subjects, settings["staging"])
    client = account.aws.client
    monkeypatch.setattr(account.aws, "client", lambda name: Denied() if name == "service-quotas" else client(name))
    assert failing(looked_at_quotas(account)) == []
    for _ in range(4):
        region.vpc()
    ((_, _, why),) = failing(looked_at_quotas(account))
    assert vpcs(account).status == WARN
    assert why == (
        "VPCs in the region: 5 there, 1 to add, 5 allowed by default; these credentials may not read the account's own "
        "limit: look it up"
    )


def test_what_the_credentials_may_not_see_is_skipped_and_says_so(
    place: Place, subjects: Subjects, monkeypatch: pytest.MonkeyPatch
):
    account = account_of(place, subjects)
    client = account.aws.client
    monkeypatch.setattr(account.aws, "client", lambda name: Denied() if name == "dynamodb" else client(name))
    (row,) = [row for row in looked_at(account) if row.status != PASS]
    assert (row.status, row.check) == (SKIP, "lock table")
    assert row.why.startswith("these credentials may not look: An error occurred (AccessDeniedException)")


def test_an_answer_that_makes_no_sense_is_a_failure_and_no_skip(
    place: Place, subjects: Subjects, monkeypatch: pytest.MonkeyPatch
):
    account = account_of(place, subjects)

    def refuse(_: str) -> Any:
        raise ClientError({"Error": {"Code": "InternalError", "Message": "try again"}}, "DescribeTable")

    monkeypatch.setattr(account.aws, "client", refuse)
    assert {row.status for row in rows(ACCOUNT, "staging", account)} == {FAIL}


class Caller:
    """An AWS whose answer to "who am I" is given."""

    region = "us-east-2"

    def __init__(self, answer: str | Exception) -> None:
        self.answer = answer

    def client(self, _: str) -> Any:
        return self

    def get_caller_identity(self) -> dict[str, str]:
        if isinstance(self.answer, Exception):
            raise self.answer
        return {"Account": self.answer}


EXPIRED = ClientError({"Error": {"Code": "ExpiredToken", "Message": "expired"}}, "GetCallerIdentity")


@pytest.mark.parametrize(
    ("answer", "kind"),
    [
        (NoCredentialsError(), Unasked),
        (EndpointConnectionError(endpoint_url="https://sts.us-east-1.amazonaws.com"), Unasked),
        (EXPIRED, Refused),
        (PartialCredentialsError(provider="env", cred_var="secret_key"), Refused),
    ],
)
def test_no_credentials_are_a_skip_and_bad_ones_a_failure(answer: Exception, kind: type[Answer], subjects: Subjects):
    aws: Any = Caller(answer)
    found = reach.ask(lambda: aws, rehearsed=False)
    assert isinstance(found, kind)
    told = [row for row in of_environment(subjects.environment("staging"), lambda _: found) if row.status != PASS]
    asked = ["state bucket", "lock table", "changes", "log groups", "images", "quotas", "Fargate quota"]
    assert [row.check for row in told] == ["credentials", *asked]
    statuses = [row.status for row in told]
    assert statuses == ([SKIP] * 8 if kind is Unasked else [FAIL] + [SKIP] * 7)


def test_a_profile_that_does_not_exist_is_a_failure_of_the_credentials():
    def make() -> Aws:
        raise ProfileNotFound(profile="nope")

    found = reach.ask(make, rehearsed=False)
    assert isinstance(found, Refused)
    assert "The config profile (nope) could not be found" in found.why


def test_credentials_of_another_account_fail_and_nothing_further_is_asked(subjects: Subjects):
    aws: Any = Caller("111111111111")
    answer = reach.ask(lambda: aws, rehearsed=False)
    assert isinstance(answer, Reached)
    told = [row for row in of_environment(subjects.environment("staging"), lambda _: answer) if row.status != PASS]
    assert (told[0].status, told[0].check) == (FAIL, "credentials")
    assert told[0].why == "are of account 111111111111, expected 875486186130, account_id of the settings"
    assert {(row.status, row.why) for row in told[1:]} == {(SKIP, "these credentials are of account 111111111111")}
