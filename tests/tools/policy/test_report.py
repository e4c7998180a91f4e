"""Counts that can be trusted, and a failure that says what to do."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from pathlib import Path

import pytest

from ops.core.console import Display
from ops.core.errors import CommandError
from tools.policy.__main__ import report
from tools.policy.inputs import Input
from tools.policy.scan import Result, refuse_too_few
from tools.policy.skips import Skip

INPUT = Input("staging", "JSON", Path("cdk.tf.json"), frozenset({"aws_lb.a", "aws_lb.b"}))
PASSED = Result("staging", "JSON", "CKV_AWS_1", "Ensure A", "aws_lb.a", True, ())
FAILED = Result("staging", "JSON", "CKV_AWS_2", "Ensure B", "aws_lb.b", False, ("protocol",))
SKIP = Skip(("CKV_AWS_2",), ("aws_lb.b",), "because")


def said(capsys: pytest.CaptureFixture[str], results: Sequence[Result], skips: Sequence[Skip]) -> tuple[bool, str]:
    good = report([INPUT], results, skips, Display())
    return good, capsys.readouterr().out


def test_the_table_counts_passed_failed_and_skipped(capsys: pytest.CaptureFixture[str]) -> None:
    other = dataclasses.replace(FAILED, address="aws_lb.a")
    _, text = said(capsys, [PASSED, PASSED, PASSED, FAILED, other], [SKIP])
    (row,) = (line.split() for line in text.splitlines() if line.startswith("  staging  JSON"))
    assert row == ["staging", "JSON", "2", "3", "1", "1"]


def test_all_passed_or_skipped_is_good(capsys: pytest.CaptureFixture[str]) -> None:
    good, text = said(capsys, [PASSED, FAILED], [SKIP])
    assert good
    assert "FAILED" not in text


def test_a_failure_is_told_with_check_resource_and_what_to_do(capsys: pytest.CaptureFixture[str]) -> None:
    good, text = said(capsys, [PASSED, FAILED, dataclasses.replace(FAILED, source="plan")], [])
    assert not good
    assert "FAILED CKV_AWS_2 Ensure B" in text
    assert "  staging aws_lb.b (JSON and plan), looked at: protocol" in text
    assert "To do: change the resource where modules/ makes it" in text


def test_a_skip_that_is_not_needed_is_a_failure(capsys: pytest.CaptureFixture[str]) -> None:
    good, text = said(capsys, [PASSED], [SKIP])
    assert not good
    assert "UNUSED in tools/policy/skips.toml: CKV_AWS_2" in text


@pytest.mark.parametrize("results", [[], [PASSED], [PASSED, FAILED]], ids=len)
def test_too_few_checks_are_no_success(results: list[Result]) -> None:
    with pytest.raises(CommandError, match="says nothing"):
        refuse_too_few([INPUT], results)


def test_checks_of_another_file_do_not_count() -> None:
    elsewhere = dataclasses.replace(PASSED, source="plan")
    with pytest.raises(CommandError, match="staging, JSON: only 1 checks for 2 resources"):
        refuse_too_few([INPUT], [PASSED, elsewhere, elsewhere])
    refuse_too_few([INPUT], [PASSED, PASSED, PASSED])
