"""Synthesized Terraform JSON, read as plain data."""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from cdktf import App, TerraformStack
from constructs import Construct

from environments.settings import Backend
from stacks.base import BaseStack

ROOT = Path(__file__).parent.parent
Json = dict[str, Any]


class Output:
    """One stack's JSON without its metadata."""

    def __init__(self, document: Json) -> None:
        self.document: Json = without_metadata(document)

    def all(self, type_: str) -> dict[str, Json]:
        """Resources of one type, by name."""
        return self.document.get("resource", {}).get(type_, {})

    def one(self, type_: str) -> Json:
        """The only resource of a type."""
        resources = list(self.all(type_).values())
        assert len(resources) == 1, f"{type_}: {sorted(self.all(type_))}"
        return resources[0]

    def at(self, address: str) -> Json:
        """The resource at an address, or a whole section such as `terraform` or `output`."""
        type_, _, name = address.partition(".")
        return self.document["resource"][type_][name] if name else self.document[type_]

    def resources(self) -> Iterator[tuple[str, Json]]:
        for type_, by_name in self.document.get("resource", {}).items():
            for name, resource in by_name.items():
                yield f"{type_}.{name}", resource

    def addresses(self) -> set[str]:
        return {address for address, _ in self.resources()}

    def policies(self) -> Iterator[tuple[str, Json]]:
        """Every IAM or resource policy, decoded."""
        for address, resource in self.resources():
            for key in ("policy", "assume_role_policy"):
                if key in resource and "Statement" in resource[key]:
                    yield f"{address}.{key}", json.loads(resource[key])


def without_metadata(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: without_metadata(item) for key, item in value.items() if key != "//"}
    if isinstance(value, list):
        return [without_metadata(item) for item in value]
    return value


def read_stack(outdir: Path, name: str) -> Output:
    return Output(json.loads((outdir / "stacks" / name / "cdk.tf.json").read_text()))


def synth_stack(outdir: Path, make: Callable[[App], TerraformStack]) -> Output:
    """Synthesize an app of one stack."""
    app = App(outdir=str(outdir))
    stack = make(app)
    app.synth()
    return read_stack(outdir, stack.node.id)


def synth_construct(outdir: Path, make: Callable[[Construct], object]) -> Output:
    """Synthesize constructs in an otherwise empty stack."""

    def stack(app: App) -> TerraformStack:
        backend = Backend(bucket="b", key="k", region="eu-west-1", dynamodb_table="t", encrypt=True)
        empty = BaseStack(app, "test", region="eu-west-1", account_id="111111111111", backend=backend, tags={})
        make(empty)
        return empty

    return synth_stack(outdir, stack)


def strings(value: Any) -> Iterator[str]:
    """Every string and key in a document."""
    if isinstance(value, dict):
        for key, item in value.items():
            yield key
            yield from strings(item)
    elif isinstance(value, list):
        for item in value:
            yield from strings(item)
    elif isinstance(value, str):
        yield value


def needs(condition: object, message: str) -> None:
    """Skip the test when something is not installed here; in CI, where everything must be, fail."""
    if condition:
        return
    if os.environ.get("CI") == "true":
        pytest.fail(message)
    pytest.skip(message)
