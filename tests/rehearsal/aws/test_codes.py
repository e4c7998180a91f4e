"""Codes grow old, each in its own time, and a new one replaces the old."""

from __future__ import annotations

import pytest

from rehearsal.aws.codes import Codes, Purpose, Verdict


class Clock:
    def __init__(self) -> None:
        self.seconds = 1_000_000.0

    def __call__(self) -> float:
        return self.seconds


@pytest.mark.parametrize(("purpose", "hours"), [(Purpose.SIGN_UP, 24), (Purpose.NEW_PASSWORD, 1)])
def test_a_code_is_good_for_the_documented_hours(purpose: Purpose, hours: int) -> None:
    clock = Clock()
    codes = Codes(clock)
    code = codes.new("ann", purpose)
    clock.seconds += hours * 3600 - 1
    assert codes.judge("ann", purpose, code) is Verdict.RIGHT
    clock.seconds += 1
    assert codes.judge("ann", purpose, code) is Verdict.EXPIRED
    assert codes.judge("ann", purpose, codes.new("ann", purpose)) is Verdict.RIGHT


def test_a_new_code_makes_the_one_before_wrong() -> None:
    codes = Codes()
    first, second = codes.new("ann", Purpose.SIGN_UP), codes.new("ann", Purpose.SIGN_UP)
    assert [codes.judge("ann", Purpose.SIGN_UP, each) for each in (first, second)] == [Verdict.WRONG, Verdict.RIGHT]


def test_a_code_is_for_one_person_and_one_purpose_once() -> None:
    codes = Codes()
    code = codes.new("ann", Purpose.SIGN_UP)
    assert codes.judge("bob", Purpose.SIGN_UP, code) is Verdict.EXPIRED
    assert codes.judge("ann", Purpose.NEW_PASSWORD, code) is Verdict.EXPIRED
    codes.spend("ann", Purpose.SIGN_UP)
    assert codes.judge("ann", Purpose.SIGN_UP, code) is Verdict.EXPIRED


def test_a_new_code_is_another_one_even_where_chance_repeats_itself(monkeypatch: pytest.MonkeyPatch) -> None:
    drawn = iter([7, 7, 8])

    def draw(_below: int) -> int:
        return next(drawn)

    monkeypatch.setattr("rehearsal.aws.codes.secrets.randbelow", draw)
    codes = Codes()
    assert [codes.new("ann", Purpose.SIGN_UP) for _ in range(2)] == ["000007", "000008"]
