"""The reviewed record of the output: a change to any stack shows here, resource by resource."""

from __future__ import annotations

import dataclasses
import difflib
import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from environments.settings import Settings
from tests.support import Output

HERE = Path(__file__).parent


@pytest.mark.parametrize("name", ["bootstrap", "staging", "production"])
def test_shipped_stack(name: str, stacks: dict[str, Output], rewrite_golden: bool) -> None:
    compare(name, stacks[name].document, rewrite_golden)


def test_staging_whose_images_the_pipeline_owns(
    settings: dict[str, Settings], synth_platform: Callable[[Settings], Output], rewrite_golden: bool
) -> None:
    stack = synth_platform(dataclasses.replace(settings["staging"], image_owner="pipeline"))
    compare("staging-image-owner-pipeline", stack.document, rewrite_golden)


def test_a_difference_is_shown_by_resource() -> None:
    old = {"resource": {"aws_vpc": {"vpc": {"cidr_block": "a"}}, "aws_eip": {"ip": {}}}, "output": {}}
    new = {"resource": {"aws_vpc": {"vpc": {"cidr_block": "b"}}}, "output": {"x": {"value": 1}}}
    assert list(changes(old, new)) == [
        "removed resource.aws_eip.ip",
        'changed resource.aws_vpc.vpc\n- "cidr_block": "a"\n+ "cidr_block": "b"',
        "added output.x",
    ]


def compare(name: str, document: dict[str, Any], rewrite: bool) -> None:
    path = HERE / f"{name}.json"
    text = json.dumps(document, indent=2, sort_keys=True) + "\n"
    if rewrite:
        path.write_text(text)
    recorded = json.loads(path.read_text())
    found = list(changes(recorded, document))
    assert not found, "\n".join([f"{path.name} differs; `make golden` records the new output:", *found])


def changes(old: dict[str, Any], new: dict[str, Any]) -> Iterator[str]:
    """Yield what was added, removed or changed, an entry a resource, variable, output or provider."""
    before, after = dict(entries(old)), dict(entries(new))
    for key in [*before, *(key for key in after if key not in before)]:
        if key not in after:
            yield f"removed {key}"
        elif key not in before:
            yield f"added {key}"
        elif before[key] != after[key]:
            lines = difflib.unified_diff(pretty(before[key]), pretty(after[key]), n=0, lineterm="")
            yield "\n".join([f"changed {key}", *(line for line in lines if not line.startswith(("---", "+++", "@@")))])


def entries(document: dict[str, Any]) -> Iterator[tuple[str, Any]]:
    for section in sorted(document, key=lambda name: (name != "resource", name)):
        for name in sorted(document[section]):
            value = document[section][name]
            if section == "resource":
                yield from ((f"resource.{name}.{each}", value[each]) for each in sorted(value))
            else:
                yield f"{section}.{name}", value


def pretty(value: Any) -> list[str]:
    return json.dumps(value, indent=1, sort_keys=True).splitlines()
