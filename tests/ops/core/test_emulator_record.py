"""Finding a running emulator by its record, and only ever that process."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import threading
from collections.abc import Generator
from http.server import BaseHTTPRequestHandler, HTTPServer

import pytest

from ops.core import emulator_record as records
from ops.core.emulator_record import Record
from ops.core.errors import CommandError, UserError
from ops.core.files import write_atomically
from ops.core.paths import Work
from rehearsal.aws import process

ACCOUNT = "123456789012"


def ended_pid() -> int:
    child = subprocess.Popen([sys.executable, "-c", ""])
    child.wait()
    return child.pid


def keep(work: Work, record: Record) -> Record:
    write_atomically(work.emulator_record, record.to_json())
    (work.emulator / "bootstrap.tfstate").write_text("of the emulated account", encoding="utf-8")
    return record


@pytest.fixture
def stranger() -> Generator[int]:
    """The port of a web server that is no emulator."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(200)
            self.end_headers()
            self.wfile.write(b'{"instance": "another"}')

        def log_message(self, format: str, *args: object) -> None:
            """Quiet."""

    server = HTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield server.server_port
    server.shutdown()
    thread.join()
    server.server_close()


def test_no_record_means_not_running(work: Work):
    assert records.find(work) is None
    assert process.stop(work) is False
    with pytest.raises(UserError, match="`make up` starts it"):
        records.require(work, ACCOUNT)


@pytest.mark.parametrize(
    "text", ["", "{", "[]", "{}", '{"pid": "x"}', '{"pid": 1, "port": 1, "instance": "i", "account_id": "a"}']
)
def test_a_damaged_record_is_none(work: Work, text: str):
    write_atomically(work.emulator_record, text)
    assert Record.read(work.emulator_record) is None
    assert records.find(work) is None


def test_the_record_of_an_ended_process_is_reaped_with_the_states_of_its_account(work: Work):
    keep(work, Record(ended_pid(), 1, "gone", ACCOUNT))
    assert records.find(work) is None
    assert not work.emulator.exists()


def test_a_pid_that_belongs_to_another_process_by_now_is_neither_used_nor_killed(work: Work):
    keep(work, Record(os.getpid(), 1, "instance-of-a-former-process", ACCOUNT))
    assert records.find(work) is None
    keep(work, Record(os.getpid(), 1, "instance-of-a-former-process", ACCOUNT))
    assert process.stop(work) is False


def test_another_server_on_the_port_is_not_the_emulator(stranger: int):
    assert not records.answers(Record(os.getpid(), stranger, "mine", ACCOUNT))


def test_a_port_nobody_listens_on_does_not_answer():
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        assert not records.answers(Record(os.getpid(), unused.getsockname()[1], "mine", ACCOUNT))


def test_a_process_that_does_not_answer_is_told_and_not_replaced(work: Work, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(Record, "is_running", lambda _record: True)
    keep(work, Record(os.getpid(), 1, "hangs", ACCOUNT))
    with pytest.raises(CommandError, match="does not answer"):
        records.find(work)
