"""What is found and not accepted fails, and so does what is accepted and not found."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence

import pytest

from ops.core.console import Display
from tools.audit.__main__ import report
from tools.audit.accepted import Accepted
from tools.audit.findings import NO_STACK, Finding

FOUND = Finding("Prowler", "s3_bucket_object_lock", "staging", "aws_s3_bucket.logs", "Bucket logs has no lock.")
OF_ACCOUNT = dataclasses.replace(FOUND, check="iam_password_policy", stack=NO_STACK, address="arn:aws:iam::1:root")
ENTRY = Accepted(("s3_bucket_object_lock",), ("aws_s3_bucket.*",), "because")
OF_MOTO = Accepted(("iam_password_policy",), ("arn:aws:iam::*",), "because", whose="emulator")


def said(capsys: pytest.CaptureFixture[str], found: Sequence[Finding], entries: Sequence[Accepted]) -> tuple[bool, str]:
    good = report({"Prowler": "9 checks", "parliament": "3 policies"}, found, entries, Display())
    return good, capsys.readouterr().out


def test_all_accepted_is_good_and_told_apart_by_whose_it_is(capsys: pytest.CaptureFixture[str]) -> None:
    good, text = said(capsys, [FOUND, FOUND, OF_ACCOUNT], [ENTRY, OF_MOTO])
    assert good
    rows = [line.split() for line in text.splitlines()]
    assert ["auditor", "looked", "at", "finds", "platform", "account", "emulator", "open"] in rows
    assert ["Prowler", "9", "checks", "3", "2", "0", "1", "0"] in rows
    assert ["parliament", "3", "policies", "0", "0", "0", "0", "0"] in rows


def test_a_finding_that_nobody_accepted_fails_and_says_what_to_do(capsys: pytest.CaptureFixture[str]) -> None:
    good, text = said(capsys, [FOUND], [])
    assert not good
    assert "FOUND by Prowler: s3_bucket_object_lock\n  staging aws_s3_bucket.logs: Bucket logs has no lock." in text
    assert "To do: change the resource where modules/ makes it" in text


@pytest.mark.parametrize(
    "change", [{"check": "s3_other"}, {"address": "aws_lb.logs"}, {"stack": "production"}], ids=lambda each: str(each)
)
def test_an_entry_is_for_its_checks_resources_and_stacks_only(
    capsys: pytest.CaptureFixture[str], change: dict[str, str]
) -> None:
    good, text = said(
        capsys, [FOUND, dataclasses.replace(FOUND, **change)], [dataclasses.replace(ENTRY, stacks=("staging",))]
    )
    assert not good
    assert "FOUND by Prowler" in text


def test_an_entry_that_nothing_needs_any_more_is_a_failure(capsys: pytest.CaptureFixture[str]) -> None:
    good, text = said(capsys, [], [ENTRY])
    assert not good
    assert "UNUSED in tools/audit/accepted.toml: s3_bucket_object_lock is found no more: take it out" in text


def test_each_part_of_an_entry_has_to_be_needed(capsys: pytest.CaptureFixture[str]) -> None:
    wide = dataclasses.replace(ENTRY, checks=(*ENTRY.checks, "s3_other"), resources=(*ENTRY.resources, "aws_lb.*"))
    good, text = said(capsys, [FOUND], [wide])
    assert not good
    assert "UNUSED in tools/audit/accepted.toml: s3_other" in text
    assert "UNUSED in tools/audit/accepted.toml: aws_lb.*" in text


def test_a_long_detail_is_cut(capsys: pytest.CaptureFixture[str]) -> None:
    _, text = said(capsys, [dataclasses.replace(FOUND, detail="s3:PutObject, " * 100)], [])
    assert max(map(len, text.splitlines())) < 250
