"""The proof fails on any difference that is not allowed, and on an allowed one that no longer occurs."""

from __future__ import annotations

import copy
import json
from pathlib import Path
from typing import Any

import pytest

from ops.core.errors import UserError
from tools.leaving_cdktf import __main__ as leaving
from tools.leaving_cdktf import fork
from tools.leaving_cdktf.differences import (
    Comparison,
    Difference,
    allowed,
    compare,
)

STACK: dict[str, Any] = {
    "//": {"metadata": {"version": "0.21.0"}},
    "resource": {"aws_vpc": {"vpc": {"cidr_block": "10.1.0.0/16", "enable_dns_support": True}}},
    "output": {"vpc_id": {"value": "${aws_vpc.vpc.id}"}},
}
ALLOWED = {Difference("//.metadata.version", '"0.21.0"', '"0.24.0"'): "The generator's own version."}


@pytest.fixture
def renamed() -> dict[str, Any]:
    """The stack as the fork writes it."""
    document = copy.deepcopy(STACK)
    document["//"]["metadata"]["version"] = "0.24.0"
    return document


def run(monkeypatch: pytest.MonkeyPatch, document: object) -> int:
    monkeypatch.setattr(leaving, "allowed", lambda: ALLOWED)
    monkeypatch.setattr(leaving, "synthesize_both", lambda _display: {"staging": compare(STACK, document)})
    return leaving.command()


def test_an_allowed_difference_passes_with_its_reason(
    renamed: dict[str, Any], monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(monkeypatch, renamed) == 0
    assert capsys.readouterr().out.splitlines() == [
        "staging      the same (values: 4, allowed to differ: 1)",
        "",
        "Allowed by tools/leaving_cdktf/differences.toml:",
        '  //.metadata.version: "0.21.0" -> "0.24.0"',
        "    The generator's own version.",
    ]


def test_an_allowed_difference_that_no_longer_occurs_fails(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(monkeypatch, STACK) == 1
    assert "UNUSED: it no longer occurs, take it out" in capsys.readouterr().out


def test_an_allowed_path_with_another_value_fails(renamed: dict[str, Any], monkeypatch: pytest.MonkeyPatch) -> None:
    renamed["//"]["metadata"]["version"] = "0.25.0"
    assert run(monkeypatch, renamed) == 1


def test_a_resource_more_fails(
    renamed: dict[str, Any], monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    renamed["resource"]["aws_eip"] = {"ip": {}}
    assert run(monkeypatch, renamed) == 1
    out = capsys.readouterr().out
    assert "staging      DIFFERS" in out
    assert "  resource.aws_eip.ip: nothing -> {}\n" in out


def test_a_stack_that_the_fork_does_not_write_fails(monkeypatch: pytest.MonkeyPatch) -> None:
    assert run(monkeypatch, {}) == 1


@pytest.mark.parametrize("value", ["10.2.0.0/16", None, ["10.1.0.0/16"]])
def test_a_changed_argument_is_a_difference(renamed: dict[str, Any], value: object) -> None:
    renamed["resource"]["aws_vpc"]["vpc"]["cidr_block"] = value
    paths = [each.path for each in compare(STACK, renamed).differences]
    assert any(path.startswith("resource.aws_vpc.vpc.cidr_block") for path in paths)


def test_true_is_not_1() -> None:
    assert compare({"a": True}, {"a": 1}) == Comparison(1, (Difference("a", "true", "1"),))


def test_without_the_forks_environment_it_says_what_to_do(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(fork, "ENVIRONMENT", tmp_path / "none")
    monkeypatch.setattr(leaving, "synthesize_both", lambda _display: fork.synthesize(tmp_path / "renamed"))
    assert leaving.command() == 2
    assert capsys.readouterr().err.endswith("none/bin/python is missing: `make leaving-cdktf` installs it\n")


def test_every_allowed_difference_has_a_reason() -> None:
    assert all(len(why) > 20 for why in allowed().values())


@pytest.mark.parametrize(
    ("text", "got"),
    [
        ("[[difference]]\npath = 'a'\nwhy = 'b'", "an entry of path, why"),
        ("[[difference]]\npath = 'a'\nwhy = 'b'\ncdkft = 1", "an entry of path, why, cdkft"),
        ("[[differences]]", "KeyError('difference')"),
        ("[[", "TOMLDecodeError"),
    ],
)
def test_a_mistake_in_the_table_is_told(text: str, got: str, tmp_path: Path) -> None:
    path = tmp_path / "differences.toml"
    path.write_text(text)
    with pytest.raises(UserError, match=r"differences\.toml: got .*; expected|got .*, expected") as raised:
        allowed(path)
    assert got in str(raised.value)


def test_a_side_that_is_left_out_is_nothing(tmp_path: Path) -> None:
    path = tmp_path / "differences.toml"
    path.write_text('[[difference]]\npath = "resource.aws_vpc.vpc.region"\ncdktn = "eu-west-1"\nwhy = "New."')
    assert allowed(path) == {Difference("resource.aws_vpc.vpc.region", "nothing", json.dumps("eu-west-1")): "New."}
