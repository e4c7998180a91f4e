"""A Terraform process is followed to its end, whatever happens on this side of it."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from ops.terraform.process import run
from tests.support import needs

# Writes line after line; at SIGINT it says so in a file and ends, at a closed output it dies.
SCRIPT = """
import signal, sys, time
from pathlib import Path
def interrupted(*_):
    Path(sys.argv[1]).write_text("interrupted")
    sys.exit(1)
signal.signal(signal.SIGINT, interrupted)
for number in range(int(sys.argv[2])):
    print(number, flush=True)
    time.sleep(0.05)
Path(sys.argv[1]).write_text("ended")
"""


def command(told: Path, lines: int) -> list[str]:
    return [sys.executable, "-c", SCRIPT, str(told), str(lines)]


def test_a_full_disk_stops_the_log_and_not_the_apply(tmp_path: Path, capsys: pytest.CaptureFixture[str]):
    needs(Path("/dev/full").exists(), "only Linux has /dev/full, a device on which nothing has room")
    told, lines = tmp_path / "told", []
    assert run(command(told, 5), {}, Path("/dev/full"), lines.append) == 0
    assert told.read_text() == "ended"
    assert lines == [f"{number}\n" for number in range(5)]
    assert capsys.readouterr().err == "the log /dev/full ends here: No space left on device\n"


def test_a_log_that_cannot_be_made_starts_nothing(tmp_path: Path):
    (tmp_path / "file").write_text("")
    told = tmp_path / "told"
    with pytest.raises(OSError):
        run(command(told, 1), {}, tmp_path / "file" / "log", lambda _line: None)
    assert not told.exists()


def test_an_error_while_it_is_read_interrupts_it_and_waits_for_it(tmp_path: Path):
    told = tmp_path / "told"

    def fail(line: str) -> None:
        raise KeyError(line)

    with pytest.raises(KeyError):
        run(command(told, 200), {}, tmp_path / "log", fail)
    assert told.read_text() == "interrupted"
    assert (tmp_path / "log").read_text() == "0\n"
