"""The table as a whole: which rows there are, what a broken settings file does to it, exit codes and JSON."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from environments.settings import Settings
from ops import __main__ as program
from ops.checks.offline import reach
from ops.checks.offline.findings import (
    FAIL,
    PASS,
    SKIP,
    STATUSES,
    WARN,
    Row,
)
from ops.checks.offline.subjects import Checkout
from ops.checks.offline.survey import (
    ACCOUNT,
    ENVIRONMENT,
    FILES,
    OWNER,
    STACK,
    survey,
)
from ops.commands import check as command
from ops.core.emulator_record import Record
from ops.core.errors import CommandError, UserError
from ops.core.files import write_atomically
from ops.core.paths import Work
from ops.session import Session
from tests.ops.preflight import Subjects, make_subjects
from tests.support import ROOT, Output

Take = Callable[[Path], None]
ACCOUNT_CHECKS = {each.name for each in (*OWNER, *ACCOUNT)}


@pytest.fixture
def subjects(tmp_path: Path, stacks: dict[str, Output], settings: dict[str, Settings]) -> Subjects:
    return make_subjects(tmp_path / "checkout", stacks, settings)


@pytest.fixture
def take(outdir: Path) -> Take:
    """Instead of main.py: the session's stacks."""
    return lambda directory: shutil.copytree(outdir / "stacks", directory / "stacks") and None


def never(_: Path) -> None:
    pytest.fail("synthesized")


def test_without_a_name_every_environment_is_looked_at(subjects: Subjects, take: Take):
    found = list(survey(subjects.checkout, (), reach.offline, take))
    assert {row.subject for row in found} == {"every environment", "application", "bootstrap", "staging", "production"}
    assert {row.status for row in found} == {PASS, SKIP, WARN}
    assert {row.check for row in found if row.status == SKIP} == ACCOUNT_CHECKS
    assert {(row.subject, row.check) for row in found if row.status == WARN} == {("production", "production")}
    every = {each.name for each in (*FILES, *STACK, *ENVIRONMENT, *OWNER, *ACCOUNT)} | {"settings", "synthesis"}
    assert {row.check for row in found} == every
    assert [row for row in found if not (row.where and row.why)] == []


def test_named_environments_are_looked_at_once_each(subjects: Subjects, take: Take):
    found = list(survey(subjects.checkout, ("staging", "staging"), reach.offline, take))
    assert {row.subject for row in found} == {"every environment", "application", "bootstrap", "staging"}
    assert len([row for row in found if row.check == "Fargate sizes"]) == 1


def test_an_unknown_name_ends_it_before_any_row(subjects: Subjects):
    with pytest.raises(UserError, match="no environment 'nope'"):
        next(survey(subjects.checkout, ("staging", "nope"), reach.offline, never))


def test_the_messages_of_a_bad_settings_file_are_rows_and_nothing_else_is_hidden(subjects: Subjects):
    subjects.edit("environments/staging.tfvars", 'db_engine_version        = "15"', 'db_engine_version        = "9"')
    subjects.edit("environments/production.tfvars", "nat_gateways          = 2", "nat_gateways          = 9")
    subjects.edit("app/api/Dockerfile", "EXPOSE 8080", "EXPOSE 9000")
    found = list(survey(subjects.checkout, ("staging",), reach.offline, never))
    failed = [row for row in found if row.status == FAIL]
    assert [(row.check, row.subject) for row in failed] == [
        ("settings", "every environment"),
        ("settings", "every environment"),
        ("alignment", "application"),
    ]
    production, staging = failed[:2]
    environments = subjects.checkout.root / "environments"
    lines = (environments / "production.tfvars").read_text().splitlines()
    assert production.where == f"{environments / 'production.tfvars'}:{lines.index('nat_gateways          = 9') + 1}"
    assert production.why == "nat_gateways: got 9, expected 0 to 2, at most one a zone"
    assert staging.where.startswith(f"{environments / 'staging.tfvars'}:")
    assert staging.why.startswith('db_engine_version: got "9", expected a PostgreSQL major of RDS')
    skipped = {row.check: row.why for row in found if row.status == SKIP}
    assert skipped.keys() == {each.name for each in (*STACK, *ENVIRONMENT, *OWNER, *ACCOUNT)}
    assert set(skipped.values()) == {"the settings do not load"}


def test_stacks_that_cannot_be_made_are_a_failure_and_the_rest_is_skipped(subjects: Subjects):
    def break_down(_: Path) -> None:
        raise CommandError("main.py ended with code 1:\nKeyError: 'vpc'")

    found = list(survey(subjects.checkout, (), reach.offline, break_down))
    (row,) = [row for row in found if row.status == FAIL]
    assert (row.check, row.why) == ("synthesis", "main.py ended with code 1:\nKeyError: 'vpc'")
    assert {row.why for row in found if row.status == SKIP} == {"nothing was synthesized"}


def test_a_file_that_is_gone_is_a_failure_and_no_traceback(subjects: Subjects, take: Take):
    (subjects.checkout.root / "app/api/Dockerfile").unlink()
    found = list(survey(subjects.checkout, ("staging",), reach.offline, take))
    failed = {(row.check, row.where, row.why) for row in found if row.status == FAIL}
    why = "cannot be read: No such file or directory"
    assert failed == {(check, "app/api/Dockerfile", why) for check in ("alignment", "end of life")}


def embedded(work: Work) -> reach.Reach:
    return reach.online(lambda settings: Session(settings, work, "emulator").aws, rehearsed=True)


