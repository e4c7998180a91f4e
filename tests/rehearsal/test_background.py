"""Starting and stopping a process in the background; only ever that process."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import psutil
import pytest

from ops.core.errors import CommandError
from rehearsal import background
from rehearsal.background import Program
from tests.rehearsal.background_program import Record


def program(directory: Path, behaviour: str, seconds: float = 30) -> Program:
    arguments = {"behaviour": behaviour, "record": directory / "record.json"}
    return Program("the program", "tests.rehearsal.background_program", arguments, directory / "log" / "log", seconds)


def start(directory: Path, behaviour: str, seconds: float = 30) -> Record:
    return program(directory, behaviour, seconds).start(Record, directory / "record.json", lambda _: True)


def logged_pid(directory: Path) -> int:
    return int((directory / "log" / "log").read_text().split()[-1])


def test_it_runs_in_a_session_of_its_own_until_it_is_stopped(tmp_path: Path) -> None:
    record = start(tmp_path, "serves")
    assert record == Record.read(tmp_path / "record.json")
    assert os.getsid(record.pid) == record.pid == logged_pid(tmp_path)
    assert background.stop(record, 10) is True
    assert not record.is_running()
    assert background.stop(record, 10) is False


def test_one_that_does_not_end_when_asked_is_killed(tmp_path: Path) -> None:
    record = start(tmp_path, "deaf")
    assert background.stop(record, 0.3) is True
    assert not record.is_running()


def test_one_that_ends_at_once_says_why(tmp_path: Path) -> None:
    with pytest.raises(CommandError, match=r"the program did not start: its process ended with code 3\nthis program"):
        start(tmp_path, "ends")


@pytest.mark.parametrize(("behaviour", "serves"), [("silent", True), ("serves", False)])
def test_one_that_is_not_at_work_in_time_is_ended(tmp_path: Path, behaviour: str, serves: bool) -> None:
    with pytest.raises(CommandError, match="no answer within 2 s"):
        program(tmp_path, behaviour, 2).start(Record, tmp_path / "record.json", lambda _: serves)
    log = (tmp_path / "log" / "log").read_text()
    assert not log or not psutil.pid_exists(logged_pid(tmp_path))


def test_whoever_interrupts_the_start_leaves_no_process(tmp_path: Path) -> None:
    def interrupted(_record: Record) -> bool:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        program(tmp_path, "serves").start(Record, tmp_path / "record.json", interrupted)
    assert not psutil.pid_exists(logged_pid(tmp_path))


def test_the_record_of_an_earlier_one_is_not_taken_for_the_new_one(tmp_path: Path) -> None:
    (tmp_path / "record.json").write_text(Record(os.getpid(), "an-earlier-one").to_json())
    record = start(tmp_path, "serves")
    try:
        assert record.pid == logged_pid(tmp_path)
    finally:
        background.stop(record, 10)


def test_a_process_that_is_not_of_the_record_is_left_alone() -> None:
    with subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE) as stranger:
        assert background.stop(Record(stranger.pid, "an-earlier-one"), 10) is False
        assert stranger.poll() is None
    assert background.stop(None, 10) is False
