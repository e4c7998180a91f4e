"""What is looked up for which resource, and what is made of what is found."""

from __future__ import annotations

import dataclasses
import json
import uuid
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from botocore.exceptions import ClientError

from environments.settings import Settings
from ops.commands import bootstrap
from ops.core.aws import Aws
from ops.core.errors import UserError
from ops.recovery import imports
from ops.recovery.finding import Kind, Object, Wanted, absent
from ops.recovery.kinds import KINDS, LEFT_TO_APPLY
from ops.recovery.search import Result, Search
from ops.recovery.stack import Stack
from tests.stacks.test_platform import CERTIFICATE
from tests.support import Json, Output


@pytest.fixture(scope="module")
def types(
    stacks: dict[str, Output], settings: dict[str, Settings], synth_platform: Callable[[Settings], Output]
) -> set[str]:
    """Of all that the stacks can consist of."""
    everything = dataclasses.replace(
        settings["production"], alarm_email="oncall@example.com", certificate_arn=CERTIFICATE
    )
    managed = dataclasses.replace(settings["staging"], db_password_owner="rds")
    outputs = [*stacks.values(), synth_platform(everything), synth_platform(managed)]
    return {address.partition(".")[0] for output in outputs for address in output.addresses()}


def test_every_type_of_the_stacks_has_a_finder_or_a_reason_why_it_needs_none(types: set[str]):
    assert {*KINDS, *LEFT_TO_APPLY} == types
    assert KINDS.keys() & LEFT_TO_APPLY.keys() == set()


def test_no_resource_is_counted_since_a_finder_looks_for_one(stacks: dict[str, Output]):
    for output in stacks.values():
        for address, resource in output.resources():
            assert not {"count", "for_each"} & resource.keys(), address


TAGS = {"ManagedBy": "terraform"}
PROVIDERS = [
    {"region": "us-east-1", "allowed_account_ids": ["1"], "default_tags": [{"tags": TAGS}]},
    {"alias": "far", "region": "us-west-2", "allowed_account_ids": ["1"], "default_tags": [{"tags": TAGS}]},
]


def stack(resources: Json, state: Json | None = None, tmp_path: Path | None = None) -> Stack:
    document = {"provider": {"aws": PROVIDERS}, "resource": resources}
    assert tmp_path is not None
    (tmp_path / "cdk.tf.json").write_text(json.dumps(document))
    return Stack.read(tmp_path, state)


def recorded(type_: str, name: str, id_: str, **changes: Any) -> Json:
    instance = {"attributes": {"id": id_, "arn": f"arn:{id_}"}, **changes}
    return {"mode": "managed", "type": type_, "name": name, "instances": [instance]}


def named(wanted: Wanted) -> Iterator[Object]:
    """Everything exists once, under its name."""
    yield Object(f"id-{wanted.name}", "name", attributes={"arn": f"arn-{wanted.name}"})


def nothing(_wanted: Wanted) -> list[Object]:
    return []


Look = Callable[..., Result]


@pytest.fixture
def look(tmp_path: Path) -> Look:
    """Search with finders of one's own."""

    def look(resources: Json, kinds: dict[str, Kind], *state: Json) -> Result:
        found = stack(resources, {"resources": list(state)} if state else None, tmp_path)
        return Search(found, lambda region, service: f"{service} in {region}", kinds).run()

    return look


CHAIN: Json = {
    "aws_c": {"c": {"name": "${aws_b.b.arn}/${aws_b.b.name}"}},
    "aws_b": {"b": {"name": "under-${aws_a.a.id}"}},
    "aws_a": {"a": {"name": "top"}},
}


def test_references_are_resolved_through_what_is_found_in_their_order(look: Look):
    result = look(CHAIN, {kind: Kind(named) for kind in ("aws_a", "aws_b", "aws_c")})
    assert {address: each.id for address, each in result.found.items()} == {
        "aws_a.a": "id-top",
        "aws_b.b": "id-under-id-top",
        "aws_c.c": "id-arn-under-id-top/under-id-top",
    }
    assert list(result.found) == ["aws_a.a", "aws_b.b", "aws_c.c"]


