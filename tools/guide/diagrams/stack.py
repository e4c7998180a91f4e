"""A synthesized stack as its JSON says it: resources by address, and what uses what."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator
from typing import Any

Json = dict[str, Any]
REFERENCE = re.compile(r"\b(aws_\w+\.\w+)\.")
# Neither says what a resource uses: the one orders an apply, the other is CDKTF's own note.
NO_ARGUMENTS = ("depends_on", "//")


class Stack:
    """The arguments of each resource by address, `aws_vpc.vpc`, in the order of the addresses."""

    def __init__(self, name: str, document: Json) -> None:
        self.name = name
        self.document = document
        self.resources: dict[str, Json] = {
            f"{type_}.{name}": {key: value for key, value in block.items() if key not in NO_ARGUMENTS}
            for type_, by_name in sorted(document["resource"].items())
            for name, block in sorted(by_name.items())
        }

    def of(self, *types: str) -> dict[str, Json]:
        return {address: each for address, each in self.resources.items() if type_of(address) in types}

    def uses(self, address: str) -> set[str]:
        """The addresses that a resource refers to and, if it is a role, what its policies allow something on."""
        policies = [each for each in self.of("aws_iam_role_policy").values() if address in references(each["role"])]
        return {*references(self.resources[address]), *(each for policy in policies for each in _allowed(policy))}

    def reach(self, start: str, ends: Callable[[str], bool]) -> list[str]:
        """What a resource uses, directly or through others, as far as the first that `ends` says yes to."""
        found: set[str] = set()
        seen, waiting = {start}, [start]
        while waiting:
            for each in self.uses(waiting.pop()) - seen:
                seen.add(each)
                if ends(each):
                    found.add(each)
                elif each in self.resources:
                    waiting.append(each)
        return sorted(found)

    def region(self, provider: str = "aws") -> str:
        """Of a provider as a resource names it: `aws.replica` is the one with that alias."""
        alias = provider.partition(".")[2]
        providers: list[Json] = self.document["provider"]["aws"]
        return next(each["region"] for each in providers if each.get("alias", "") == alias)


def references(value: object) -> list[str]:
    """Every address in an argument, also in JSON that is a string, in the order of appearance."""
    return list(dict.fromkeys(REFERENCE.findall(json.dumps(value))))


def _allowed(policy: Json) -> Iterator[str]:
    """Addresses, and the parts of ARNs: what another stack makes is known by its name only."""
    for statement in json.loads(policy["policy"])["Statement"]:
        if statement["Effect"] == "Allow":
            yield from references(statement["Resource"])
            yield from (part for arn in statement["Resource"] for part in re.split("[:/]", arn))


def type_of(address: str) -> str:
    return address.partition(".")[0]


def label(address: str) -> str:
    """A resource's name in Terraform, without its type."""
    return address.partition(".")[2]
