"""What programs write: the port that one says it listens on, and lines of a kind."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, cast

from ops.checks.facts.looking import Json, Looking
from ops.core.aws import ask

LISTENS = re.compile(
    r"\blisten(?:s|ing)\b|\b(?:server|app|application|api|service)\b.*?\b(?:started|running|up|ready)\b"
    r"|\b(?:running|started|serving|ready) (?:on|at)\b",
    re.IGNORECASE,
)
FAILS = re.compile(r"error|fail|cannot|can't|unable|refused|EADDRINUSE", re.IGNORECASE)
# "port 9000", "on 9000", "http://0.0.0.0:9000".
NUMBER = re.compile(r"(?:\bport(?:s|\(s\))?[\s\"':=]{1,4}|\b(?:on|at) |[\w\].*]:)(\d{2,5})\b", re.IGNORECASE)


@dataclass(frozen=True)
class Line:
    """One line of a log stream."""

    at: datetime
    text: str

    def __str__(self) -> str:
        error = self._fields.get("err")
        why = f": {cast('dict[str, Any]', error).get('message')}" if isinstance(error, dict) else ""
        text = f"{self.message}{why}"
        return f"{self.at:%H:%M:%S} | {text if len(text) <= 300 else f'{text[:297]}...'}"

    @property
    def message(self) -> str:
        """The text, or what a line of JSON has as its message."""
        return str(self._fields.get("msg") or self._fields.get("message") or self.text)

    @property
    def listening(self) -> bool:
        """Whether the program says that it listens now."""
        return bool(LISTENS.search(self.message)) and not FAILS.search(self.message)

    @property
    def port(self) -> int | None:
        """The port that the program says it listens on; None if this line says no such thing."""
        if not self.listening:
            return None
        given = self._fields.get("port")
        if isinstance(given, int):
            return given
        begin = LISTENS.search(self.message)
        number = NUMBER.search(self.message, begin.start() if begin else 0)
        return int(number[1]) if number else None

    @property
    def _fields(self) -> dict[str, Any]:
        try:
            found = json.loads(self.text) if self.text.startswith("{") else None
        except ValueError:
            found = None
        return cast("dict[str, Any]", found) if isinstance(found, dict) else {}


def read(looking: Looking, group: str, stream: str, limit: int, *, from_start: bool = False) -> list[Line]:
    """The last lines of a stream, or its first ones, oldest first; none where there is no such stream."""
    logs = looking.client("logs")
    # A task that never started has no stream.
    found: Json | None = ask(
        logs.get_log_events, logGroupName=group, logStreamName=stream, limit=limit, startFromHead=from_start
    )
    events: list[Json] = found["events"] if found else []
    return [Line(datetime.fromtimestamp(each["timestamp"] / 1000, UTC), each["message"].rstrip()) for each in events]


def newest(lines: Iterable[Line], pattern: re.Pattern[str]) -> Line | None:
    """The newest line in which the pattern is found."""
    found = [each for each in lines if pattern.search(each.text)]
    return max(found, key=lambda each: each.at, default=None)
