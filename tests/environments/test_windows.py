"""The hour that the windows of the database leave to AWS Backup."""

from __future__ import annotations

import pytest

from environments.windows import daily, free_hour, weekly


@pytest.mark.parametrize(
    ("backup", "maintenance", "hour"),
    [
        ("03:00-04:00", "sun:04:00-sun:05:00", 5),  # as shipped: on Sundays maintenance follows the backup at once
        ("03:00-04:00", "sun:12:00-sun:13:00", 4),
        ("03:00-03:30", "sun:12:00-sun:13:00", 4),
        ("03:00-04:00", "sun:06:00-sun:07:00", 4),
        ("03:00-04:00", "sun:05:30-sun:06:30", 7),  # at four it might begin less than an hour before
        ("23:30-00:30", "sun:23:00-mon:00:00", 1),  # past midnight, both
        ("23:00-00:00", "sun:21:00-sun:22:00", 0),
        ("22:00-23:00", "mon:00:00-mon:01:00", 1),  # an hour before Monday is Sunday
        ("01:00-03:00", "sat:03:00-sun:00:30", 3),  # no hour is free on Saturdays: the first after the daily window
    ],
)
def test_a_backup_begins_in_the_first_hour_apart_from_both_windows(backup: str, maintenance: str, hour: int) -> None:
    of_day, of_week = daily(backup), weekly(maintenance)
    assert of_day is not None
    assert of_week is not None
    assert free_hour(of_day, of_week) == hour


def test_what_is_no_window_is_none() -> None:
    assert daily("24:00-01:00") is None
    assert weekly("sunday:03:00-sun:04:00") is None
