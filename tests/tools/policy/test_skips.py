"""What may fail, and whether it still has to."""

from __future__ import annotations

import dataclasses
import re
from pathlib import Path

import pytest

from ops.core.errors import UserError
from tests.support import ROOT, Output
from tools.policy.scan import Result
from tools.policy.skips import MOST, Skip, read

SKIP = Skip(("CKV_AWS_1", "CKV_AWS_2"), ("aws_lb.a", "aws_subnet.public_*"), "because", ("staging",))
FAILED = Result("staging", "JSON", "CKV_AWS_1", "name", "aws_lb.a", False, ())


def test_at_most_twelve_decisions_are_skipped() -> None:
    assert MOST == 12
    assert 0 < len(read()) <= MOST


def test_every_skip_says_why_and_of_what() -> None:
    for skip in read():
        assert len(skip.why.split()) >= 20, skip
        assert skip.checks
        assert all(re.fullmatch(r"CKV2?_AWS_\d+", check) for check in skip.checks)
        assert [pattern for pattern in skip.resources if not re.fullmatch(r"aws_\w+\.[\w*]+", pattern)] == []


def test_no_check_is_skipped_for_two_reasons() -> None:
    checks = [check for skip in read() for check in skip.checks]
    assert len(checks) == len(set(checks))


def test_skips_are_for_resources_that_the_stacks_have(stacks: dict[str, Output]) -> None:
    addresses = {(name, address) for name, stack in stacks.items() for address in stack.addresses()}
    for skip in read():
        for pattern in skip.resources:
            one = dataclasses.replace(skip, resources=(pattern,))
            found = [dataclasses.replace(FAILED, check=skip.checks[0], stack=n, address=a) for n, a in addresses]
            assert any(one.covers(result) for result in found), pattern


def test_tests_and_files_that_a_reason_names_exist() -> None:
    sources = "".join(path.read_text() for path in (ROOT / "tests").rglob("test_*.py"))
    for skip in read():
        assert [name for name in re.findall(r"\btest_\w+", skip.why) if f"def {name}(" not in sources] == []
        assert [path for path in re.findall(r"[a-z]+/[\w/]+\.\w+", skip.why) if not (ROOT / path).exists()] == []


@pytest.mark.parametrize(
    "change",
    [{"check": "CKV_AWS_3"}, {"address": "aws_lb.b"}, {"stack": "production"}],
    ids=lambda change: next(iter(change)),
)
def test_a_skip_is_for_its_checks_resources_and_stacks_only(change: dict[str, str]) -> None:
    assert SKIP.covers(FAILED)
    assert SKIP.covers(dataclasses.replace(FAILED, address="aws_subnet.public_a"))
    assert not SKIP.covers(dataclasses.replace(FAILED, **change))


def test_a_skip_that_nothing_needs_any_more_is_told_by_check_and_resource() -> None:
    assert list(SKIP.unused([FAILED])) == ["CKV_AWS_2", "aws_subnet.public_* (CKV_AWS_1, CKV_AWS_2)"]
    second = dataclasses.replace(FAILED, check="CKV_AWS_2", address="aws_subnet.public_a")
    assert list(SKIP.unused([FAILED, second])) == []


@pytest.mark.parametrize(
    "text",
    [
        "[[skip]",
        "",
        '[[skip]]\nchecks = ["CKV_AWS_1"]\nresources = ["aws_lb.a"]\n',
        '[[skip]]\nchecks = ["CKV_AWS_1"]\nresources = ["aws_lb.a"]\nwhy = "w"\nstack = ["staging"]\n',
    ],
    ids=["no TOML", "no entry", "no reason", "misspelt key"],
)
def test_a_file_that_is_not_one_of_skips_is_refused(tmp_path: Path, text: str) -> None:
    (tmp_path / "skips.toml").write_text(text)
    with pytest.raises(UserError, match=r"skips\.toml: got .*expected"):
        read(tmp_path / "skips.toml")
