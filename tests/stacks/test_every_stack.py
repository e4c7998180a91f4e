"""What holds for every stack that the generator makes."""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Iterator
from graphlib import TopologicalSorter
from typing import Any

import pytest

from tests.stacks.references import graph, resource_references, variable_references
from tests.support import ROOT, Output, strings

STACKS = ("bootstrap", "production", "staging")

# Names that must be unique in an account and region, whichever stack makes them.
ACCOUNT_NAMES = {
    "aws_cloudwatch_dashboard": "dashboard_name",
    "aws_cloudwatch_log_group": "name",
    "aws_cloudwatch_metric_alarm": "alarm_name",
    "aws_cognito_user_pool": "name",
    "aws_db_instance": "identifier",
    "aws_db_parameter_group": "name",
    "aws_db_subnet_group": "name",
    "aws_dynamodb_table": "name",
    "aws_ecr_repository": "name",
    "aws_ecs_cluster": "name",
    "aws_ecs_task_definition": "family",
    "aws_iam_role": "name",
    "aws_lb": "name",
    "aws_lb_target_group": "name",
    "aws_s3_bucket": "bucket",
    "aws_secretsmanager_secret": "name",
    "aws_sns_topic": "name",
}


@pytest.fixture(params=STACKS)
def stack(request: pytest.FixtureRequest, stacks: dict[str, Output]) -> Output:
    return stacks[request.param]


def test_one_stack_per_tfvars_and_the_bootstrap(stacks: dict[str, Output]) -> None:
    assert sorted(stacks) == sorted(STACKS)


def test_no_token_is_left(stack: Output) -> None:
    assert [text for text in strings(stack.document) if "TfToken" in text] == []


def test_no_block_was_silently_emptied(stack: Output) -> None:
    assert list(empty_blocks(stack.document, "")) == []


def test_every_reference_resolves(stack: Output) -> None:
    known = stack.addresses()
    for section in ("resource", "output"):
        for name, value in stack.document[section].items():
            missing = resource_references(value) - known if section == "output" else set()
            assert missing == set(), name
    for address, references in graph(stack).items():
        assert references - known == set(), address
    assert variable_references(stack) == set(stack.document.get("variable", {}))


def test_no_dependency_cycle(stack: Output) -> None:
    list(TopologicalSorter(graph(stack)).static_order())


def test_addresses_can_be_typed(stack: Output) -> None:
    names = {address.split(".")[1] for address in stack.addresses()} | set(stack.document["output"])
    assert [name for name in names if not re.fullmatch(r"[a-z][a-z0-9_]*", name)] == []
    hashed = [name for name in names if re.search(r"_[0-9A-F]{8}$", name, re.IGNORECASE) and not name.isdecimal()]
    assert [name for name in hashed if not re.search(r"_[a-z]{8}$", name)] == []


def test_state_keys_and_lock_tables_are_unique(stacks: dict[str, Output]) -> None:
    backends = [stack.at("terraform")["backend"]["s3"] for stack in stacks.values()]
    for key in ("key", "dynamodb_table"):
        assert duplicates(backend[key] for backend in backends) == []
    assert {backend["bucket"] for backend in backends} == {"prodready-infra-terraform-state-875486186130"}
    assert all(backend["encrypt"] is True for backend in backends)


def test_bootstrap_makes_every_state_bucket_and_lock_table(stacks: dict[str, Output]) -> None:
    tables = {table["name"] for table in stacks["bootstrap"].all("aws_dynamodb_table").values()}
    assert tables == {stack.at("terraform")["backend"]["s3"]["dynamodb_table"] for stack in stacks.values()}
    buckets = {bucket["bucket"] for bucket in stacks["bootstrap"].all("aws_s3_bucket").values()}
    assert {stack.at("terraform")["backend"]["s3"]["bucket"] for stack in stacks.values()} <= buckets


def test_names_do_not_clash_in_the_account(stacks: dict[str, Output]) -> None:
    for type_, attribute in ACCOUNT_NAMES.items():
        names = [resource[attribute] for stack in stacks.values() for resource in stack.all(type_).values()]
        assert duplicates(names) == [], type_


def test_every_provider_tags_everything_it_makes(stack: Output) -> None:
    for provider in stack.at("provider")["aws"]:
        (default,) = provider["default_tags"]
        assert default["tags"].keys() >= {"Project", "Environment", "ManagedBy"}
        assert provider["allowed_account_ids"] == ["875486186130"]


def test_modules_add_no_tag_but_name(stack: Output) -> None:
    tags = {key for _, resource in stack.resources() for key in resource.get("tags", {})}
    assert tags <= {"Name"}


def test_storage_is_encrypted(stack: Output) -> None:
    for table in stack.all("aws_dynamodb_table").values():
        assert table["server_side_encryption"] == {"enabled": True}
    for instance in stack.all("aws_db_instance").values():
        assert instance["storage_encrypted"] is True
    for repository in stack.all("aws_ecr_repository").values():
        assert repository["encryption_configuration"] == [{"encryption_type": "KMS"}]
    assert companions(stack, "aws_s3_bucket_server_side_encryption_configuration") == buckets(stack)


