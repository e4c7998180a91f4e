"""Which applies run one after another, and which beside them.

An apply is minutes of waiting, so `make test` runs lanes of them side by side, each with an embedded AWS of its own,
and beside them what computes. Within a lane the tests keep their order: they are the life of what it applied.
"""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from tests.support import ROOT


def lanes() -> list[str]:
    """The lanes that `make test` runs, in their order."""
    return re.findall(r"^LANES := (.*)$", (ROOT / "Makefile").read_text(encoding="utf-8"), re.MULTILINE)[0].split()


def mark(lane: str) -> str:
    """How a test file names a lane."""
    return f'mark.apply("{lane}")'


def pytest_ignore_collect(collection_path: Path, config: pytest.Config) -> bool | None:
    """Leave out a file without a test of the lane: to import all of them takes long."""
    lane = config.getoption("--lane")
    if lane and collection_path.suffix == ".py" and mark(lane) not in collection_path.read_text(encoding="utf-8"):
        return True
    return None


def lane_of(item: pytest.Item) -> str | None:
    """The lane of an apply; raises UsageError for one that `make test` would not run."""
    apply = item.get_closest_marker("apply")
    if apply is None:
        return None
    if apply.args not in {(lane,) for lane in lanes()}:
        raise pytest.UsageError(f"{item.nodeid}: expected mark.apply(LANE), a lane of the Makefile: {lanes()}")
    return apply.args[0]


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Keep the tests of the lane; one marked `last` takes away what the others share."""
    of_item = {item: lane_of(item) for item in items}
    lane = config.getoption("--lane")
    items[:] = [item for item in items if lane in (None, of_item[item])]
    items.sort(key=lambda item: item.get_closest_marker("last") is not None)
