"""Starting, finding and stopping a rehearsal; one of a cluster that does not exist is the quickest."""

from __future__ import annotations

import contextlib
import os

from ops.core.emulator_record import Record
from ops.core.paths import Work
from rehearsal import children, door, process
from rehearsal.process import Setup
from tests.apply.running import eventually


def ended(supervisor: process.Record) -> bool:
    """Whether nothing of its session is left; it was started by this very process, which has to wait for it."""
    with contextlib.suppress(ChildProcessError):
        os.waitpid(supervisor.pid, os.WNOHANG)
    return not children.of_session(supervisor.pid)


def test_start_use_again_start_anew_and_stop(work: Work, emulator: Record) -> None:
    setup = Setup("no-such-cluster", "us-east-1", emulator.url)
    assert process.find(work, "staging") is None
    try:
        assert process.start(work, "staging", setup) is True
        first = process.find(work, "staging")
        assert first is not None
        assert os.getsid(first.pid) == first.pid
        assert (process.read_status(work, "staging") or {})["services"] == []
        assert process.start(work, "staging", setup) is False
        assert process.find(work, "staging") == first

        assert process.start(work, "staging", setup, anew=True) is True
        second = process.find(work, "staging")
        assert second is not None
        assert second != first
        eventually(lambda: ended(first), 10, "the end of the first")
        assert process.running(work) == ["staging"]
    finally:
        assert door.stop_all(work) == ["staging"]
    assert process.find(work, "staging") is None
    eventually(lambda: ended(second), 10, "the end of the second")
    assert process.running(work) == []
    assert process.read_status(work, "staging") is None
    assert process.stop(work, "staging") is False