@pytest.mark.parametrize(
    ("project", "taken"), [("shop", True), ("", True), ("other", False)], ids=["own", "untagged", "another's"]
)
def test_what_carries_another_projects_tag_is_not_taken_nor_what_hangs_on_it(
    look: Look, monkeypatch: pytest.MonkeyPatch, project: str, taken: bool
):
    """Lock tables, image repositories and roles: their names may be another project's of the same account."""
    monkeypatch.setitem(TAGS, "Project", "shop")

    def tagged(wanted: Wanted) -> Iterator[Object]:
        yield Object(f"id-{wanted.name}", "name", attributes={"arn": f"arn-{wanted.name}"}, project=project)

    result = look(CHAIN, {"aws_a": Kind(tagged), "aws_b": Kind(named), "aws_c": Kind(named)})
    assert list(result.found) == (["aws_a.a", "aws_b.b", "aws_c.c"] if taken else [])
    assert {address: [each.id for each in them] for address, them in result.foreign.items()} == (
        {} if taken else {"aws_a.a": ["id-top"]}
    )
    assert not result.nothing


def _wanted(aws: Aws, address: str, **config: str) -> Wanted:
    return Wanted(address, dict(config), aws.region, "875486186130", {}, aws.client, str, lambda _type: [])


def test_whose_a_thing_is_comes_from_its_tag(aws: Aws):
    """Of what exists once in an account under a name that another project may have."""
    name, tag = f"other-{uuid.uuid4()}", {"Key": "Project", "Value": "other"}
    trust = json.dumps({"Version": "2012-10-17", "Statement": []})
    aws.client("dynamodb").create_table(
        TableName=name,
        KeySchema=[{"AttributeName": "LockID", "KeyType": "HASH"}],
        AttributeDefinitions=[{"AttributeName": "LockID", "AttributeType": "S"}],
        BillingMode="PAY_PER_REQUEST",
        Tags=[tag],
    )
    aws.client("ecr").create_repository(repositoryName=name, tags=[tag])
    aws.client("iam").create_role(RoleName=name, AssumeRolePolicyDocument=trust, Tags=[tag])
    aws.client("s3").create_bucket(Bucket=name, CreateBucketConfiguration={"LocationConstraint": aws.region})
    aws.client("s3").put_bucket_tagging(Bucket=name, Tagging={"TagSet": [tag]})
    for type_ in ("aws_dynamodb_table", "aws_ecr_repository", "aws_iam_role", "aws_s3_bucket"):
        (found,) = KINDS[type_].find(_wanted(aws, f"{type_}.a", name=name, bucket=name))
        assert (type_, found.project) == (type_, "other")


@pytest.mark.parametrize(("tags", "project"), [([], "nobody, by its tags"), ([("Project", "shop")], "shop")])
def test_an_oidc_provider_without_a_tag_is_not_this_projects(aws: Aws, tags: list[tuple[str, str]], project: str):
    """An account has one for all its repositories, and ours is made with the tag in the same request."""
    url = f"https://{uuid.uuid4()}.example.com"
    given = [{"Key": key, "Value": value} for key, value in tags]
    aws.client("iam").create_open_id_connect_provider(Url=url, ClientIDList=["a"], Tags=given)
    (found,) = KINDS["aws_iam_openid_connect_provider"].find(_wanted(aws, "aws_iam_openid_connect_provider.a", url=url))
    assert found.project == project


def test_bootstrap_names_the_setting_where_the_account_has_githubs_provider(settings: dict[str, Settings]):
    """An account has one, so a second project uses it."""
    arn = "arn:aws:iam::875486186130:oidc-provider/token.actions.githubusercontent.com"
    there = Object(arn, "URL", project="nobody, by its tags")
    told = r'environments/staging.tfvars:\d+: github_oidc_provider: got "create", expected "existing" in every'
    with pytest.raises(UserError, match=told):
        bootstrap.require_free(Result(foreign={bootstrap.PROVIDER: [there]}), settings["staging"])


def test_the_providers_address_is_the_bootstrap_stacks(stacks: dict[str, Output]):
    assert bootstrap.PROVIDER in stacks["bootstrap"].addresses()


def test_bootstrap_stops_before_it_makes_anything_where_another_project_has_a_name(settings: dict[str, Settings]):
    bootstrap.require_free(Result(), settings["staging"])
    there = Object("terraform-state-lock-staging", "name", project="other")
    with pytest.raises(UserError, match=r"aws_dynamodb_table.a: terraform-state-lock-staging of other\n.*two names"):
        bootstrap.require_free(Result(foreign={"aws_dynamodb_table.a": [there]}), settings["staging"])


def test_references_are_resolved_through_the_state_too(look: Look):
    result = look(CHAIN, {kind: Kind(named) for kind in ("aws_a", "aws_b", "aws_c")}, recorded("aws_a", "a", "known"))
    assert result.found["aws_b.b"].id == "id-under-known"
    assert "aws_a.a" not in result.found
    assert result.unrecorded == 2


