"""backend.conf: where the state lies must follow from the tfvars, or two environments share one state."""

from __future__ import annotations

import re
from collections.abc import Iterator

from environments.aws_limits import BUCKET
from environments.problems import quote, short
from environments.rules.finding import Finding, Rule
from environments.settings import Settings, lock_table, replica_bucket, state_key


def bucket(settings: Settings) -> Iterator[Finding]:
    name = settings.backend.bucket
    longest = BUCKET.longest - len(replica_bucket(""))
    if len(name) > longest:
        yield "backend.bucket", f"got {len(name)} characters, expected at most {longest}: {replica_bucket('')} is added"
    elif not re.fullmatch(BUCKET.pattern, name):
        yield "backend.bucket", f"got {quote(name)}, expected {BUCKET.allowed}"


def bucket_of_account(settings: Settings) -> Iterator[Finding]:
    if settings.account_id not in settings.backend.bucket:
        yield (
            "backend.bucket",
            f"got {quote(settings.backend.bucket)}, expected account_id {short(settings.account_id)} in it",
        )


def bucket_of_its_own(settings: Settings) -> Iterator[Finding]:
    if settings.backend.bucket == settings.names.access_log_bucket:
        yield "backend.bucket", f"got {quote(settings.backend.bucket)}, expected another name: the access logs have it"


def key(settings: Settings) -> Iterator[Finding]:
    expected = state_key(settings.project, settings.environment)
    if settings.backend.key != expected:
        yield "backend.key", f"got {quote(settings.backend.key)}, expected {quote(expected)}: one state an environment"


def region(settings: Settings) -> Iterator[Finding]:
    got, expected = settings.backend.region, settings.aws_region
    if got != expected:
        yield "backend.region", f"got {quote(got)}, expected {quote(expected)}, the aws_region"


def table(settings: Settings) -> Iterator[Finding]:
    got, expected = settings.backend.dynamodb_table, lock_table(settings.environment)
    if got != expected:
        yield "backend.dynamodb_table", f"got {quote(got)}, expected {quote(expected)}: one lock table an environment"


def encrypt(settings: Settings) -> Iterator[Finding]:
    if not settings.backend.encrypt:
        yield "backend.encrypt", "got false, expected true: the state is never stored in clear"


RULES: tuple[Rule, ...] = (bucket, bucket_of_account, bucket_of_its_own, key, region, table, encrypt)
