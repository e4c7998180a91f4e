"""A slow machine is no reason to give up what starts."""

from __future__ import annotations

import subprocess
import sys

from rehearsal.ecs.start_time import StartTime, computes
from rehearsal.pace import Pace
from tests.apply.running import eventually


def test_waits_pass_faster_than_configured_and_computing_does_not() -> None:
    since = StartTime(Pace(10))
    since.add(2, working=False)
    assert since.seconds == 20
    since.add(30, working=True)
    assert since.seconds == 50


def test_a_program_computes_where_one_of_its_processes_does() -> None:
    """As `npm run` does, which waits for what it started."""
    spin = "import subprocess, sys; subprocess.run([sys.executable, '-c', 'while True: pass'])"
    for program, expected in ((spin, True), ("import time; time.sleep(600)", False)):
        process = subprocess.Popen([sys.executable, "-c", program], process_group=0)
        try:
            eventually(lambda pid=process.pid, expected=expected: computes(pid) == expected, 60, str(expected))
        finally:
            subprocess.run(["kill", "-KILL", "--", f"-{process.pid}"], check=True)
            process.wait()
    assert not computes(process.pid), "it has ended"
