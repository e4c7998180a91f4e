"""PostgreSQL on RDS: version, size, login, backups and windows."""

from __future__ import annotations

import pytest

from tests.environments.support import Files

MAJORS = 'expected a PostgreSQL major of RDS: "13", "14", "15", "16", "17" or "18"'
IDENTIFIER = "expected 1 to 63 letters, digits and underscores, a letter first"
RESERVED = "expected another name: PostgreSQL or RDS reserves this word"
DAILY = 'expected hh:mm-hh:mm in UTC, "03:00-04:00"'
WEEKLY = 'expected ddd:hh:mm-ddd:hh:mm in UTC, "sun:04:00-sun:05:00"'
CASES: dict[str, tuple[str, str, str]] = {
    "the guide's withdrawn minor": (
        "db_engine_version",
        '"15.3"',
        'got "15.3", which AWS has withdrawn: RDS creates no instance of it any more; expected "15", '
        "for the newest minor of 15",
    ),
    "last withdrawn minor": (
        "db_engine_version",
        '"17.4"',
        'got "17.4", which AWS has withdrawn: RDS creates no instance of it any more; expected "17", '
        "for the newest minor of 17",
    ),
    "major too old": ("db_engine_version", '"12"', f'got "12", {MAJORS}'),
    "major too new": ("db_engine_version", '"19.1"', f'got "19.1", {MAJORS}'),
    "version of another form": ("db_engine_version", '"15.x"', f'got "15.x", {MAJORS}'),
    "class without db.": ("db_instance_class", '"t3.micro"', 'got "t3.micro", expected a class such as db.t3.micro'),
    "class without a size": ("db_instance_class", '"db.t3"', 'got "db.t3", expected a class such as db.t3.micro'),
    "storage too small": ("db_allocated_storage", "19", "got 19, expected 20 to 65536 GiB"),
    "storage too large": ("db_allocated_storage", "65537", "got 65537, expected 20 to 65536 GiB"),
    "no room to grow": (
        "db_max_allocated_storage",
        "21",
        "got 21, expected 22 (10 % above db_allocated_storage) to 65536 GiB, or 0 for storage that does not grow",
    ),
    "negative maximum": (
        "db_max_allocated_storage",
        "-1",
        "got -1, expected 22 (10 % above db_allocated_storage) to 65536 GiB, or 0 for storage that does not grow",
    ),
    "database with a hyphen": ("db_name", '"prodready-infra"', f'got "prodready-infra", {IDENTIFIER}'),
    "database with a digit first": ("db_name", '"1db"', f'got "1db", {IDENTIFIER}'),
    "database name too long": ("db_name", f'"{"d" * 64}"', f'got "{"d" * 64}", {IDENTIFIER}'),
    "database called by a key word": ("db_name", '"Select"', f'got "Select", {RESERVED}'),
    "user called by a key word": ("db_username", '"user"', f'got "user", {RESERVED}'),
    "user RDS keeps": ("db_username", '"rdsadmin"', f'got "rdsadmin", {RESERVED}'),
    "user of PostgreSQL": (
        "db_username",
        '"pg_monitor"',
        'got "pg_monitor", expected no pg_ first: PostgreSQL keeps such names',
    ),
    "user that the migration makes": (
        "db_username",
        '"application_2"',
        'got "application_2", expected another name: the migration makes that one for the application',
    ),
    "no user": ("db_username", '""', f'got "", {IDENTIFIER}'),
    "password version 0": ("db_password_version", "0", "got 0, expected 1 or more"),
    "negative retention": ("db_backup_retention_days", "-1", "got -1, expected 0 to 35 days"),
    "retention too long": ("db_backup_retention_days", "36", "got 36, expected 0 to 35 days"),
    "interval RDS does not know": (
        "db_monitoring_interval",
        "20",
        "got 20, expected 0, 1, 5, 10, 15, 30 or 60 seconds",
    ),
    "no connection allowed": ("db_connections_alarm", "0", "got 0, expected 1 to 8388607"),
    "backup at 24:00": ("db_backup_window", '"23:00-24:00"', f'got "23:00-24:00", {DAILY}'),
    "backup without minutes": ("db_backup_window", '"3-4"', f'got "3-4", {DAILY}'),
    "backup too short": ("db_backup_window", '"03:00-03:29"', "got a window of 29 minutes, expected at least 30"),
    "empty backup window": ("db_backup_window", '"03:00-03:00"', "got a window of 0 minutes, expected at least 30"),
    "maintenance without days": ("db_maintenance_window", '"04:00-05:00"', f'got "04:00-05:00", {WEEKLY}'),
    "maintenance with a capital": (
        "db_maintenance_window",
        '"Sun:04:00-Sun:05:00"',
        f'got "Sun:04:00-Sun:05:00", {WEEKLY}',
    ),
    "maintenance too short": (
        "db_maintenance_window",
        '"sun:04:00-sun:04:29"',
        "got a window of 29 minutes, expected at least 30",
    ),
    "maintenance during the backup": (
        "db_maintenance_window",
        '"sun:03:59-sun:05:00"',
        "sun:03:59-sun:05:00 overlaps db_backup_window 03:00-04:00",
    ),
    "maintenance over midnight into the backup": (
        "db_maintenance_window",
        '"sun:23:00-mon:03:30"',
        "sun:23:00-mon:03:30 overlaps db_backup_window 03:00-04:00",
    ),
}
ACCEPTED = {
    "minor AWS still creates": ("db_engine_version", '"15.13"'),
    "newest major": ("db_engine_version", '"18"'),
    "oldest major": ("db_engine_version", '"13"'),
    "Graviton class": ("db_instance_class", '"db.r6gd.12xlarge"'),
    "largest storage": ("db_max_allocated_storage", "65536"),
    "just room to grow": ("db_max_allocated_storage", "22"),
    "storage that does not grow": ("db_max_allocated_storage", "0"),
    "no monitoring": ("db_monitoring_interval", "0"),
    "no backups": ("db_backup_retention_days", "0"),
    "backup over midnight": ("db_backup_window", '"23:45-00:15"'),
    "windows that touch": ("db_maintenance_window", '"sun:02:30-sun:03:00"'),
}


