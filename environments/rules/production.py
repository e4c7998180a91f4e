"""What a production must have; the one place where an environment's name decides anything."""

from __future__ import annotations

from collections.abc import Iterator

from environments.rules.finding import Finding, Rule
from environments.settings import NONE, Settings

PRODUCTION = "production"


def deletion_protection(environment: str, deletion_protection: bool) -> Iterator[Finding]:
    if environment == PRODUCTION and not deletion_protection:
        yield "deletion_protection", f"got false, expected true in {PRODUCTION}"


def multi_az(environment: str, db_multi_az: bool) -> Iterator[Finding]:
    if environment == PRODUCTION and not db_multi_az:
        yield "db_multi_az", f"got false, expected true in {PRODUCTION}"


def backups(environment: str, db_backup_retention_days: int) -> Iterator[Finding]:
    if environment == PRODUCTION and db_backup_retention_days == 0:
        yield "db_backup_retention_days", f"got 0, expected at least 1 day in {PRODUCTION}"


def https(environment: str, certificate_arn: str) -> Iterator[Finding]:
    if environment == PRODUCTION and not certificate_arn:
        yield "certificate_arn", f'got "", expected a certificate in {PRODUCTION}, or "{NONE}" for passwords in clear'


def alarms(environment: str, alarm_email: str) -> Iterator[Finding]:
    if environment == PRODUCTION and not alarm_email:
        yield "alarm_email", f'got "", expected an address in {PRODUCTION}, or "{NONE}" for alarms that nobody hears'


def accepted(settings: Settings) -> Iterator[Finding]:
    """What a production does without by its settings: no problem, but every plan tells it."""
    if settings.environment != PRODUCTION:
        return
    if settings.certificate is None:
        yield "certificate_arn", "no HTTPS: passwords and tokens pass in clear"
    if settings.alarms_to is None:
        yield "alarm_email", "nobody hears of an alarm"
    if not settings.users_email_from:
        yield "users_email_from", "Cognito's own mailer sends about 50 messages a day: the 51st sign-up gets no code"
    if settings.backup_delete_after_days == 0:
        yield "backup_delete_after_days", "no AWS Backup: nothing of the data outlives the region, or a stolen role"


RULES: tuple[Rule, ...] = (deletion_protection, multi_az, backups, https, alarms)
