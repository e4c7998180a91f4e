"""What a finder is given, what it gives, and how it asks AWS."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from botocore.exceptions import ClientError

from ops.core.aws import ask, is_absent
from ops.terraform.synthesized import Json


class Unresolved(Exception):
    """A value that hangs on something that does not exist, or that only Terraform can work out."""


@dataclass(frozen=True)
class Object:
    """Something in the account that a resource of the stack may be."""

    id: str
    """As Terraform records it."""
    by: str
    """What it was found by."""
    given_import_id: str = ""
    """As the provider's documentation has it, where that is not the id."""
    attributes: Mapping[str, str] = field(default_factory=dict[str, str])
    """What other resources refer to, beside the id and what the JSON says."""
    pending: str = ""
    """The state of one that AWS is still making."""
    remove: str = ""
    """Arguments of the aws command that removes it; empty for what can exist only once."""
    project: str = ""
    """Its tag Project, of what exists once in an account under a name that another project may have too."""

    @property
    def import_id(self) -> str:
        return self.given_import_id or self.id


@dataclass(frozen=True)
class Wanted:
    """A resource of the stack as its JSON has it."""

    address: str
    config: Json
    region: str
    account_id: str
    tags: Mapping[str, str]
    """Its own and the provider's."""
    client: Callable[[str], Any]
    resolve: Callable[[object], str]
    siblings: Callable[[str], Iterable[Wanted]]
    """The stack's resources of a type."""

    def text(self, key: str) -> str:
        """A value, references resolved; raises Unresolved."""
        return self.resolve(self.config[key])

    @property
    def name(self) -> str:
        return self.text("name")


Find = Callable[[Wanted], Iterable[Object]]
Leftovers = Callable[[Wanted, str], Iterable[Object]]
"""Given the id too."""


@dataclass(frozen=True)
class Finder:
    """How objects of one resource type are found. More than one found is never decided on, but told."""

    find: Find
    strays: Find | None = None
    """Those with its tags, wherever they are: of an earlier apply, beside the one that the state has."""
    leftovers: Leftovers | None = None
    """What is inside an object and in neither the code nor the state."""


def project_of(tags: Iterable[Json]) -> str:
    """The tag Project in a list of tags; empty without one."""
    return next((str(each["Value"]) for each in tags if each["Key"] == "Project"), "")


def listed(key: str, call: Callable[..., Any], **arguments: Any) -> list[Any]:
    """What the answer holds under the key; nothing where AWS says that there is no such thing."""
    found = ask(call, **arguments)
    return found[key] if found else []


def pages(client: Any, operation: str, key: str, **arguments: Any) -> Iterator[Any]:
    """What all pages of a listing hold under the key; nothing where what is listed does not exist."""
    try:
        for page in client.get_paginator(operation).paginate(**arguments):
            yield from page[key]
    except ClientError as error:
        if not is_absent(error):
            raise