@pytest.mark.parametrize(("key", "value", "expected"), CASES.values(), ids=CASES)
def test_refused(staging_only: Files, key: str, value: str, expected: str) -> None:
    staging_only.set({key: value})

    assert staging_only.refusal() == [staging_only.place(f"{key}: {expected}")]


@pytest.mark.parametrize(("key", "value"), ACCEPTED.values(), ids=ACCEPTED)
def test_accepted(staging_only: Files, key: str, value: str) -> None:
    staging_only.set({key: value})

    assert staging_only.refusal() == []


@pytest.mark.parametrize("minute", ["22:30-23:15", "23:59-00:59"])
def test_a_backup_over_the_end_of_the_week_meets_maintenance_there(staging_only: Files, minute: str) -> None:
    staging_only.set({"db_backup_window": f'"{minute}"', "db_maintenance_window": '"sun:23:00-mon:00:30"'})

    assert staging_only.refusal() == [
        staging_only.place(f"db_maintenance_window: sun:23:00-mon:00:30 overlaps db_backup_window {minute}")
    ]


FAST = {"db_storage_type": '"gp3"', "db_allocated_storage": "400", "db_max_allocated_storage": "0"}


@pytest.mark.parametrize(
    ("values", "expected"),
    [
        ({"db_iops": "12000"}, "db_iops: got 12000, expected 0: only gp3 of 400 GiB and more takes a number"),
        (
            {"db_storage_type": '"gp3"', "db_storage_throughput": "500"},
            "db_storage_throughput: got 500, expected 0: only gp3 of 400 GiB and more takes a number",
        ),
        (
            {**FAST, "db_iops": "11999"},
            "db_iops: got 11999, expected 12000 to 64000, or 0 for what the storage brings along",
        ),
        (
            {**FAST, "db_storage_throughput": "4001"},
            "db_storage_throughput: got 4001, expected 500 to 4000 MiB/s, or 0 for what the storage brings along",
        ),
        (
            {**FAST, "db_iops": "12000", "db_storage_throughput": "3001"},
            "db_storage_throughput: got 3001, expected at most 3000 MiB/s, a quarter of db_iops",
        ),
    ],
)
def test_a_speed_that_the_storage_does_not_take_is_refused(
    staging_only: Files, values: dict[str, str], expected: str
) -> None:
    staging_only.set(values)

    assert staging_only.refusal() == [staging_only.place(expected)]


def test_gp3_has_the_speed_that_is_asked_for(staging_only: Files) -> None:
    staging_only.set({**FAST, "db_iops": "16000", "db_storage_throughput": "4000"})

    assert staging_only.refusal() == []
