"""PostgreSQL on RDS: version, size, login, backups and windows."""

from __future__ import annotations

import re
from collections.abc import Iterator

from environments import windows
from environments.aws_limits import (
    BACKUP_DAYS,
    DATABASE_IDENTIFIER,
    GP3_IOPS,
    GP3_IOPS_PER_THROUGHPUT,
    GP3_PROVISIONED_FROM,
    GP3_THROUGHPUT,
    MONITORING_SECONDS,
    MOST_CONNECTIONS,
    OLDEST_POSTGRES_MINOR,
    RESERVED_DATABASE_WORDS,
    SHORTEST_WINDOW_MINUTES,
    STORAGE_GIB,
    STORAGE_HEADROOM_PERCENT,
)
from environments.names import APPLICATION_LOGINS, APPLICATION_ROLE
from environments.problems import listed, quote
from environments.rules.finding import Finding, Rule

INSTANCE_CLASS = re.compile(r"db\.[a-z]+[0-9][a-z0-9-]*\.(?:micro|small|medium|large|[0-9]{0,2}xlarge)")


def engine_version(db_engine_version: str) -> Iterator[Finding]:
    version = db_engine_version
    match = re.fullmatch(r"([1-9][0-9]?)(?:\.(0|[1-9][0-9]?))?", version)
    if match is None or int(match[1]) not in OLDEST_POSTGRES_MINOR:
        majors = listed((quote(str(major)) for major in OLDEST_POSTGRES_MINOR), "or")
        yield "db_engine_version", f"got {quote(version)}, expected a PostgreSQL major of RDS: {majors}"
    elif match[2] and int(match[2]) < OLDEST_POSTGRES_MINOR[int(match[1])]:
        yield (
            "db_engine_version",
            f"got {quote(version)}, which AWS has withdrawn: RDS creates no instance of it any more; "
            f'expected "{match[1]}", for the newest minor of {match[1]}',
        )


def instance_class(db_instance_class: str) -> Iterator[Finding]:
    if not INSTANCE_CLASS.fullmatch(db_instance_class):
        yield "db_instance_class", f"got {quote(db_instance_class)}, expected a class such as db.t3.micro"


def allocated_storage(db_allocated_storage: int) -> Iterator[Finding]:
    if db_allocated_storage not in STORAGE_GIB:
        yield (
            "db_allocated_storage",
            f"got {db_allocated_storage}, expected {STORAGE_GIB[0]} to {STORAGE_GIB[-1]} GiB",
        )


