"""What a production must have; the one place where an environment's name decides anything."""

from __future__ import annotations

from collections.abc import Iterator

from environments.rules.finding import Finding, Rule
from environments.settings import Settings

PRODUCTION = "production"


def deletion_protection(settings: Settings) -> Iterator[Finding]:
    if settings.environment == PRODUCTION and not settings.deletion_protection:
        yield "deletion_protection", f"got false, expected true in {PRODUCTION}"


def multi_az(settings: Settings) -> Iterator[Finding]:
    if settings.environment == PRODUCTION and not settings.db_multi_az:
        yield "db_multi_az", f"got false, expected true in {PRODUCTION}"


def backups(settings: Settings) -> Iterator[Finding]:
    if settings.environment == PRODUCTION and settings.db_backup_retention_days == 0:
        yield "db_backup_retention_days", f"got 0, expected at least 1 day in {PRODUCTION}"


RULES: tuple[Rule, ...] = (deletion_protection, multi_az, backups)
