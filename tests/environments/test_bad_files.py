"""Whatever is wrong with a settings file ends in a message: which file, what was got and what is expected."""

from __future__ import annotations

import contextlib
import io
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import given, note

from environments.load import load_or_exit
from tests.environments.bad_files import KINDS, TEXTS, Damage
from tests.environments.support import SHIPPED

ROOT = SHIPPED.parent
LEAST = 12
"""Files of each kind that are refused; of some kinds a few stay in order."""
MESSAGE = re.compile(r"(?P<file>environments(/.+?\.(tfvars|backend\.conf))?)(:(?P<line>[1-9]\d*))?: (?P<text>.+)")
SAYS = re.compile(
    r"[Ee]xpected|unknown key|cannot be read: | which AWS has withdrawn| does not go with .*; allowed: "
    r"| overlaps | is outside "
)
LONGEST = 1000
"""Characters of a message."""


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy of the generator, to run with files of its own."""
    copy = tmp_path_factory.mktemp("project")
    for package in ("environments", "lazy_bindings", "modules", "stacks"):
        shutil.copytree(ROOT / package, copy / package, ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copy(ROOT / "main.py", copy)
    return copy


@pytest.mark.parametrize("kind", KINDS)
def test_a_bad_file_ends_in_messages_and_code_2(kind: str, project: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Through `load_or_exit`, and the last of each kind by running the program."""
    monkeypatch.chdir(project)
    refused: dict[Damage, list[str]] = {}

    @given(KINDS[kind])
    def is_told(damage: Damage) -> None:
        damage.make(project)
        messages = refusal(project / "environments")
        note("\n".join(messages))
        for message in messages:
            assert_tells(message, project)
        if messages:
            refused[damage] = messages

    is_told()
    assert len(refused) >= LEAST
    damage, messages = refused.popitem()
    damage.make(project)
    ended = run(project)
    assert (ended.returncode, ended.stderr.splitlines(), ended.stdout) == (2, messages, "")
    assert not (project / "cdktf.out").exists()


def test_two_hundred_bad_files_are_refused() -> None:
    assert LEAST * len(KINDS) >= 200


def refusal(directory: Path) -> list[str]:
    """The messages on standard error; none when the files are in order."""
    told = io.StringIO()
    code = None
    with contextlib.redirect_stderr(told):
        try:
            load_or_exit(directory)
        except SystemExit as end:
            code = end.code
    messages = told.getvalue().removesuffix("\n").split("\n") if told.getvalue() else []
    assert code == (2 if messages else None)
    return messages


def assert_tells(message: str, project: Path) -> None:
    """A message is one line of bearable length with a file, one of its lines, what was got and what is expected."""
    assert message.isprintable()
    assert len(message) <= LONGEST
    match = MESSAGE.fullmatch(message)
    assert match
    assert SAYS.search(match["text"])
    if match["line"] and Path(match["file"]).name in TEXTS:
        assert int(match["line"]) <= (project / match["file"]).read_bytes().count(b"\n") + 1


def run(project: Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "main.py"], cwd=project, capture_output=True, text=True, check=False, timeout=60
    )
