"""What checkov reads: each stack's JSON, and its plan for an account in which nothing exists yet."""

from __future__ import annotations

import json
import shutil
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, cast

import main
from ops.core.console import Display
from ops.core.errors import CommandError, UserError
from ops.core.files import write_atomically
from ops.core.paths import ROOT, Work
from ops.core.settings import load_settings
from ops.state.bootstrap import OVERRIDE
from ops.terraform import environment
from ops.terraform.run import Terraform
from ops.terraform.synthesized import Json, Stack
from rehearsal.aws import process

JSON, PLAN = "JSON", "plan"
SYNTHESIZED, PLANNED, CHECKED = "synthesized", "planned", "checked"


@dataclass(frozen=True)
class Input:
    """One file to be checked, and the addresses of the resources in it."""

    stack: str
    source: str
    path: Path
    addresses: frozenset[str]


def prepare(given: Path | None, work: Work, display: Display) -> list[Input]:
    """Write the files of the given stacks, or else of those in environments/. Raises CommandError, UserError."""
    # What a run that was killed left.
    process.stop(work)
    for made in (SYNTHESIZED, PLANNED, CHECKED):
        shutil.rmtree(work.directory / made, ignore_errors=True)
    stacks = given or work.directory / SYNTHESIZED / "stacks"
    if given is None:
        stacks.parent.mkdir(parents=True)
        with display.step("synthesize"):
            main.synthesize(ROOT / "environments", stacks.parent)
    directories = sorted(path.parent for path in stacks.glob("*/cdk.tf.json"))
    if not directories:
        raise UserError(f"{stacks} has no <stack>/cdk.tf.json: `make synth` writes cdktf.out/stacks")
    account_id = load_settings()[0].account_id
    inputs: list[Input] = []
    try:
        with display.step("embedded AWS, empty"):
            record = process.start(work, account_id)
        # The provider, where it has to be downloaded, is the one of the other commands.
        variables = environment.for_emulator(record.url, Work())
        variables["TF_VAR_db_password"] = environment.db_password(work)
        for directory in directories:
            with display.step(f"{directory.name}: plan"):
                inputs += _stack(directory, variables, work)
    finally:
        process.stop(work)
    return inputs


def _stack(directory: Path, variables: Mapping[str, str], work: Work) -> list[Input]:
    name = directory.name
    stack = Stack.read(directory)
    plan = _plan(name, stack.document, variables, work)
    addresses = frozenset(stack.resources)
    planned = frozenset(str(change["address"]) for change in plan["resource_changes"])
    if planned != addresses:
        raise CommandError(f"{name}: its plan is not of its resources: {sorted(planned ^ addresses)}")
    return [
        # Indented, so that a line of it tells the resource: checkov leaves the type out of some addresses.
        _write(work, name, JSON, json.dumps(_readable(stack.document), indent=1), addresses),
        _write(work, name, PLAN, json.dumps(plan), addresses),
    ]


def _plan(name: str, document: Json, variables: Mapping[str, str], work: Work) -> Json:
    directory = work.directory / PLANNED / name
    write_atomically(directory / "cdk.tf.json", json.dumps(document))
    # The bucket for the state is not there either.
    local = {"terraform": {"backend": {"local": {"path": str(directory / "terraform.tfstate")}}}}
    write_atomically(directory / OVERRIDE, json.dumps(local))
    terraform = Terraform(directory, variables, work)
    terraform.init()
    terraform.plan(work.plan(name))
    return terraform.show_json(work.plan(name))


def _write(work: Work, stack: str, source: str, text: str, addresses: frozenset[str]) -> Input:
    # One folder a file: the resources of one stack are not those of another, nor a plan's those of its JSON.
    path = work.directory / CHECKED / stack / source / ("tfplan.json" if source == PLAN else "cdk.tf.json")
    write_atomically(path, text)
    return Input(stack, source, path, addresses)


def _readable(document: Json) -> Json:
    """The JSON as Terraform reads it: a null is an attribute that is not there, and checkov takes it for a value."""
    readable = cast("Json", _without_nulls(document))
    # Checkov expects a list and ends with an exception.
    readable["terraform"].pop("required_version", None)
    return readable


def _without_nulls(value: Any) -> Any:
    if isinstance(value, dict):
        items = cast("Json", value).items()
        return {key: _without_nulls(item) for key, item in items if item is not None and key != "//"}
    if isinstance(value, list):
        return [_without_nulls(item) for item in cast("list[Any]", value)]
    return value
