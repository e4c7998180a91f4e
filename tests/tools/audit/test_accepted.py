"""What auditors may find, whose finding it is, and a file that can be trusted."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from ops.core.errors import UserError
from tests.support import ROOT, Output
from tools.audit.accepted import WHOSE, read
from tools.audit.findings import NO_STACK
from tools.audit.prowler import UNMADE

GOOD = '[[accepted]]\nchecks = ["a"]\nresources = ["aws_lb.a"]\nwhose = "platform"\nwhy = "because"\n'


def test_every_entry_says_whose_finding_it_is_and_why() -> None:
    entries = read()
    assert entries
    for entry in entries:
        assert entry.whose in WHOSE
        assert len(entry.why.split()) >= 12, entry


def test_no_finding_is_accepted_for_two_reasons() -> None:
    pairs = [(c, r, s) for entry in read() for c in entry.checks for r in entry.resources for s in entry.stacks]
    assert len(pairs) == len(set(pairs))


def test_a_resource_of_a_stack_is_one_that_the_stacks_have(stacks: dict[str, Output]) -> None:
    types = {address.split(".")[0] for stack in stacks.values() for address in stack.addresses()}
    for entry in read():
        named = [] if UNMADE in entry.checks else [each for each in entry.resources if not each.startswith("arn:")]
        assert [pattern for pattern in named if pattern.split(".")[0] not in types] == [], entry


def test_what_no_state_records_is_never_the_platforms(stacks: dict[str, Output]) -> None:
    for entry in read():
        if any(pattern.startswith("arn:") for pattern in entry.resources) or UNMADE in entry.checks:
            assert entry.whose in ("account", "emulator"), entry
        assert set(entry.stacks) <= {"*", NO_STACK, *stacks}, entry


def test_tests_and_files_that_a_reason_names_exist() -> None:
    sources = "".join(path.read_text() for path in (ROOT / "tests").rglob("test_*.py"))
    for entry in read():
        assert [name for name in re.findall(r"\btest_\w+", entry.why) if f"def {name}(" not in sources] == []
        assert [path for path in re.findall(r"[a-z]+/[\w/]+\.\w+", entry.why) if not (ROOT / path).exists()] == []


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("[[accepted]", "expected TOML with"),
        ("", "got nothing; expected"),
        ('[[skip]]\nchecks = ["a"]\n', "got skip; expected"),
        (GOOD.replace('why = "because"\n', ""), r"toml:1: got an entry of .*; expected checks, resources, whose, why"),
        (GOOD.replace("because", "  "), r"toml:1: why: got '  '; expected the reason"),
        (GOOD.replace('whose = "platform"\n', ""), r"toml:1: got an entry of .*; expected checks"),
        (GOOD.replace('"platform"', '"nobody"'), r"toml:1: whose: got 'nobody'; expected one of platform, account"),
        (GOOD + GOOD + 'stack = ["staging"]\n', r"toml:6: got an entry of .*stack; expected"),
        (GOOD.replace('["a"]', '"a"'), r"toml:1: checks: got 'a'; expected a list"),
        (GOOD.replace('["a"]', "[]"), r"toml:1: checks: got \[\]; expected a list"),
    ],
    ids=[
        "no TOML",
        "no entry",
        "another table",
        "no reason",
        "an empty reason",
        "nobody's",
        "unknown owner",
        "misspelt key",
        "no list",
        "an empty list",
    ],
)
def test_a_file_that_is_not_one_of_decisions_is_refused_with_its_line(tmp_path: Path, text: str, message: str) -> None:
    (tmp_path / "accepted.toml").write_text(text)
    with pytest.raises(UserError, match=message):
        read(tmp_path / "accepted.toml")
