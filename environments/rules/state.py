"""backend.conf: where the state lies must follow from the tfvars, or two environments share one state."""

from __future__ import annotations

import re
from collections.abc import Iterator

from environments.aws_limits import BUCKET
from environments.names import Names
from environments.problems import quote, short
from environments.rules.finding import Finding, Rule
from environments.settings import lock_table, replica_bucket, state_key


def bucket(bucket: str) -> Iterator[Finding]:
    suffix = replica_bucket("")
    longest = BUCKET.longest - len(suffix)
    if len(bucket) > longest:
        yield "backend.bucket", f"got {len(bucket)} characters, expected at most {longest}: {suffix} is added"
    elif not re.fullmatch(BUCKET.pattern, bucket):
        yield "backend.bucket", f"got {quote(bucket)}, expected {BUCKET.allowed}"


def bucket_of_account(account_id: str, bucket: str) -> Iterator[Finding]:
    if account_id not in bucket:
        yield (
            "backend.bucket",
            f"got {quote(bucket)}, expected account_id {short(account_id)} in it",
        )


def bucket_of_its_own(bucket: str, project: str, environment: str, account_id: str) -> Iterator[Finding]:
    if bucket == Names(project, environment, vpc_name="", account_id=account_id).access_log_bucket:
        yield "backend.bucket", f"got {quote(bucket)}, expected another name: the access logs have it"


def key(project: str, environment: str, key: str) -> Iterator[Finding]:
    expected = state_key(project, environment)
    if key != expected:
        yield "backend.key", f"got {quote(key)}, expected {quote(expected)}: one state an environment"


def region(region: str, aws_region: str) -> Iterator[Finding]:
    if region != aws_region:
        yield "backend.region", f"got {quote(region)}, expected {quote(aws_region)}, the aws_region"


def table(dynamodb_table: str, environment: str) -> Iterator[Finding]:
    expected = lock_table(environment)
    if dynamodb_table != expected:
        got = quote(dynamodb_table)
        yield "backend.dynamodb_table", f"got {got}, expected {quote(expected)}: one lock table an environment"


def encrypt(encrypt: bool) -> Iterator[Finding]:
    if not encrypt:
        yield "backend.encrypt", "got false, expected true: the state is never stored in clear"


RULES: tuple[Rule, ...] = (bucket, bucket_of_account, bucket_of_its_own, key, region, table, encrypt)
