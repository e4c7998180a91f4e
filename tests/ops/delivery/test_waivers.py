"""Waivers: what may be deleted, and only in the change that says so."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from ops.core.errors import UserError
from ops.delivery import waivers

FILE = "environments/staging.waivers.toml"
WAIVER = '[[waiver]]\naddress = "aws_dynamodb_table.items"\nreason = "moved to another table"\n'


@pytest.fixture
def repository(tmp_path: Path) -> Path:
    (tmp_path / "environments").mkdir()
    (tmp_path / "README").touch()
    git(tmp_path, "init", "-q")
    commit(tmp_path)
    return tmp_path


def git(directory: Path, *arguments: str) -> str:
    who = ("-c", "user.name=t", "-c", "user.email=t@example.com")
    answer = subprocess.run(["git", *who, *arguments], cwd=directory, capture_output=True, text=True, check=True)
    return answer.stdout.strip()


def commit(directory: Path) -> str:
    git(directory, "add", ".")
    git(directory, "commit", "-q", "--allow-empty", "-m", "change")
    return git(directory, "rev-parse", "HEAD")


def test_a_waiver_counts_in_the_change_that_adds_it_and_never_again(repository: Path):
    base = git(repository, "rev-parse", "HEAD")
    (repository / FILE).write_text(WAIVER)
    merged = commit(repository)
    assert waivers.new(repository, FILE, base) == {"aws_dynamodb_table.items": "moved to another table"}
    assert waivers.new(repository, FILE, merged) == {}
    assert waivers.new(repository, FILE, None) == {"aws_dynamodb_table.items": "moved to another table"}
    (repository / FILE).write_text(WAIVER.replace("moved to another table", "moved once more, to a third"))
    assert waivers.new(repository, FILE, merged) == {"aws_dynamodb_table.items": "moved once more, to a third"}


def test_an_unknown_base_is_refused(repository: Path):
    with pytest.raises(UserError, match="--base 'nope' is no commit of this checkout"):
        waivers.new(repository, FILE, "nope")


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("[[waiver", "not TOML"),
        ('[waiver]\naddress = "a"\nreason = "long enough, this"', r"expected \[\[waiver\]\], with two brackets"),
        ('[[waiver]]\naddress = "a"', "waiver 1: expected address and reason and nothing else"),
        ('[[waiver]]\naddress = "a"\nreason = "short"', "a reason of at least 10 characters"),
        ('[[waivers]]\naddress = "a"\nreason = "long enough, this"', "unknown key 'waivers'"),
    ],
)
def test_a_waiver_without_address_or_reason_is_refused(text: str, message: str):
    with pytest.raises(UserError, match=message):
        waivers.parse(text, FILE)
