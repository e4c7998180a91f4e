"""Windows of RDS, and the hour that they leave to AWS Backup; all in UTC."""

from __future__ import annotations

import re

HOUR = 60
DAY = 24 * HOUR
WEEK = 7 * DAY
DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
_TIME = r"([01][0-9]|2[0-3]):([0-5][0-9])"

Window = tuple[int, int]
"""Start and length in minutes, of the day or of the week."""


def daily(text: str) -> Window | None:
    """Read `hh:mm-hh:mm`, past midnight too; None for anything else."""
    match = re.fullmatch(f"{_TIME}-{_TIME}", text)
    if match is None:
        return None
    start, end = int(match[1]) * HOUR + int(match[2]), int(match[3]) * HOUR + int(match[4])
    return start, (end - start) % DAY


def weekly(text: str) -> Window | None:
    """Read `ddd:hh:mm-ddd:hh:mm`, from one week into the next too; None for anything else."""
    day = f"({'|'.join(DAYS)})"
    match = re.fullmatch(f"{day}:{_TIME}-{day}:{_TIME}", text)
    if match is None:
        return None
    start = DAYS.index(match[1]) * DAY + int(match[2]) * HOUR + int(match[3])
    end = DAYS.index(match[4]) * DAY + int(match[5]) * HOUR + int(match[6])
    return start, (end - start) % WEEK


def overlap(of_day: Window, of_week: Window) -> bool:
    """Whether a window of every day and one of the week share a minute."""
    start, minutes = of_week
    begins = [day * DAY + of_day[0] + week * WEEK for week in (-1, 0, 1) for day in range(7)]
    return any(start < at + of_day[1] and at < start + minutes for at in begins)


def free_hour(backup: Window, maintenance: Window) -> int:
    """Return the first full hour after the daily window in which a backup can begin on every day of the week.

    RDS takes no other in a window nor in the hour before one: "Backup plan options and configuration", AWS Backup
    developer guide. Where long windows leave no such hour it is the first after the daily one.
    """
    first = -(-sum(backup) // HOUR)
    every_day = ((backup[0] - HOUR) % DAY, backup[1] + HOUR)
    late = ((maintenance[0] - HOUR) % WEEK, maintenance[1] + HOUR)
    for hour in (each % 24 for each in range(first, first + 24)):
        begins = (hour * HOUR, HOUR)
        # The daily window is one of the week seven times over.
        taken = (late, *((day * DAY + every_day[0], every_day[1]) for day in range(7)))
        if not any(overlap(begins, each) for each in taken):
            return hour
    return first % 24
