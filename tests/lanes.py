"""Which tests run one after another, and which beside them.

An apply is minutes of waiting, so each lane of applies has an embedded AWS of its own and they all run side by side,
with two lanes more for what computes. Within a lane the tests keep their order: they are the life of what it applied.
"""

from __future__ import annotations

import os
import time
from collections import Counter

import pytest

LANES = (
    "plans",
    "pages",
    "readme",
    "doctor",
    "rehearsal",
    "applied",
    "deliveries",
    "killed",
    "faults",
)
"""The lanes of applies, the longest first: a lane that starts last is waited for alone."""


def lane_of(item: pytest.Item) -> str:
    """The lane that an apply names, `@pytest.mark.apply("faults")`; of every other test its file."""
    mark = item.get_closest_marker("apply")
    if mark is None:
        return item.nodeid.partition("::")[0]
    if mark.args not in {(lane,) for lane in LANES}:
        raise pytest.UsageError(f"{item.nodeid}: expected @pytest.mark.apply(LANE), one of {', '.join(LANES)}")
    return mark.args[0]


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Tell pytest-xdist the lanes; a test marked `last` takes away what others share."""
    lanes = {item: lane_of(item) for item in items}
    if "PYTEST_XDIST_WORKER" in os.environ:
        for item, lane in lanes.items():
            item.add_marker(pytest.mark.xdist_group(lane))
        # Stable: within a lane, and among what computes, the order stays.
        items.sort(key=lambda item: (*LANES, lanes[item]).index(lanes[item]))
    items.sort(key=lambda item: item.get_closest_marker("last") is not None)


class Progress:
    """A line for each test of a lane of applies, when it begins and when it ends; the others are dots."""

    def __init__(self, terminal: pytest.TerminalReporter) -> None:
        self._terminal, self._started = terminal, time.monotonic()
        self._done, self._seconds, self._failed = Counter[str](), Counter[str](), Counter[str]()

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        name, _, lane = report.nodeid.rpartition("@")
        self._seconds[lane] += report.duration
        self._failed[lane] += report.failed
        if report.when == "teardown":
            self._done[lane] += 1
        if lane in LANES and (report.when == "call" or report.failed):
            self._line(f"{report.outcome} after {report.duration:4.0f} s", lane, name)

    def pytest_terminal_summary(self) -> None:
        """The lanes with what they took, beside which the suite's own time can be read."""
        self._terminal.section("lanes")
        for lane in sorted(self._seconds, key=lambda lane: -self._seconds[lane])[: len(LANES) + 5]:
            failed = f", {self._failed[lane]} failed" if self._failed[lane] else ""
            self._terminal.write_line(f"{self._seconds[lane]:6.0f} s  {lane}: {self._done[lane]} tests{failed}")

    def _line(self, what: str, lane: str, name: str) -> None:
        minutes, seconds = divmod(time.monotonic() - self._started, 60)
        test = name.rpartition("::")[2]
        self._terminal.write_line(f"{minutes:3.0f}:{seconds:02.0f}  {lane:<10}  {what}  {test}")
