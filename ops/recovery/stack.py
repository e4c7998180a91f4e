"""A synthesized stack beside its state: what it should consist of, and what Terraform knows of."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from graphlib import TopologicalSorter
from pathlib import Path
from typing import Any, cast

from ops.recovery.finding import Json

ADDRESS = re.compile(r"\b(aws_\w+\.\w+)\b")


@dataclass(frozen=True)
class Provider:
    """Where a resource is made, and with which tags beside its own."""

    region: str
    account_id: str
    tags: Mapping[str, str]


@dataclass(frozen=True)
class Recorded:
    """A resource in the state; tainted is one whose creation failed half-way: the next apply replaces it."""

    attributes: Json
    tainted: bool

    @property
    def id(self) -> str:
        return str(self.attributes.get("id", ""))


@dataclass(frozen=True)
class Stack:
    """The JSON of a stack, and the state's resources by address."""

    document: Json
    recorded: Mapping[str, Recorded]
    ids: frozenset[str]
    """Of all that the state has, also of what is no longer in the JSON."""

    @classmethod
    def read(cls, directory: Path, state: Json | None) -> Stack:
        document = cast("Json", json.loads((directory / "cdk.tf.json").read_text(encoding="utf-8")))
        return cls(document, dict(_recorded(state or {})), frozenset(_ids(state or {})))

    @cached_property
    def resources(self) -> dict[str, Json]:
        """By address, each after those it depends on."""
        found: dict[str, Json] = {
            f"{type_}.{name}": config
            for type_, by_name in self.document.get("resource", {}).items()
            for name, config in by_name.items()
        }
        graph = {address: sorted(_named(config) & found.keys() - {address}) for address, config in found.items()}
        return {address: found[address] for address in TopologicalSorter(graph).static_order()}

    def provider(self, config: Json) -> Provider:
        alias = config.get("provider", "aws").partition(".")[2]
        provider: Json = next(each for each in self.document["provider"]["aws"] if each.get("alias", "") == alias)
        default_tags: Json = provider["default_tags"][0]["tags"]
        (account_id,) = provider["allowed_account_ids"]
        return Provider(provider["region"], account_id, default_tags | config.get("tags", {}))


def _named(config: Json) -> set[str]:
    """Addresses that a resource's expressions and depends_on name."""
    return set(ADDRESS.findall(json.dumps({key: value for key, value in config.items() if key != "//"})))


def _ids(state: Json) -> Iterator[str]:
    for resource in state.get("resources", []):
        for instance in resource.get("instances", []):
            attributes: dict[str, Any] = instance.get("attributes") or {}
            yield str(attributes.get("id", ""))


def _recorded(state: Json) -> Iterator[tuple[str, Recorded]]:
    for resource in state.get("resources", []):
        for instance in resource.get("instances", []):
            # A deposed one lies beside its replacement, and the next apply removes it.
            if resource["mode"] == "managed" and not instance.get("deposed"):
                attributes: dict[str, Any] = instance.get("attributes") or {}
                yield (
                    f"{resource['type']}.{resource['name']}",
                    Recorded(attributes, instance.get("status") == "tainted"),
                )