def test_what_hangs_on_something_that_does_not_exist_is_not_found(look: Look):
    result = look(CHAIN, {"aws_a": Kind(nothing), "aws_b": Kind(named), "aws_c": Kind(named)})
    assert result.nothing
    assert result.unrecorded == 3


def test_a_value_that_only_terraform_can_work_out_finds_nothing(look: Look):
    assert look({"aws_a": {"a": {"name": "${upper(var.x)}"}}}, {"aws_a": Kind(named)}).nothing


def several(_wanted: Wanted) -> list[Object]:
    return [Object("one", "tag", remove="ec2 remove one"), Object("two", "tag", remove="ec2 remove two")]


def test_of_two_that_may_be_it_none_is_taken_nor_what_hangs_on_it(look: Look):
    result = look(CHAIN, {"aws_a": Kind(several, several), "aws_b": Kind(named), "aws_c": Kind(named)})
    assert {address: [each.id for each in found] for address, found in result.several.items()} == {
        "aws_a.a": ["one", "two"]
    }
    assert result.found == {}


def test_a_second_one_beside_the_recorded_one_is_a_stray(look: Look):
    resources = {"aws_a": {"a": {"name": "top"}}}
    result = look(resources, {"aws_a": Kind(several, several)}, recorded("aws_a", "a", "two"))
    assert [each.id for each in result.strays["aws_a.a"]] == ["one"]
    assert result.found == result.several == {}
    both = (recorded("aws_a", "a", "two"), recorded("aws_a", "gone_from_the_code", "one"))
    assert look(resources, {"aws_a": Kind(several, several)}, *both).nothing


def test_names_are_unique_only_under_what_they_belong_to(look: Look):
    """Two log streams of two groups have one id."""

    def stream(_wanted: Wanted) -> list[Object]:
        return [Object("ecs-logs", "name")]

    resources = {"aws_a": {"a": {"name": "one"}, "b": {"name": "two"}}}
    result = look(resources, {"aws_a": Kind(stream)}, recorded("aws_a", "a", "ecs-logs"))
    assert list(result.found) == ["aws_a.b"]


def test_what_is_inside_a_found_or_recorded_one_and_in_no_code_is_a_stray(look: Look):
    def inside(_wanted: Wanted, id_: str) -> list[Object]:
        return [Object(f"rule-of-{id_}", "rule", remove="ec2 revoke")]

    resources = {"aws_a": {"a": {"name": "top"}}}
    for state, id_ in ((), "id-top"), ((recorded("aws_a", "a", "known"),), "known"):
        result = look(resources, {"aws_a": Kind(named, leftovers=inside)}, *state)
        assert [each.id for each in result.strays["aws_a.a"]] == [f"rule-of-{id_}"]
    assert look(resources, {"aws_a": Kind(nothing, leftovers=inside)}).nothing


def test_half_made_data_that_exists_is_kept_and_the_rest_is_replaced(look: Look):
    resources = {"aws_dynamodb_table": {"a": {"name": "a"}, "gone": {"name": "b"}}, "aws_eip": {"a": {"name": "c"}}}
    tainted = [
        recorded("aws_dynamodb_table", "a", "id-a", status="tainted"),
        recorded("aws_dynamodb_table", "gone", "another", status="tainted"),
        recorded("aws_eip", "a", "id-c", status="tainted"),
    ]
    result = look(resources, {"aws_dynamodb_table": Kind(named), "aws_eip": Kind(named)}, *tainted)
    assert result.whole == ["aws_dynamodb_table.a"]
    assert sorted(result.tainted) == ["aws_dynamodb_table.gone", "aws_eip.a"]
    assert result.found == {}


@pytest.mark.parametrize(
    "state", [(), (recorded("aws_db_instance", "a", "db", status="tainted"),)], ids=["new", "half"]
)
def test_what_aws_is_still_making_is_told(look: Look, state: tuple[Json, ...]):
    def creating(_wanted: Wanted) -> list[Object]:
        return [Object("db", "name", pending="creating")]

    result = look({"aws_db_instance": {"a": {"name": "a"}}}, {"aws_db_instance": Kind(creating)}, *state)
    assert result.pending["aws_db_instance.a"].pending == "creating"


