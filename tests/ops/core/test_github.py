"""What a command tells the GitHub Actions job that it runs in."""

from __future__ import annotations

from pathlib import Path

import pytest

from ops.core import github


def test_a_warning_is_at_its_line_and_nothing_in_it_ends_its_annotation(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
):
    monkeypatch.setenv("GITHUB_ACTIONS", "true")
    github.warning("a: b, c", "app/api/Dockerfile:3", "100%\n::error::more")
    assert capsys.readouterr().err == (
        "::warning file=app/api/Dockerfile,line=3,title=a%3A b%2C c::app/api/Dockerfile:3: 100%25%0A::error::more\n"
    )


def test_a_value_of_several_lines_cannot_set_another_output(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    path = tmp_path / "output"
    monkeypatch.setenv("GITHUB_OUTPUT", str(path))
    github.outputs({"plain": 1, "lines": "a\nevil=1"})
    plain, start, *_, end = path.read_text().splitlines()
    assert plain == "plain=1"
    assert start.startswith("lines<<")
    assert start.removeprefix("lines<<") == end


def test_nothing_in_a_text_ends_its_fence():
    assert github.fenced("a\n```\nb") == "````\na\n```\nb\n````"