def test_buckets_are_private_versioned_and_refuse_plain_http(stack: Output) -> None:
    assert companions(stack, "aws_s3_bucket_versioning") == buckets(stack)
    assert companions(stack, "aws_s3_bucket_public_access_block") == buckets(stack)
    for block in stack.all("aws_s3_bucket_public_access_block").values():
        flags = ("block_public_acls", "block_public_policy", "ignore_public_acls", "restrict_public_buckets")
        assert all(block[flag] is True for flag in flags)
    assert companions(stack, "aws_s3_bucket_policy") == buckets(stack)
    for policy in stack.all("aws_s3_bucket_policy").values():
        statements = {each["Sid"]: each for each in json.loads(policy["policy"])["Statement"]}
        tls = statements["TlsOnly"]
        assert (tls["Effect"], tls["Action"], tls["Principal"]) == ("Deny", ["s3:*"], "*")
        assert tls["Condition"] == {"Bool": {"aws:SecureTransport": "false"}}


def test_nothing_is_public_but_the_load_balancer(stack: Output) -> None:
    for name, rule in stack.all("aws_vpc_security_group_ingress_rule").items():
        if "cidr_ipv4" in rule or "cidr_ipv6" in rule:
            assert rule["security_group_id"] == "${aws_security_group.alb.id}", name
            assert rule["from_port"] == rule["to_port"]
            assert rule["from_port"] in (80, 443)
    for instance in stack.all("aws_db_instance").values():
        assert instance["publicly_accessible"] is False
    for service in stack.all("aws_ecs_service").values():
        assert service["network_configuration"]["assign_public_ip"] is False
    for name, subnet in stack.all("aws_subnet").items():
        assert subnet.get("map_public_ip_on_launch", False) is name.startswith("vpc_public_"), name
    public_routes = [name for name, route in stack.all("aws_route").items() if "gateway_id" in route]
    assert public_routes in ([], ["vpc_public_internet"])


def test_security_groups_have_no_inline_rules(stack: Output) -> None:
    for group in stack.all("aws_security_group").values():
        assert group.keys().isdisjoint({"ingress", "egress"})
    for group in stack.all("aws_default_security_group").values():
        assert group.keys() == {"vpc_id", "tags"}


def test_every_edge_between_groups_has_both_ends(stack: Output) -> None:
    def edges(direction: str, source: str, target: str) -> set[tuple[str, str, int]]:
        rules = stack.all(f"aws_vpc_security_group_{direction}_rule").values()
        return {
            (rule[source], rule[target], rule["from_port"]) for rule in rules if "referenced_security_group_id" in rule
        }

    way_out = edges("egress", "security_group_id", "referenced_security_group_id")
    way_in = edges("ingress", "referenced_security_group_id", "security_group_id")
    assert way_out == way_in


def test_policies_name_exact_actions_and_resources(stack: Output) -> None:
    for where, policy in stack.policies():
        for statement in policy["Statement"]:
            if statement["Effect"] == "Deny":
                continue
            assert not [action for action in statement["Action"] if "*" in action], where
            assert statement.get("Principal") != "*", where
            if "*" in statement.get("Resource", []):
                assert statement["Action"] == ["ecr:GetAuthorizationToken"], where


def test_services_assume_roles_only_for_this_account(stack: Output) -> None:
    for name, role in stack.all("aws_iam_role").items():
        (statement,) = json.loads(role["assume_role_policy"])["Statement"]
        if "Service" in statement["Principal"]:
            assert statement["Condition"] == {"StringEquals": {"aws:SourceAccount": "875486186130"}}, name


def test_no_environment_name_in_the_code_of_stacks_and_modules() -> None:
    files = [*(ROOT / "modules").rglob("*.py"), *(ROOT / "stacks").rglob("*.py")]
    named = [path.name for path in files if re.search(r"[\"'](production|staging)[\"']", path.read_text())]
    assert len(files) > 15
    assert named == []


def test_no_function_of_the_clock_but_the_ignored_snapshot_name(stack: Output) -> None:
    clock = [address for address, resource in stack.resources() if "timestamp()" in json.dumps(resource)]
    for address in clock:
        assert address == "aws_db_instance.database"
        assert "final_snapshot_identifier" in stack.at(address)["lifecycle"]["ignore_changes"]


def empty_blocks(value: Any, where: str) -> Iterator[str]:
    if isinstance(value, dict):
        for key, item in value.items():
            yield from empty_blocks(item, f"{where}.{key}")
    elif isinstance(value, list):
        for index, item in enumerate(value):
            if item == {}:
                yield f"{where}[{index}]"
            yield from empty_blocks(item, f"{where}[{index}]")


def duplicates(names: Any) -> list[str]:
    return [name for name, count in Counter(names).items() if count > 1]


def buckets(stack: Output) -> set[str]:
    return {f"${{aws_s3_bucket.{name}.id}}" for name in stack.all("aws_s3_bucket")}


def companions(stack: Output, type_: str) -> set[str]:
    return {resource["bucket"] for resource in stack.all(type_).values()}
