"""References between the resources of a stack."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from tests.support import Output, strings

EXPRESSION = re.compile(r"\$\{(.*?)\}", re.DOTALL)
RESOURCE = re.compile(r"(?<!data\.)(?<!ephemeral\.)\b(aws_\w+\.[\w-]+)\.")
VARIABLE = re.compile(r"\bvar\.(\w+)")


def expressions(value: Any) -> Iterator[str]:
    for text in strings(value):
        yield from EXPRESSION.findall(text)


def resource_references(resource: Any) -> set[str]:
    """Addresses that a resource's expressions and depends_on name."""
    found = {address for text in expressions(resource) for address in RESOURCE.findall(text)}
    return found | set(resource.get("depends_on", []))


def variable_references(output: Output) -> set[str]:
    return {name for text in expressions(output.document) for name in VARIABLE.findall(text)}


def graph(output: Output) -> dict[str, set[str]]:
    """Each resource's address and what it depends on."""
    return {address: resource_references(resource) for address, resource in output.resources()}
