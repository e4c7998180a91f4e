"""Certificate, logs, secrets, alarms and tags."""

from __future__ import annotations

import re
from collections.abc import Iterator

from environments.aws_limits import (
    LOG_RETENTION_DAYS,
    MOST_TAGS,
    RECOVERY_POINT_DAYS,
    SECRET_RECOVERY_DAYS,
    TAG_KEY_LENGTH,
    TAG_VALUE_LENGTH,
)
from environments.problems import listed, quote, short
from environments.rules.finding import Finding, Rule
from environments.settings import NONE

CERTIFICATE = re.compile(r"arn:aws:acm:([a-z0-9-]+):([0-9]{12}):certificate/[A-Za-z0-9-]+")
EMAIL = re.compile(r"[A-Za-z0-9._%+-]+@[A-Za-z0-9-]+(?:\.[A-Za-z0-9-]+)+")
OWN_TAGS = ("Environment", "Project", "ManagedBy", "Name")
"""Set by the platform. IAM holds tag keys equal that differ in case only, so they are compared without it."""


def certificate_arn(certificate_arn: str) -> Iterator[Finding]:
    arn = certificate_arn
    match = CERTIFICATE.fullmatch(arn)
    if arn not in ("", NONE) and match is None:
        yield (
            "certificate_arn",
            f'got {quote(arn)}, expected "" for no HTTPS or arn:aws:acm:<region>:<account>:certificate/<id>',
        )


def certificate_region(certificate_arn: str, aws_region: str) -> Iterator[Finding]:
    match = CERTIFICATE.fullmatch(certificate_arn)
    if match and match[1] != aws_region:
        got, expected = short(match[1]), short(aws_region)
        yield "certificate_arn", f"got a certificate of {got}, expected one of aws_region, {expected}"


def certificate_account(certificate_arn: str, account_id: str) -> Iterator[Finding]:
    match = CERTIFICATE.fullmatch(certificate_arn)
    if match and match[2] != account_id:
        expected = short(account_id)
        yield "certificate_arn", f"got a certificate of account {match[2]}, expected one of {expected}"


def log_retention(log_retention_days: int) -> Iterator[Finding]:
    if log_retention_days not in LOG_RETENTION_DAYS:
        yield "log_retention_days", f"got {log_retention_days}, expected {listed(LOG_RETENTION_DAYS, 'or')}"


def recovery_points(backup_delete_after_days: int) -> Iterator[Finding]:
    days = backup_delete_after_days
    if days != 0 and days not in RECOVERY_POINT_DAYS:
        yield (
            "backup_delete_after_days",
            f"got {days}, expected 0 for no AWS Backup or {RECOVERY_POINT_DAYS[0]} to {RECOVERY_POINT_DAYS[-1]} days",
        )


def secret_recovery(secret_recovery_days: int) -> Iterator[Finding]:
    days = secret_recovery_days
    if days != 0 and days not in SECRET_RECOVERY_DAYS:
        yield (
            "secret_recovery_days",
            f"got {days}, expected 0 to delete at once or {SECRET_RECOVERY_DAYS[0]} to {SECRET_RECOVERY_DAYS[-1]}",
        )


def alarm_email(alarm_email: str) -> Iterator[Finding]:
    if alarm_email not in ("", NONE) and not EMAIL.fullmatch(alarm_email):
        yield "alarm_email", f'got {quote(alarm_email)}, expected "" for none or an address: name@example.com'


def users_email_from(users_email_from: str) -> Iterator[Finding]:
    if users_email_from and not EMAIL.fullmatch(users_email_from):
        got = quote(users_email_from)
        yield "users_email_from", f'got {got}, expected "" for Cognito\'s own mailer or an address: name@example.com'


JAVASCRIPTS_OWN = "__proto__"
"""Sets an object's prototype instead of a key, so jsii takes no map with it."""


def tags(tags: dict[str, str]) -> Iterator[Finding]:
    if len(tags) > MOST_TAGS:
        yield "tags", f"got {len(tags)} tags, expected at most {MOST_TAGS}"
    earlier: dict[str, str] = {}
    for key, value in tags.items():
        yield from _tag_key(key, earlier)
        if len(value) > TAG_VALUE_LENGTH or not _taggable(value):
            yield (
                f"tags.{key}",
                f"got {quote(value)}, expected at most {TAG_VALUE_LENGTH} letters, digits, spaces and _.:/=+-@",
            )
        earlier[key.lower()] = key


def _tag_key(key: str, earlier: dict[str, str]) -> Iterator[Finding]:
    where, plain = f"tags.{key}", key.lower()
    if plain.startswith("aws:"):
        yield where, "expected another key: AWS keeps those that begin with aws:"
    elif plain in {own.lower() for own in OWN_TAGS}:
        yield where, f"expected another key: the platform itself sets {listed(OWN_TAGS)}"
    elif key == JAVASCRIPTS_OWN:
        yield where, "expected another key: JavaScript, in which CDKTF runs, keeps this one"
    elif plain in earlier:
        yield where, f"expected another key: IAM does not tell it from {earlier[plain]}"
    elif not 1 <= len(key) <= TAG_KEY_LENGTH or not _taggable(key):
        yield where, f"expected a key of 1 to {TAG_KEY_LENGTH} letters, digits, spaces and _.:/=+-@"


def _taggable(text: str) -> bool:
    return all(character.isalnum() or character in " _.:/=+-@" for character in text)


RULES: tuple[Rule, ...] = (
    certificate_arn,
    certificate_region,
    certificate_account,
    log_retention,
    recovery_points,
    secret_recovery,
    alarm_email,
    users_email_from,
    tags,
)
