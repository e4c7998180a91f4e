"""The account itself: whose it is, and whether Terraform finds its state and lock there."""

from __future__ import annotations

from collections.abc import Iterator

from ops.checks.offline.findings import Finding, fail
from ops.checks.offline.subjects import Account, Environment
from ops.core.aws import ask
from ops.state import file as state

MAKES = {False: "`python -m ops bootstrap` makes it", True: "`make up` makes it"}


def stack_is_of_the_account(environment: Environment) -> Iterator[Finding]:
    expected, stack = environment.settings.account_id, environment.stack
    bucket = stack.document["terraform"]["backend"]["s3"]["bucket"]
    if expected not in bucket:
        yield fail("terraform.backend.s3", f"bucket is {bucket}, expected one with account_id {expected} in its name")
    for provider in stack.document["provider"]["aws"]:
        if provider.get("allowed_account_ids") != [expected]:
            got = provider.get("allowed_account_ids")
            yield fail("provider.aws", f"allowed_account_ids is {got}, expected {[expected]}")


def credentials_are_of_the_account(account: Account) -> Iterator[Finding]:
    expected = account.settings.account_id
    if account.id != expected:
        yield fail("AWS credentials", f"are of account {account.id}, expected {expected}, account_id of the settings")


def state_bucket_exists(account: Account) -> Iterator[Finding]:
    bucket = account.settings.backend.bucket
    if not state.bucket_exists(account.aws, bucket):
        yield fail(f"s3://{bucket}", f"does not exist, so there is no state: {MAKES[account.rehearsed]}")


def lock_table_exists(account: Account) -> Iterator[Finding]:
    table = account.settings.backend.dynamodb_table
    if ask(account.aws.client("dynamodb").describe_table, TableName=table) is None:
        yield fail(f"DynamoDB {table}", f"does not exist, so no lock can be taken: {MAKES[account.rehearsed]}")
