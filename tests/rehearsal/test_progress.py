"""How `up` waits for what it started."""

from __future__ import annotations

import json
import time
from pathlib import Path
from typing import Any

import pytest

from ops.core.aws import Aws
from ops.core.console import Display
from ops.core.endpoint import EMULATOR_CREDENTIALS
from ops.core.paths import Work
from rehearsal import process, progress

STEADY = {
    "name": "api",
    "desired": 2,
    "new_healthy": 2,
    "old": 0,
    "deployment": "first",
    "state": "COMPLETED",
    "failing": False,
    "failures": [],
}


def test_a_roll_back_that_the_api_tells_later_is_followed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The status says that the first deployment serves again while the API still calls the failed one primary."""
    told = iter(["second", "second", "first"])

    def read_services(*_: Any) -> list[dict[str, Any]]:
        return [{"serviceName": "api", "deployments": [{"id": next(told), "status": "PRIMARY"}]}]

    work = Work(tmp_path)
    status = process.files(work, "staging").status
    status.parent.mkdir(parents=True)
    status.write_text(json.dumps({"services": [STEADY]}))
    monkeypatch.setattr(progress, "read_services", read_services)
    monkeypatch.setattr(progress, "LOOK_SECONDS", 0)
    monkeypatch.setattr(progress, "STEADY_SECONDS", 5)
    monkeypatch.setattr(process, "find", lambda *_: object())
    aws = Aws(EMULATOR_CREDENTIALS, "us-east-1")
    with Display().step("steady") as step:
        found = progress.wait_until_steady(work, "staging", aws, "cluster", time.time(), step, print)
    assert found["services"] == [STEADY]
    assert next(told, None) is None


@pytest.mark.parametrize(
    ("changes", "stalls"),
    [
        ({}, False),
        ({"state": "IN_PROGRESS"}, False),
        ({"state": "FAILED", "failures": [{"at": 1.0}]}, True),
        # By this very command: that is told, not tried again.
        ({"state": "FAILED", "failures": [{"at": 3.0}]}, False),
        ({"failing": True}, True),
    ],
)
def test_a_service_that_gave_up_before_or_goes_on_failing_is_to_be_started_anew(
    tmp_path: Path, changes: dict[str, Any], stalls: bool
) -> None:
    work = Work(tmp_path)
    assert progress.stalled(work, "staging", 2.0) == []
    status = process.files(work, "staging").status
    status.parent.mkdir(parents=True)
    status.write_text(json.dumps({"services": [STEADY | changes]}))
    assert progress.stalled(work, "staging", 2.0) == (["api"] if stalls else [])
