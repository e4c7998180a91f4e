"""Workflow files mean what they mean on GitHub."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from tests.workflows.commands import parse
from tests.workflows.model import WorkflowError, load_workflow, triggers


def test_yaml_is_read_as_github_reads_it(tmp_path: Path) -> None:
    path = tmp_path / "x.yml"
    path.write_text("on: push\nenv: {A: 012345678901, B: true, C: no, D: 1.50}\njobs: {}")
    assert load_workflow(path) == {
        "on": "push",
        "env": {"A": 12345678901, "B": True, "C": "no", "D": 1.5},
        "jobs": {},
    }


@pytest.mark.parametrize(
    ("on", "event", "branch", "starts"),
    [
        ("push", "push", "any", True),
        (["push", "pull_request"], "schedule", "main", False),
        ({"workflow_dispatch": None}, "workflow_dispatch", "any", True),
        ({"push": {"branches": ["main", "release/**"]}}, "push", "release/1/x", True),
        ({"push": {"branches": ["main"]}}, "push", "mainly", False),
        ({"push": {"branches": ["*"]}}, "push", "feature/x", False),
        ({"push": {"branches": ["**", "!wip/**"]}}, "push", "wip/x", False),
        ({"push": {"branches-ignore": ["wip/**"]}}, "push", "wip/x", False),
        ({"push": {"tags": ["v*"]}}, "push", "main", False),
        ({"push": {"branches": ["main"]}, "pull_request": None}, "pull_request", "main", True),
    ],
)
def test_a_branch_filter_decides_whether_an_event_starts_a_workflow(
    on: Any, event: str, branch: str, starts: bool
) -> None:
    assert triggers({"on": on}, event, branch) is starts


def test_the_first_sign_of_a_line_decides_its_form() -> None:
    assert parse("a=b<<c\nd<<X\ne=f\nX\n\n") == {"a": "b<<c", "d": "e=f"}


def test_a_syntax_error_tells_its_place(tmp_path: Path) -> None:
    (tmp_path / "x.yml").write_text("on: push\njobs: {a: b")
    with pytest.raises(WorkflowError, match=r"x.yml.*line 2"):
        load_workflow(tmp_path / "x.yml")
