"""The health check of a deployment: how often, how long, and what a failure says."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest

from environments.settings import Settings
from ops.commands import health
from ops.core.emulator_record import Record
from ops.core.errors import CommandError, UserError
from ops.core.paths import Work
from ops.session import Session
from tests.ops.places import github_output, make_place, step_outputs

__all__ = ["github_output"]


class Answers(BaseHTTPRequestHandler):
    """Each request gets the next status; the last one is repeated."""

    statuses: list[int]

    def do_GET(self) -> None:
        status = self.statuses.pop(0) if len(self.statuses) > 1 else self.statuses[0]
        self.send_response(status)
        if status == 301:
            self.send_header("Location", "/elsewhere")
        self.end_headers()

    def log_message(self, format: str, *args: Any) -> None:
        """Nothing."""


@pytest.fixture
def serve() -> Iterator[Any]:
    servers: list[ThreadingHTTPServer] = []

    def start(*statuses: int) -> str:
        handler = type("Handler", (Answers,), {"statuses": list(statuses)})
        server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
        threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True).start()
        servers.append(server)
        return f"http://127.0.0.1:{server.server_port}/api/health"

    yield start
    for server in servers:
        server.shutdown()
        server.server_close()


@pytest.fixture
def session(settings: dict[str, Settings], work: Work) -> Session:
    return Session(settings["staging"], work=work)


def test_an_endpoint_that_comes_up_on_attempt_5_passes(serve: Any, session: Session, github_output: Path):
    health.run(session, serve(503, 503, 502, 500, 200), attempts=30, pause=0.01, timeout=5)
    assert step_outputs(github_output)["attempts"] == "5"


def test_502_for_ever_fails_after_the_last_attempt_and_says_what_it_means(
    serve: Any, session: Session, capsys: pytest.CaptureFixture[str]
):
    with pytest.raises(CommandError, match="did not answer 200 in 3 attempts; the last answer: 502, a task closed"):
        health.run(session, serve(502), attempts=3, pause=0.01, timeout=5)
    assert capsys.readouterr().out.count("attempt ") == 3


def test_a_refused_connection_is_an_attempt_too(session: Session):
    with pytest.raises(CommandError, match=r"no answer: .*refused.*\n`python -m ops doctor --env staging"):
        health.run(session, "http://127.0.0.1:1/api/health", attempts=2, pause=0, timeout=1)


def test_a_redirect_is_followed(serve: Any, session: Session):
    health.run(session, serve(301, 200), attempts=1, pause=0, timeout=5)


def test_the_guides_numbers_are_the_defaults():
    assert (health.ATTEMPTS, health.PAUSE, health.TIMEOUT) == (30, 15.0, 10.0)


def test_on_the_emulator_nothing_is_asked_before_something_runs(
    emulator: Record, settings: dict[str, Settings], work: Work
):
    place = make_place(emulator, settings["staging"], work, "health")
    with pytest.raises(UserError, match="nothing of staging runs: `make up` starts it"):
        health.run(place.session, None, attempts=1, pause=0, timeout=1)