def test_aws_backup_is_found_by_names_and_a_selection_as_the_provider_imports_it(aws: Aws):
    backup = aws.client("backup")
    backup.create_backup_vault(BackupVaultName="found-vault")
    rule = {"RuleName": "daily", "TargetBackupVaultName": "found-vault"}
    plan = backup.create_backup_plan(BackupPlan={"BackupPlanName": "found-plan", "Rules": [rule]})["BackupPlanId"]
    role = "arn:aws:iam::875486186130:role/backup"
    made = backup.create_backup_selection(
        BackupPlanId=plan, BackupSelection={"SelectionName": "found", "IamRoleArn": role}
    )

    def found(type_: str, **config: str) -> list[str]:
        return [each.import_id for each in KINDS[type_].find(_wanted(aws, f"{type_}.a", **config))]

    assert found("aws_backup_vault", name="found-vault") == ["found-vault"]
    assert found("aws_backup_vault", name="found") == []
    assert found("aws_backup_plan", name="found-plan") == [plan]
    assert found("aws_backup_selection", name="found", plan_id=plan) == [f"{plan}|{made['SelectionId']}"]


def test_a_log_group_that_rds_made_anew_is_taken_over(client: Callable[[str], Any], tmp_path: Path):
    """It writes its last lines after the database is gone; the next apply would fail on the name."""
    name = "/aws/rds/instance/gone/postgresql"
    client("logs").create_log_group(logGroupName=name)
    group = {"database_postgresql_logs": {"name": name, "retention_in_days": 7}}
    found = stack({"aws_cloudwatch_log_group": group}, None, tmp_path)
    result = Search(found, lambda _region, service: client(service)).run()
    assert result.found["aws_cloudwatch_log_group.database_postgresql_logs"].import_id == name


def test_a_type_without_a_finder_is_told(look: Look):
    result = look({"aws_new": {"a": {"name": "a"}}}, {})
    assert result.unknown == ["aws_new.a"]
    assert result.nothing


def test_what_is_not_imported_is_left_to_the_apply_only_where_the_state_lacks_it(look: Look):
    type_ = "aws_secretsmanager_secret_version"
    assert look({type_: {"a": {}}}, {}).left == [f"{type_}.a"]
    assert look({type_: {"a": {}}}, {}, recorded(type_, "a", "x")).left == []


def test_a_resource_is_looked_for_where_its_provider_is_and_with_all_its_tags(look: Look):
    seen: list[tuple[Any, ...]] = []

    def see(wanted: Wanted) -> list[Object]:
        seen.append((wanted.client("s3"), wanted.region, wanted.account_id, dict(wanted.tags)))
        return []

    look({"aws_a": {"near": {"tags": {"Name": "n"}}, "far": {"provider": "aws.far"}}}, {"aws_a": Kind(see)})
    assert sorted(seen, key=str) == [
        ("s3 in us-east-1", "us-east-1", "1", {**TAGS, "Name": "n"}),
        ("s3 in us-west-2", "us-west-2", "1", TAGS),
    ]


def test_data_and_what_waits_to_be_destroyed_are_no_resources_of_the_state(tmp_path: Path):
    data = {**recorded("aws_a", "data", "d"), "mode": "data"}
    deposed = recorded("aws_a", "a", "old", deposed="00000001")
    found = stack({"aws_a": {"a": {"name": "a"}}}, {"resources": [data, deposed]}, tmp_path)
    assert found.recorded == {}
    # But nobody else's either.
    assert "old" in found.ids


@pytest.mark.parametrize(
    ("code", "status", "expected"),
    [
        ("DBInstanceNotFound", 404, True),
        ("LoadBalancerNotFound", 400, True),
        ("NoSuchEntity", 404, True),
        ("404", 404, True),
        ("AccessDenied", 403, False),
        ("Throttling", 400, False),
    ],
)
def test_only_what_says_that_something_is_absent_counts_as_that(code: str, status: int, expected: bool):
    error = ClientError({"Error": {"Code": code}, "ResponseMetadata": {"HTTPStatusCode": status}}, "Describe")
    assert absent(error) is expected


def test_import_blocks_are_for_one_place_only(tmp_path: Path):
    path = imports.write(tmp_path, {"aws_s3_bucket.state": "b"}, "http://127.0.0.1:1")
    assert json.loads(path.read_text())["import"] == [{"to": "aws_s3_bucket.state", "id": "b"}]
    assert imports.has(tmp_path, "aws_s3_bucket")
    assert not imports.has(tmp_path, "aws_s3_bucket_policy")
    imports.remove_of_another(tmp_path, "http://127.0.0.1:1")
    assert path.exists()
    imports.remove_of_another(tmp_path, "875486186130")
    assert not path.exists()
    assert not imports.remove(tmp_path)
    path.write_text('{"import": [')
    imports.remove_of_another(tmp_path, "875486186130")
    assert not path.exists()
