"""The stacks as main.py writes them: where they are, and the one reader of their cdk.tf.json."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from graphlib import TopologicalSorter
from pathlib import Path
from typing import Any, cast

from environments.settings import Backend
from ops.core.errors import CommandError, UserError
from ops.core.paths import ROOT, STACKS

BOOTSTRAP = "bootstrap"
FILE = "cdk.tf.json"
ADDRESS = re.compile(r"\baws_\w+\.\w+\b")
REFERENCE = re.compile(r"\$\{(\w+\.\w+)\.\w+\}")

Json = dict[str, Any]


@dataclass(frozen=True)
class S3Backend:
    """Where a stack's state and lock are."""

    bucket: str
    key: str
    region: str
    dynamodb_table: str

    @classmethod
    def of(cls, backend: Backend) -> S3Backend:
        """The one of an environment's settings."""
        return cls(backend.bucket, backend.key, backend.region, backend.dynamodb_table)

    @property
    def lock_id(self) -> str:
        """Key of the item that exists in the table while Terraform holds the lock."""
        return f"{self.bucket}/{self.key}"


@dataclass(frozen=True)
class Provider:
    """Where a resource is made, and with which tags, its own included."""

    region: str
    account_id: str
    tags: Mapping[str, str]


class UnknownAddress(CommandError):
    """A stack has no resource at an address that was expected there."""

    def __init__(self, address: str, stack: str) -> None:
        super().__init__(f"is not in the stack {stack}: main.py and this check disagree on its address")
        self.address = address


@dataclass(frozen=True)
class Stack:
    """One stack's JSON."""

    name: str
    document: Json

    @classmethod
    def read(cls, directory: Path) -> Stack:
        """Read the stack in a directory."""
        return cls(directory.name, json.loads((directory / FILE).read_text(encoding="utf-8")))

    @property
    def backend(self) -> S3Backend:
        """Where its state and lock are; raises KeyError for another backend than S3."""
        settings = self.document["terraform"]["backend"]["s3"]
        return S3Backend(settings["bucket"], settings["key"], settings["region"], settings["dynamodb_table"])

    @property
    def resources(self) -> dict[str, Json]:
        """Every resource by its address, `aws_vpc.vpc`."""
        types = self.document.get("resource", {})
        return {address: each for type_ in types for address, each in self.all(type_).items()}

    def all(self, type_: str) -> dict[str, Json]:
        """Resources of one type, by address."""
        found = cast("dict[str, Json]", self.document.get("resource", {}).get(type_, {}))
        return {f"{type_}.{name}": resource for name, resource in found.items()}

    def at(self, address: str) -> Json:
        """The resource at an address; raises UnknownAddress."""
        found = self.all(address.partition(".")[0]).get(address)
        if found is None:
            raise UnknownAddress(address, self.name)
        return found

    def in_order(self) -> dict[str, Json]:
        """Every resource by its address, each after those it depends on."""
        resources = self.resources
        graph = {address: sorted(_named(each) & resources.keys() - {address}) for address, each in resources.items()}
        return {address: resources[address] for address in TopologicalSorter(graph).static_order()}

    def provider(self, resource: Json) -> Provider:
        """The provider of a resource: `aws.replica` is the one with that alias."""
        alias = resource.get("provider", "aws").partition(".")[2]
        provider: Json = next(each for each in self.document["provider"]["aws"] if each.get("alias", "") == alias)
        default_tags: Json = provider["default_tags"][0]["tags"]
        (account_id,) = provider["allowed_account_ids"]
        return Provider(provider["region"], account_id, default_tags | resource.get("tags", {}))

    def constructs(self) -> dict[str, str]:
        """The construct of each address, such as vpc, from the paths that CDKTF notes in the JSON."""
        found: dict[str, str] = {}
        for address, resource in self.resources.items():
            # <stack>/<construct>/...
            path = resource.get("//", {}).get("metadata", {}).get("path", "")
            found[address] = path.split("/")[1] if "/" in path else address.partition(".")[2]
        return found


def referred(value: object) -> str:
    """The address in ${type.name.attribute}; any other value as it is."""
    text = str(value)
    found = REFERENCE.fullmatch(text)
    return found[1] if found else text


def synthesize(outdir: Path | None = None) -> None:
    """Run main.py, into cdktf.out or another directory; raises UserError with its message if it refuses a file."""
    variables = {**os.environ, "CDKTF_OUTDIR": str(outdir)} if outdir else None
    answer = subprocess.run(
        [sys.executable, "main.py"], cwd=ROOT, env=variables, capture_output=True, text=True, check=False
    )
    if answer.returncode == UserError.exit_code:
        raise UserError(answer.stderr.strip())
    if answer.returncode != 0:
        raise CommandError(f"main.py ended with code {answer.returncode}:\n{answer.stderr.strip()}")


def directory(stack: str, stacks: Path = STACKS) -> Path:
    """The stack's directory; raises UserError if it has not been synthesized."""
    found = stacks / stack
    if not (found / FILE).is_file():
        raise UserError(f"{found / FILE} does not exist: `make synth` writes it")
    return found


def backend(stack_directory: Path) -> S3Backend:
    """The S3 backend in the stack's JSON."""
    return Stack.read(stack_directory).backend


def _named(resource: Json) -> set[str]:
    """Addresses that a resource's expressions and depends_on name."""
    return set(ADDRESS.findall(json.dumps({key: value for key, value in resource.items() if key != "//"})))