def max_allocated_storage(db_allocated_storage: int, db_max_allocated_storage: int) -> Iterator[Finding]:
    allocated, most = db_allocated_storage, db_max_allocated_storage
    if allocated not in STORAGE_GIB:
        return
    least = -(-allocated * (100 + STORAGE_HEADROOM_PERCENT) // 100)
    if most != 0 and not least <= most <= STORAGE_GIB[-1]:
        yield (
            "db_max_allocated_storage",
            f"got {most}, expected {least} ({STORAGE_HEADROOM_PERCENT} % above db_allocated_storage) to "
            f"{STORAGE_GIB[-1]} GiB, or 0 for storage that does not grow",
        )


def provisioned(
    db_iops: int, db_storage_throughput: int, db_storage_type: str, db_allocated_storage: int | None = None
) -> Iterator[Finding]:
    """IOPS and throughput, which only large gp3 storage takes."""
    iops, throughput = db_iops, db_storage_throughput
    if db_storage_type == "gp3" and db_allocated_storage is None:
        return
    takes = db_storage_type == "gp3" and (db_allocated_storage or 0) >= GP3_PROVISIONED_FROM
    for key, got, allowed, unit in (
        ("db_iops", iops, GP3_IOPS, ""),
        ("db_storage_throughput", throughput, GP3_THROUGHPUT, " MiB/s"),
    ):
        if got != 0 and not takes:
            yield key, f"got {got}, expected 0: only gp3 of {GP3_PROVISIONED_FROM} GiB and more takes a number"
        elif got != 0 and got not in allowed:
            yield (
                key,
                f"got {got}, expected {allowed[0]} to {allowed[-1]}{unit}, or 0 for what the storage brings along",
            )
    most = (iops or GP3_IOPS[0]) // GP3_IOPS_PER_THROUGHPUT
    if takes and throughput in GP3_THROUGHPUT and throughput > most:
        yield "db_storage_throughput", f"got {throughput}, expected at most {most} MiB/s, a quarter of db_iops"


def db_name(db_name: str) -> Iterator[Finding]:
    yield from _identifier("db_name", db_name)


def db_username(db_username: str) -> Iterator[Finding]:
    yield from _identifier("db_username", db_username)
    if db_username.lower().startswith("pg_"):
        yield "db_username", f"got {quote(db_username)}, expected no pg_ first: PostgreSQL keeps such names"
    if db_username.lower() in (APPLICATION_ROLE, *APPLICATION_LOGINS):
        yield (
            "db_username",
            f"got {quote(db_username)}, expected another name: the migration makes that one for the application",
        )


def password_version(db_password_version: int) -> Iterator[Finding]:
    if db_password_version < 1:
        yield "db_password_version", f"got {db_password_version}, expected 1 or more"


def backup_retention(db_backup_retention_days: int) -> Iterator[Finding]:
    if db_backup_retention_days not in BACKUP_DAYS:
        yield (
            "db_backup_retention_days",
            f"got {db_backup_retention_days}, expected {BACKUP_DAYS[0]} to {BACKUP_DAYS[-1]} days",
        )


def connections_alarm(db_connections_alarm: int) -> Iterator[Finding]:
    if not 1 <= db_connections_alarm <= MOST_CONNECTIONS:
        yield "db_connections_alarm", f"got {db_connections_alarm}, expected 1 to {MOST_CONNECTIONS}"


def monitoring_interval(db_monitoring_interval: int) -> Iterator[Finding]:
    if db_monitoring_interval not in MONITORING_SECONDS:
        expected = listed(MONITORING_SECONDS, "or")
        yield "db_monitoring_interval", f"got {db_monitoring_interval}, expected {expected} seconds"


def backup_window(db_backup_window: str) -> Iterator[Finding]:
    window = windows.daily(db_backup_window)
    if window is None:
        yield "db_backup_window", f'got {quote(db_backup_window)}, expected hh:mm-hh:mm in UTC, "03:00-04:00"'
    else:
        yield from _long_enough("db_backup_window", window[1])


def maintenance_window(db_maintenance_window: str) -> Iterator[Finding]:
    window = windows.weekly(db_maintenance_window)
    if window is None:
        yield (
            "db_maintenance_window",
            f'got {quote(db_maintenance_window)}, expected ddd:hh:mm-ddd:hh:mm in UTC, "sun:04:00-sun:05:00"',
        )
    else:
        yield from _long_enough("db_maintenance_window", window[1])


def windows_apart(db_backup_window: str, db_maintenance_window: str) -> Iterator[Finding]:
    """RDS refuses a maintenance window that overlaps the backup window."""
    backup, maintenance = windows.daily(db_backup_window), windows.weekly(db_maintenance_window)
    if backup is None or maintenance is None:
        return
    if windows.overlap(backup, maintenance):
        yield (
            "db_maintenance_window",
            f"{db_maintenance_window} overlaps db_backup_window {db_backup_window}",
        )


def _identifier(key: str, name: str) -> Iterator[Finding]:
    if not re.fullmatch(DATABASE_IDENTIFIER, name):
        yield key, f"got {quote(name)}, expected 1 to 63 letters, digits and underscores, a letter first"
    elif name.lower() in RESERVED_DATABASE_WORDS:
        yield key, f"got {quote(name)}, expected another name: PostgreSQL or RDS reserves this word"


def _long_enough(key: str, minutes: int) -> Iterator[Finding]:
    if minutes < SHORTEST_WINDOW_MINUTES:
        yield key, f"got a window of {minutes} minutes, expected at least {SHORTEST_WINDOW_MINUTES}"


RULES: tuple[Rule, ...] = (
    engine_version,
    instance_class,
    allocated_storage,
    max_allocated_storage,
    provisioned,
    db_name,
    db_username,
    password_version,
    backup_retention,
    connections_alarm,
    monitoring_interval,
    backup_window,
    maintenance_window,
    windows_apart,
)
