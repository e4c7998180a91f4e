"""Which process a record is of: the one that was started, no later one of the same id."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from ops.core.process_record import ProcessRecord

WAITS = "import sys; sys.stdin.read()"


@dataclass
class Record(ProcessRecord):
    pid: int
    port: int
    instance: str


@pytest.fixture
def process() -> Iterator[subprocess.Popen[bytes]]:
    with subprocess.Popen([sys.executable, "-c", WAITS, "--instance", "this-one"], stdin=subprocess.PIPE) as running:
        yield running


def test_a_record_comes_back_from_its_file(tmp_path: Path) -> None:
    path = tmp_path / "record.json"
    path.write_text(Record(2, 3, "a").to_json())
    assert Record.read(path) == Record(2, 3, "a")


@pytest.mark.parametrize(
    "text",
    ["", "{", "[]", "{}", '{"pid": "x", "port": 1, "instance": "i"}', '{"pid": 2, "instance": "i"}']
    # This process's own group, and init: neither is ever one of ours.
    + [f'{{"pid": {pid}, "port": 1, "instance": "i"}}' for pid in (-1, 0, 1)],
)
def test_a_damaged_record_is_none(tmp_path: Path, text: str) -> None:
    path = tmp_path / "record.json"
    path.write_text(text)
    assert Record.read(path) is None
    assert Record.read(tmp_path / "absent.json") is None


def test_the_process_that_was_started_runs(process: subprocess.Popen[bytes]) -> None:
    record = Record(process.pid, 0, "this-one")
    assert record.is_running()
    assert not record.id_is_reused()


def test_another_process_of_the_id_is_not_the_one_that_was_started(process: subprocess.Popen[bytes]) -> None:
    for pid in (process.pid, os.getpid()):
        record = Record(pid, 0, "an-earlier-one")
        assert not record.is_running()
        assert record.id_is_reused()


def test_a_process_that_has_ended_does_not_run_whether_or_not_it_was_waited_for(
    process: subprocess.Popen[bytes],
) -> None:
    record = Record(process.pid, 0, "this-one")
    assert process.stdin is not None
    process.stdin.close()
    # Waits and leaves the zombie.
    os.waitid(os.P_PID, process.pid, os.WEXITED | os.WNOWAIT)
    for _ in range(2):
        assert not record.is_running()
        assert not record.id_is_reused()
        process.wait()
