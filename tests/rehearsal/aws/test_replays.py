"""Requests that an SDK repeats."""

from __future__ import annotations

from typing import Any

import pytest

from rehearsal.aws.replays import replay


def send(application: Any, method: str, invocation: str | None) -> tuple[str, bytes]:
    environ = {"REQUEST_METHOD": method, **({"HTTP_AMZ_SDK_INVOCATION_ID": invocation} if invocation else {})}
    statuses: list[str] = []
    body = b"".join(application(environ, lambda status, _headers: statuses.append(status)))
    return statuses[-1], body


class Counting:
    """An application that says how often it was asked."""

    def __init__(self, status: str) -> None:
        self.status, self.asked = status, 0

    def __call__(self, _environ: dict[str, Any], start_response: Any) -> list[bytes]:
        self.asked += 1
        start_response(self.status, [])
        return [str(self.asked).encode()]


@pytest.mark.parametrize(
    ("method", "status", "invocation", "second"),
    [
        pytest.param("POST", "200 OK", "a", b"1", id="a repeated write is carried out once"),
        pytest.param("PUT", "400 Bad Request", "a", b"1", id="a refusal is told once more"),
        pytest.param("POST", "500 Internal Server Error", "a", b"2", id="what failed on the server is tried anew"),
        pytest.param("GET", "200 OK", "a", b"2", id="reading is always anew"),
        pytest.param("POST", "200 OK", None, b"2", id="without the SDK's id nothing is a repetition"),
    ],
)
def test_a_write_whose_answer_was_lost_is_not_carried_out_twice(
    method: str, status: str, invocation: str | None, second: bytes
):
    application = replay(Counting(status))
    assert send(application, method, invocation) == (status, b"1")
    assert send(application, method, invocation) == (status, second)


def test_another_request_is_carried_out():
    application = replay(Counting("200 OK"))
    assert [send(application, "POST", each)[1] for each in ("a", "b")] == [b"1", b"2"]
