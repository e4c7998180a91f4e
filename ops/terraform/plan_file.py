"""What a plan would do, read from Terraform's JSON of it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from ops.terraform.resource_types import of

KINDS = ("create", "update", "replace", "destroy")
ACTIONS: dict[tuple[str, ...], str] = {
    ("create",): "create",
    ("update",): "update",
    ("delete",): "destroy",
    ("delete", "create"): "replace",
    ("create", "delete"): "replace",
}
GONE = "no longer in the code"


@dataclass(frozen=True)
class Change:
    """One resource that the plan touches; kind is one of KINDS."""

    address: str
    type: str
    kind: str
    module: str
    """The construct that it is part of, such as vpc: the first part of its path in the stack."""


@dataclass(frozen=True)
class Plan:
    """All changes, by address; outputs are the names of those that change."""

    changes: tuple[Change, ...]
    outputs: tuple[str, ...]

    @property
    def counts(self) -> dict[str, int]:
        found = Counter(change.kind for change in self.changes)
        return {kind: found[kind] for kind in KINDS}

    @property
    def empty(self) -> bool:
        return not self.changes and not self.outputs

    def by_module(self) -> dict[str, list[Change]]:
        modules: dict[str, list[Change]] = {}
        for change in sorted(self.changes, key=lambda each: (each.module, each.address)):
            modules.setdefault(change.module, []).append(change)
        return modules


def read(document: Mapping[str, Any], modules: Mapping[str, str]) -> Plan:
    """The plan in the JSON of `terraform show -json`; modules as of `Stack.constructs`."""
    changes: list[Change] = []
    for each in document.get("resource_changes", []):
        kind = ACTIONS.get(tuple(each["change"]["actions"]))
        if kind is not None:
            address = each["address"]
            # An instance of a counted resource has the construct of all of them.
            module = modules.get(address.partition("[")[0], GONE)
            changes.append(Change(address, each["type"], kind, module))
    outputs = [name for name, each in document.get("output_changes", {}).items() if each["actions"] != ["no-op"]]
    return Plan(tuple(sorted(changes, key=lambda each: each.address)), tuple(sorted(outputs)))


def counted(counts: Mapping[str, int]) -> str:
    """In words: 1 to create, 0 to update, 0 to replace, 0 to destroy."""
    return ", ".join(f"{counts[kind]} to {kind}" for kind in KINDS)


def stateful(changes: Iterable[Change]) -> list[Change]:
    """Those that would delete data which no apply brings back."""
    return [each for each in changes if each.kind in ("replace", "destroy") and of(each.type).data]


def serving(changes: Iterable[Change]) -> list[Change]:
    """Those that would take away what serves before another one does, or that AWS refuses halfway."""
    return [each for each in changes if each.kind == "replace" and of(each.type).serving]


def protected(document: Mapping[str, Any]) -> list[str]:
    """Addresses that a plan would delete and AWS would refuse to, after the rest is already gone."""
    return [
        each["address"]
        for each in document.get("resource_changes", [])
        if "delete" in each["change"]["actions"] and _is_protected(each["type"], each["change"]["before"])
    ]


def _is_protected(type_: str, attributes: Mapping[str, object]) -> bool:
    """By its own attribute, or as a vault of AWS Backup with recovery points that Terraform is not to delete."""
    attribute, value = of(type_).protection or ("", None)
    is_kept = attributes.get("recovery_points") and not attributes.get("force_destroy")
    return bool(is_kept) or (attribute in attributes and attributes[attribute] == value)
