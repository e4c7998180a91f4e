"""The mail that the account would send. Nothing leaves this machine: `make status` shows it instead."""

from __future__ import annotations

import time
from collections import deque
from dataclasses import asdict, dataclass
from typing import Any

from rehearsal.aws.ask import ask

MAIL_PATH = "/_emulator/mail"
KEPT = 100
"""Messages; a code is looked up soon after it was sent, and the next one makes it invalid."""


@dataclass(frozen=True)
class Message:
    """One message, sent at `at` (seconds of the epoch)."""

    at: float
    to: str
    subject: str
    code: str


_sent: deque[Message] = deque(maxlen=KEPT)


def send(to: str, subject: str, code: str) -> None:
    """Keep a message; in the emulator's process."""
    _sent.appendleft(Message(time.time(), to, subject, code))


def sent() -> list[dict[str, Any]]:
    """Return the messages that were kept, newest first; in the emulator's process."""
    return [asdict(message) for message in list(_sent)]


def read(endpoint: str) -> list[Message]:
    """Ask the emulator for what was sent, newest first; raises OSError."""
    return [Message(**message) for message in ask(endpoint, "GET", MAIL_PATH)]
