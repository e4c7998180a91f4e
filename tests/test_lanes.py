"""Every apply is in a lane that `make test` runs, and every lane has one."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from tests import shared_apply
from tests.lanes import lane_of, lanes, mark
from tests.support import ROOT


@pytest.mark.parametrize("lane", lanes())
def test_a_lane_has_tests(lane: str) -> None:
    files = [path for path in (ROOT / "tests").rglob("test_*.py") if mark(lane) in path.read_text(encoding="utf-8")]
    assert files, f"the Makefile runs the lane {lane}, and no test is in it"


@pytest.mark.parametrize("arguments", [(), ("no-such-lane",)])
def test_an_apply_that_names_no_lane_of_the_makefile_is_an_error(
    request: pytest.FixtureRequest, arguments: tuple[str, ...]
) -> None:
    request.node.add_marker(pytest.mark.apply(*arguments))
    with pytest.raises(pytest.UsageError, match="a lane of the Makefile"):
        lane_of(request.node)


def test_the_lane_that_others_start_from_has_a_place_from_the_beginning() -> None:
    """Two run at once on a small machine: those before it would wait for it in its place."""
    assert lanes()[0] == shared_apply.APPLYING
    assert {*shared_apply.SHARING} <= {*lanes()[1:]}


def test_a_failing_lane_hides_no_other_and_each_line_tells_its_lane(tmp_path: Path) -> None:
    runs = ["good=echo fine; sleep 0.2; echo still fine", "bad=echo reason; exit 3"]
    answer = subprocess.run(
        [ROOT / ".ci" / "lanes", *runs], cwd=tmp_path, capture_output=True, text=True, check=False, timeout=60
    )
    assert answer.returncode == 1
    lines = [line.strip() for line in answer.stdout.splitlines()]
    assert [line for line in lines if line.endswith("good | still fine")]
    assert lines[lines.index("== bad failed:") + 1] == "reason"
    assert [line for line in lines if "bad" in line and "failed with code 3, computed for 0 s" in line]
    assert lines[-1] == "1 passed, 1 failed"