def test_the_embedded_account_is_asked_through_a_session(subjects: Subjects, take: Take, emulator: Record, work: Work):
    write_atomically(work.emulator_record, emulator.to_json())
    found = list(survey(subjects.checkout, ("production",), embedded(work), take))
    asked = [row for row in found if row.check in ACCOUNT_CHECKS]
    assert [row.status for row in asked if row.check == "credentials"] == [PASS]
    assert not [row for row in asked if row.why.startswith("not asked")]


def test_without_the_embedded_aws_its_target_is_unusable(subjects: Subjects, take: Take, work: Work):
    with pytest.raises(UserError, match="the emulator is not running"):
        list(survey(subjects.checkout, (), embedded(work), take))


def answered(monkeypatch: pytest.MonkeyPatch, *statuses: str) -> None:
    rows = [Row(status, "names", "staging", f"aws_lb.{status}", f"why {status}\nmore") for status in statuses]
    monkeypatch.setattr(command, "survey", lambda *_: iter(rows))


@pytest.mark.parametrize(("options", "code"), [((), 0), (("--fail-on-end-of-life",), 1)])
def test_an_unchanged_tree_has_the_same_verdict_in_ten_years_unless_ends_of_life_are_to_fail(
    options: tuple[str, ...],
    code: int,
    take: Take,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
):
    def in_ten_years(checkout: Checkout, *rest: Any) -> Iterator[Row]:
        return survey(replace(checkout, today=checkout.today + timedelta(days=3653)), *rest, take)

    monkeypatch.setattr(command, "survey", in_ten_years)
    assert program.main(["check", "--offline", "--json", *options]) == code
    told = json.loads(capsys.readouterr().out)["rows"]
    found = [row for row in told if row["status"] not in (PASS, SKIP) and row["check"] != "production"]
    assert {(row["status"], row["check"]) for row in found} == {(FAIL if options else WARN, "end of life")}
    assert [row["why"] for row in found if "whose support ended on 20" not in row["why"]] == []


@pytest.mark.parametrize(("actions", "annotations"), [("true", 1), ("", 0)])
def test_in_a_job_a_warning_is_an_annotation_beside_the_json(
    actions: str, annotations: int, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
):
    monkeypatch.setenv("GITHUB_ACTIONS", actions)
    answered(monkeypatch, PASS, WARN)
    assert program.main(["check", "--offline", "--json"]) == 0
    said = capsys.readouterr()
    annotation = "::warning title=staging%3A names::aws_lb.warn: why warn%0Amore\n"
    assert said.err.count(annotation) == annotations
    assert "::warning" not in said.out


@pytest.mark.parametrize(
    ("statuses", "code"),
    [((PASS, WARN, SKIP), 0), ((PASS, FAIL, SKIP), 1), ((FAIL,), 1), ((SKIP,), 0)],
)
def test_only_a_failure_ends_with_code_1(
    statuses: tuple[str, ...], code: int, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
):
    answered(monkeypatch, *statuses)
    assert program.main(["check", "--offline"]) == code
    assert (FAIL in statuses) == ("staging: names: aws_lb.fail: why fail" in capsys.readouterr().err)


def test_the_rows_are_a_table_and_with_json_nothing_else_is_on_standard_output(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path
):
    outputs = tmp_path / "outputs"
    monkeypatch.setenv("GITHUB_OUTPUT", str(outputs))
    answered(monkeypatch, PASS, FAIL)
    program.main(["check", "--offline"])
    assert capsys.readouterr().out == (
        "\nBefore an apply:\n"
        "        of       check  where        why\n"
        "  pass  staging  names  aws_lb.pass  why pass more\n"
        "  fail  staging  names  aws_lb.fail  why fail more\n"
        "\n1 pass, 0 warn, 1 fail, 0 skip\n"
    )
    assert outputs.read_text() == "pass=1\nwarn=0\nfail=1\nskip=0\n"
    program.main(["check", "--offline", "--json"])
    answer = json.loads(capsys.readouterr().out)
    assert answer["rows"][1] == {
        **{"status": FAIL, "check": "names", "subject": "staging"},
        **{"where": "aws_lb.fail", "why": "why fail\nmore"},
    }
    assert {key: answer[key] for key in STATUSES} == {PASS: 1, WARN: 0, FAIL: 1, SKIP: 0}


def test_the_shipped_repository_passes_without_credentials_and_network_and_nothing_is_left_behind(tmp_path: Path):
    """As `make check` runs it, main.py included."""
    nowhere = dict.fromkeys(("HTTP_PROXY", "HTTPS_PROXY", "http_proxy", "https_proxy"), "http://127.0.0.1:1")
    kept = {key: value for key, value in os.environ.items() if not key.startswith("AWS_")}
    before = (ROOT / "cdktf.out").stat().st_mtime_ns if (ROOT / "cdktf.out").exists() else None
    answer = subprocess.run(
        [sys.executable, "-m", "ops", "check", "--offline", "--json"],
        cwd=ROOT,
        env={**kept, **nowhere, "TMPDIR": str(tmp_path)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert answer.stdout, answer.stderr
    found = json.loads(answer.stdout)["rows"]
    assert [row for row in found if row["status"] == FAIL] == []
    # An end of life comes by itself: it is not what is looked at here.
    assert [row for row in found if row["status"] == WARN and row["check"] not in ("end of life", "production")] == []
    assert {row["subject"] for row in found} == {
        *("every environment", "application", "bootstrap"),
        *("staging", "production"),
    }
    assert list(tmp_path.glob("preflight-*")) == [], "removed again"
    after = (ROOT / "cdktf.out").stat().st_mtime_ns if (ROOT / "cdktf.out").exists() else None
    assert after == before, "what the pipeline plans is not touched"
