"""What holds for every stack that the generator makes."""

from __future__ import annotations

import re

import pytest

from tests.stacks import aws_invariants as aws
from tests.stacks import invariants
from tests.stacks import security_invariants as security
from tests.support import ROOT, Output

STACKS = ("bootstrap", "production", "staging")


@pytest.fixture(params=STACKS)
def stack(request: pytest.FixtureRequest, stacks: dict[str, Output]) -> Output:
    return stacks[request.param]


def test_one_stack_per_tfvars_and_the_bootstrap(stacks: dict[str, Output]) -> None:
    assert sorted(stacks) == sorted(STACKS)


def test_no_token_is_left(stack: Output) -> None:
    assert list(invariants.tokens(stack)) == []


def test_no_block_was_silently_emptied(stack: Output) -> None:
    assert list(invariants.emptied_blocks(stack)) == []


def test_every_reference_resolves(stack: Output) -> None:
    assert list(invariants.unresolved_references(stack)) == []


def test_no_dependency_cycle(stack: Output) -> None:
    assert list(invariants.dependency_cycles(stack)) == []


def test_addresses_can_be_typed(stack: Output) -> None:
    assert list(invariants.addresses_that_cannot_be_typed(stack)) == []


def test_state_keys_and_lock_tables_are_unique(stacks: dict[str, Output]) -> None:
    assert list(invariants.shared_states(stacks.values())) == []
    bucket = stacks["staging"].at("terraform")["backend"]["s3"]["bucket"]
    assert bucket == "prodready-infra-terraform-state-875486186130"


def test_bootstrap_makes_every_state_bucket_and_lock_table(stacks: dict[str, Output]) -> None:
    assert list(invariants.states_without_a_place(stacks)) == []


def test_names_do_not_clash_in_the_account(stacks: dict[str, Output]) -> None:
    assert list(invariants.clashing_names(stacks.values())) == []


def test_every_provider_tags_everything_it_makes(stack: Output) -> None:
    assert list(invariants.untagged_providers(stack)) == []
    accounts = [provider["allowed_account_ids"] for provider in stack.at("provider")["aws"]]
    assert accounts == [["875486186130"]] * len(accounts)


def test_modules_add_no_tag_but_name(stack: Output) -> None:
    assert list(invariants.tags_of_modules(stack)) == []


def test_storage_is_encrypted(stack: Output) -> None:
    assert list(security.plain_storage(stack)) == []


def test_buckets_are_private_versioned_and_refuse_plain_http(stack: Output) -> None:
    assert list(security.open_buckets(stack)) == []


def test_nothing_is_public_but_the_load_balancer(stack: Output) -> None:
    assert list(security.public_parts(stack)) == []


def test_security_groups_have_no_inline_rules(stack: Output) -> None:
    assert list(security.inline_rules(stack)) == []


def test_every_edge_between_groups_has_both_ends(stack: Output) -> None:
    assert list(security.edges_with_one_end(stack)) == []


def test_policies_name_exact_actions_and_resources(stack: Output) -> None:
    assert list(security.broad_policies(stack)) == []


def test_services_assume_roles_only_for_this_account(stack: Output) -> None:
    assert list(security.roles_for_other_accounts(stack)) == []


def test_no_environment_name_in_the_code_of_stacks_and_modules() -> None:
    files = [*(ROOT / "modules").rglob("*.py"), *(ROOT / "stacks").rglob("*.py")]
    named = [path.name for path in files if re.search(r"[\"'](production|staging)[\"']", path.read_text())]
    assert len(files) > 15
    assert named == []


def test_no_function_of_the_clock_but_the_ignored_snapshot_name(stack: Output) -> None:
    assert list(invariants.functions_of_the_clock(stack)) == []


def test_names_and_tags_are_within_the_limits_of_aws(stack: Output) -> None:
    assert list(aws.names_that_aws_refuses(stack)) == []
    assert list(aws.tags_that_aws_refuses(stack)) == []


def test_subnets_lie_in_the_vpc_and_beside_each_other(stack: Output) -> None:
    assert list(aws.subnets_that_do_not_fit(stack)) == []


def test_inner_subnets_go_out_by_their_own_zone_where_it_has_a_nat_gateway(stack: Output) -> None:
    assert list(aws.wrong_ways_out(stack)) == []


def test_the_path_of_the_api_is_looked_at_before_the_path_of_everything(stack: Output) -> None:
    assert list(aws.rules_out_of_order(stack)) == []


def test_containers_fit_their_tasks_and_tasks_fit_fargate(stack: Output) -> None:
    assert list(aws.tasks_of_a_wrong_size(stack)) == []
