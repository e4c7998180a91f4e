"""A request that is repeated because its answer got lost is answered again, not carried out again.

An SDK repeats a request when its connection breaks, which happens on a busy machine. Carried out again, a conditional
write fails on what the first one wrote: Terraform would wait for a state lock that is its own.
"""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Callable, Iterable
from typing import Any

KEPT = 500
"""Newest answers; a repetition follows within seconds."""
READING = {"GET", "HEAD"}
Answer = tuple[str, list[tuple[str, str]], bytes]
Application = Callable[[dict[str, Any], Any], Iterable[bytes]]


def replay(application: Application) -> Application:
    """The WSGI application; it keeps answers to writes by the id that an SDK gives a request and its repetitions."""
    answers: OrderedDict[str, Answer] = OrderedDict()
    alone = threading.Lock()

    def answer(environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
        id_ = environ.get("HTTP_AMZ_SDK_INVOCATION_ID")
        if id_ is None or environ["REQUEST_METHOD"] in READING:
            return application(environ, start_response)
        with alone:
            known = answers.get(id_)
        if known is None:
            known = _carry_out(application, environ)
            # An SDK repeats what failed on the server's side on purpose.
            if not known[0].startswith("5"):
                with alone:
                    answers[id_] = known
                    if len(answers) > KEPT:
                        answers.popitem(last=False)
        status, headers, body = known
        start_response(status, headers)
        return [body]

    return answer


def _carry_out(application: Application, environ: dict[str, Any]) -> Answer:
    started: list[tuple[str, list[tuple[str, str]]]] = []

    def start(status: str, headers: list[tuple[str, str]], _error: Any = None) -> None:
        started.append((status, headers))

    found = application(environ, start)
    try:
        body = b"".join(found)
    finally:
        close = getattr(found, "close", None)
        if close is not None:
            close()
    status, headers = started[-1]
    return status, headers, body
