"""The codes that Cognito sends: only the newest of each purpose is good, and only for a time."""

from __future__ import annotations

import secrets
import time
from collections.abc import Callable
from dataclasses import dataclass
from enum import Enum

HOUR = 3600


class Purpose(Enum):
    """What a code does, as a mail's subject, and for how many seconds it is good.

    Source: "Configuring email or phone verification" and "Recovering user accounts", Cognito developer guide.
    """

    SIGN_UP = ("confirms the address", 24 * HOUR)
    NEW_PASSWORD = ("sets a new password", HOUR)

    @property
    def subject(self) -> str:
        return self.value[0]

    @property
    def seconds(self) -> int:
        return self.value[1]


class Verdict(Enum):
    """Whether a given code is good; without one that was sent, any is expired."""

    RIGHT = "right"
    WRONG = "wrong"
    EXPIRED = "expired"


@dataclass(frozen=True)
class _Code:
    digits: str
    until: float


class Codes:
    """By the user's id and the purpose; `now` gives seconds."""

    def __init__(self, now: Callable[[], float] = time.time) -> None:
        self._now = now
        self._codes: dict[tuple[str, Purpose], _Code] = {}

    def new(self, user: str, purpose: Purpose) -> str:
        """Make a code of six digits, different from the one before, which it replaces."""
        digits = f"{secrets.randbelow(10**6):06}"
        if self.judge(user, purpose, digits) is Verdict.RIGHT:
            return self.new(user, purpose)
        self._codes[user, purpose] = _Code(digits, self._now() + purpose.seconds)
        return digits

    def judge(self, user: str, purpose: Purpose, digits: str) -> Verdict:
        """Whether it is the code that was sent last, in time."""
        code = self._codes.get((user, purpose))
        if code is None or self._now() >= code.until:
            return Verdict.EXPIRED
        return Verdict.RIGHT if code.digits == digits else Verdict.WRONG

    def spend(self, user: str, purpose: Purpose) -> None:
        """Forget the code: it is good once."""
        self._codes.pop((user, purpose), None)
