"""The stacks hold every attribute of the architecture guide, or follow a row of docs/deviations.md."""

from __future__ import annotations

import json
import re
import tomllib
from collections.abc import Iterator
from typing import Any

import pytest

from tests.support import ROOT, Output

BLOCKS: list[dict[str, Any]] = tomllib.loads((ROOT / "tests/conformance/guide.toml").read_text())["block"]
ABSENT = "absent"


@pytest.mark.parametrize("block", BLOCKS, ids=lambda block: block["guide"])
def test_block_of_the_guide_is_in_the_stack(block: dict[str, Any], stacks: dict[str, Output]) -> None:
    actual = dict(stacks[block.get("stack", "staging")].at(block["address"]))
    if "container_definitions" in actual:
        actual["container_definitions"] = json.loads(actual["container_definitions"])
    assert list(differences(block["attributes"], actual, block["address"])) == []


def test_every_cited_row_is_in_the_deviations_table() -> None:
    table = (ROOT / "docs/deviations.md").read_text()
    rows = {int(number) for number in re.findall(r"^\| (\d+) \|", table, flags=re.MULTILINE)}
    cited = {row for block in BLOCKS for row in cited_rows(block["attributes"])}
    assert cited - rows == set()


def test_every_row_of_the_deviations_table_names_a_test_that_exists() -> None:
    table = (ROOT / "docs/deviations.md").read_text()
    rows = re.findall(r"^\| (\d+) \|.*\| ([^|]+) \|$", table, flags=re.MULTILINE)
    sources = "".join(path.read_text() for path in (ROOT / "tests").rglob("test_*.py"))
    files = {path.name for path in (ROOT / "tests").rglob("test_*.py")}
    for number, holders in rows:
        names = re.findall(r"`([^`]+)`", holders)
        assert names, number
        for name in names:
            known = f"def {name}(" in sources or name in files or (ROOT / name).exists()
            assert known, f"row {number}: {name}"


@pytest.mark.parametrize(
    ("expected", "actual"),
    [
        ({"a": 1}, {}),
        ({"a": 1}, {"a": 2}),
        ({"a": 1}, {"a": "1"}),
        ({"a": True}, {"a": 1}),
        ({"a": [{"b": 1}]}, {"a": [{"b": 2}, {"c": 1}]}),
        ({"a": {"guide": 1, "project": 2, "row": 1}}, {"a": 1}),
        ({"a": {"guide": 1, "project": 2, "row": 1}}, {}),
        ({"a": {"guide": 1, "row": 1}}, {"a": 1}),
    ],
)
def test_a_difference_is_found(expected: dict[str, Any], actual: dict[str, Any]) -> None:
    assert list(differences(expected, actual, "x")) != []


def differences(expected: Any, actual: Any, where: str) -> Iterator[str]:
    """Yield one line for each expected value that is not there."""
    if is_deviation(expected):
        wanted = expected.get("project", ABSENT)
        if wanted == expected["guide"]:
            yield f"{where}: row {expected['row']} does not differ from the guide"
        if wanted != ABSENT:
            yield from differences(wanted, actual, where)
        elif actual is not None:
            yield f"{where}: expected to be absent (row {expected['row']}), got {actual!r}"
    elif isinstance(expected, dict) and isinstance(actual, dict):
        for key, value in expected.items():
            yield from differences(value, actual.get(key), f"{where}.{key}")
    elif isinstance(expected, list) and isinstance(actual, list):
        for item in expected:
            if not any(not list(differences(item, candidate, where)) for candidate in actual):
                yield f"{where}: expected an item {item!r}, got {actual!r}"
    elif expected != actual or type(expected) is not type(actual):
        yield f"{where}: expected {expected!r}, got {actual!r}"


def cited_rows(value: Any) -> Iterator[int]:
    if is_deviation(value):
        yield value["row"]
    elif isinstance(value, dict):
        for item in value.values():
            yield from cited_rows(item)
    elif isinstance(value, list):
        for item in value:
            yield from cited_rows(item)


def is_deviation(value: Any) -> bool:
    return isinstance(value, dict) and {"guide", "row"} <= value.keys()
