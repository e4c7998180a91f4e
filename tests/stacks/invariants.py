"""What holds for a stack whatever its settings are; each function yields what breaks it, so nothing when it holds."""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from graphlib import CycleError, TopologicalSorter
from typing import Any, TypeAlias

from ops.terraform.resource_types import TYPES
from tests.stacks import aws_invariants as aws
from tests.stacks import security_invariants as security
from tests.stacks.references import graph, resource_references, variable_references
from tests.support import Output, strings

Invariant: TypeAlias = Callable[[Output], Iterator[object]]


def tokens(stack: Output) -> Iterator[object]:
    yield from (text for text in strings(stack.document) if "TfToken" in text)


def emptied_blocks(stack: Output) -> Iterator[object]:
    yield from _empty_blocks(stack.document, "")


def unresolved_references(stack: Output) -> Iterator[object]:
    known = stack.addresses()
    used = {f"output.{name}": resource_references(value) for name, value in stack.document["output"].items()}
    for address, references in (used | graph(stack)).items():
        yield from ((address, missing) for missing in references - known)
    yield from variable_references(stack) ^ set(stack.document.get("variable", {}))


def dependency_cycles(stack: Output) -> Iterator[object]:
    try:
        list(TopologicalSorter(graph(stack)).static_order())
    except CycleError as error:
        yield error.args[1]


def addresses_that_cannot_be_typed(stack: Output) -> Iterator[object]:
    # An output for each environment has that one's name in it, hyphens included.
    outputs = {name.replace("-", "_") for name in stack.document["output"]}
    for name in {address.split(".")[1] for address in stack.addresses()} | outputs:
        hashed = re.search(r"_[0-9A-F]{8}$", name, re.IGNORECASE) and not re.search(r"_[a-z]{8}$", name)
        if not re.fullmatch(r"[a-z][a-z0-9_]*", name) or (hashed and not name.isdecimal()):
            yield name


def untagged_providers(stack: Output) -> Iterator[object]:
    for provider in stack.at("provider")["aws"]:
        (default,) = provider["default_tags"]
        yield from {"Project", "Environment", "ManagedBy"} - default["tags"].keys()


def tags_of_modules(stack: Output) -> Iterator[object]:
    yield from {key for _, resource in stack.resources() for key in resource.get("tags", {})} - {"Name"}


def functions_of_the_clock(stack: Output) -> Iterator[object]:
    """All but in the name of the final snapshot, changes of which are ignored."""
    for address, resource in stack.resources():
        if "timestamp()" in json.dumps(resource) and (
            address != "aws_db_instance.database"
            or "final_snapshot_identifier" not in resource["lifecycle"]["ignore_changes"]
        ):
            yield address


EVERY: tuple[Invariant, ...] = (
    tokens,
    emptied_blocks,
    unresolved_references,
    dependency_cycles,
    addresses_that_cannot_be_typed,
    untagged_providers,
    tags_of_modules,
    security.plain_storage,
    security.open_buckets,
    security.public_parts,
    security.inline_rules,
    security.edges_with_one_end,
    security.broad_policies,
    security.roles_for_other_accounts,
    functions_of_the_clock,
    aws.names_that_aws_refuses,
    aws.tags_that_aws_refuses,
    aws.subnets_that_do_not_fit,
    aws.wrong_ways_out,
    aws.rules_out_of_order,
    aws.tasks_of_a_wrong_size,
)


def broken(stack: Output) -> dict[str, list[object]]:
    """Every invariant that does not hold, and what breaks it."""
    found = {invariant.__name__: list(invariant(stack)) for invariant in EVERY}
    return {name: breaks for name, breaks in found.items() if breaks}


def broken_in_account(stacks: Mapping[str, Output]) -> dict[str, list[object]]:
    """Likewise of all stacks of an account together."""
    found = {
        "clashing_names": list(clashing_names(stacks.values())),
        "shared_states": list(shared_states(stacks.values())),
        "states_without_a_place": list(states_without_a_place(stacks)),
        "roles_within_reach": list(security.roles_within_reach(stacks)),
        "roles_without_boundary": list(security.roles_without_boundary(stacks)),
    }
    return {name: breaks for name, breaks in found.items() if breaks}


def clashing_names(stacks: Collection[Output]) -> Iterator[object]:
    """Names that two resources of an account's stacks have, of a type that admits each once in account and region."""
    for type_, known in TYPES.items():
        if known.name and not known.name.within:
            names = [each[known.name.argument] for stack in stacks for each in stack.all(type_).values()]
            yield from ((type_, name) for name in duplicates(names))


def shared_states(stacks: Collection[Output]) -> Iterator[object]:
    """State keys and lock tables that two stacks have; states outside the one bucket or in clear."""
    backends = [stack.at("terraform")["backend"]["s3"] for stack in stacks]
    for key in ("key", "dynamodb_table"):
        yield from duplicates(backend[key] for backend in backends)
    if len({backend["bucket"] for backend in backends}) != 1:
        yield backends
    yield from (backend for backend in backends if backend["encrypt"] is not True)


def states_without_a_place(stacks: Mapping[str, Output]) -> Iterator[object]:
    """Buckets and lock tables of states that the bootstrap stack does not make, and lock tables of none."""
    backends = [stack.at("terraform")["backend"]["s3"] for stack in stacks.values()]
    bootstrap = stacks["bootstrap"]
    tables = {table["name"] for table in bootstrap.all("aws_dynamodb_table").values()}
    yield from tables ^ {backend["dynamodb_table"] for backend in backends}
    buckets = {bucket["bucket"] for bucket in bootstrap.all("aws_s3_bucket").values()}
    yield from {backend["bucket"] for backend in backends} - buckets


def duplicates(names: Iterable[str]) -> list[str]:
    return [name for name, count in Counter(names).items() if count > 1]


def _empty_blocks(value: Any, where: str) -> Iterator[str]:
    if isinstance(value, dict):
        for key, item in value.items():
            yield from _empty_blocks(item, f"{where}.{key}")
    elif isinstance(value, list):
        for index, item in enumerate(value):
            if item == {}:
                yield f"{where}[{index}]"
            yield from _empty_blocks(item, f"{where}[{index}]")
