"""Terraform's state lock in DynamoDB: who holds it, taking it, and removing one whose holder is dead."""

from __future__ import annotations

import getpass
import json
import os
import socket
import uuid
from collections.abc import Generator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from botocore.exceptions import BotoCoreError, ClientError

from ops.core.aws import Aws, ask, error_code, is_absent
from ops.core.errors import CommandError, UserError
from ops.terraform.synthesized import S3Backend

LIMIT_MINUTES = 60
"""Longer than any apply of the platform: its longest waits, a Multi-AZ database of RDS, take about 25 min."""


class UnknownLock(UserError):
    """There is a lock item, but not one that Terraform writes."""


@dataclass(frozen=True)
class StateLock:
    """A lock as its holder describes it."""

    id: str
    who: str
    operation: str
    created: datetime
    """In UTC."""
    info: str
    """The item's text, by which it is told from a later lock."""

    @property
    def age(self) -> timedelta:
        """Not below zero, where the holder's clock is ahead of this one."""
        return max(datetime.now(UTC) - self.created, timedelta())

    def __str__(self) -> str:
        since = self.created.strftime("%Y-%m-%d %H:%M:%SZ")
        return f"{self.who} since {since} ({minutes(self.age)}), {self.operation}, lock id {self.id}"


def minutes(age: timedelta) -> str:
    """Whole ones: a lock of 59.9 min is not yet one of 60."""
    return f"{age // timedelta(minutes=1)} min"


def read(aws: Aws, backend: S3Backend) -> StateLock | None:
    """The lock of a stack's state; None if it is free or there is no table. Raises UnknownLock."""
    found = item(aws, backend, backend.lock_id)
    return None if found is None else _parse(found, backend)


def item(aws: Aws, backend: S3Backend, id_: str) -> dict[str, Any] | None:
    """An item of the lock table; None if it or the table does not exist."""
    key = {"LockID": {"S": id_}}
    answer = ask(aws.client("dynamodb").get_item, TableName=backend.dynamodb_table, Key=key, ConsistentRead=True)
    return answer.get("Item") if answer else None


def _parse(item: dict[str, Any], backend: S3Backend) -> StateLock:
    try:
        text = item["Info"]["S"]
        info = json.loads(text)
        created = datetime.fromisoformat(info["Created"])
        if created.tzinfo is None:
            raise ValueError("no time zone")
        return StateLock(str(info["ID"]), str(info["Who"]), str(info["Operation"]), created.astimezone(UTC), text)
    except (KeyError, TypeError, ValueError, OverflowError):
        # Binary values have no JSON.
        shown = json.dumps(item, sort_keys=True, default=str)
        raise UnknownLock(
            f"the item {backend.lock_id} in table {backend.dynamodb_table} is no lock of Terraform: its Info needs ID, "
            f"Who, Operation and Created, got {shown[:300]}. Find out who wrote it, then delete that item by hand"
        ) from None


def require_free(aws: Aws, backend: S3Backend) -> None:
    """Raises CommandError with the holder if somebody has the lock."""
    holder = read(aws, backend)
    if holder is not None:
        raise _held(holder)


def _held(holder: StateLock) -> CommandError:
    return CommandError(f"the state is locked by {holder}: wait until that is done, then repeat")


def remove_dead(aws: Aws, backend: S3Backend, environment: str, minutes: int) -> StateLock | None:
    """Remove a lock that is so many minutes old, and tell whose it was; raises CommandError for a younger one."""
    lock = read(aws, backend)
    if lock is None:
        return None
    if lock.age < timedelta(minutes=minutes):
        raise CommandError(
            f"{environment}: not unlocked, the lock is younger than {minutes} min: {lock}. Its command may still "
            "run: wait for it. If it is surely dead, lower --older-than"
        )
    clear(aws, backend, lock)
    return lock


def clear(aws: Aws, backend: S3Backend, lock: StateLock) -> None:
    """Remove this very lock; raises CommandError if it was released or taken anew meanwhile."""
    if not _delete(aws, backend, lock.info):
        raise CommandError(f"the lock {lock.id} of {lock.who} is gone by itself: nothing was removed")


@contextmanager
def hold(aws: Aws, backend: S3Backend, operation: str) -> Generator[None]:
    """Have the lock, as Terraform would; raises CommandError with the holder if somebody else has it."""
    id_ = str(uuid.uuid4())
    info = json.dumps(
        {
            "ID": id_,
            "Operation": operation,
            "Info": "",
            "Who": f"{_user()}@{socket.gethostname()}",
            "Version": "ops",
            "Created": datetime.now(UTC).isoformat().replace("+00:00", "Z"),
            "Path": backend.lock_id,
        }
    )
    try:
        aws.client("dynamodb").put_item(
            TableName=backend.dynamodb_table,
            Item={"LockID": {"S": backend.lock_id}, "Info": {"S": info}},
            ConditionExpression="attribute_not_exists(LockID)",
        )
    except ClientError as error:
        if is_absent(error):
            raise UserError(
                f"lock table {backend.dynamodb_table} does not exist: `python -m ops bootstrap` makes it"
            ) from None
        if error_code(error) != "ConditionalCheckFailedException":
            raise
        holder = read(aws, backend)
        if holder is None:
            raise CommandError("the state was locked until a moment ago: repeat") from None
        # It is one's own where the answer to a first try was lost and botocore tried again.
        if holder.info != info:
            raise _held(holder) from None
    try:
        yield
    except BaseException:
        # That error says more than one of the release; whoever comes next is told of the lock.
        with suppress(BotoCoreError, ClientError):
            _delete(aws, backend, info)
        raise
    try:
        _delete(aws, backend, info)
    except (BotoCoreError, ClientError) as error:
        raise CommandError(
            f"the {operation} is done, but its lock {id_} could not be removed: {error}. `python -m ops unlock "
            "--older-than 0` with the same --env removes it"
        ) from None


def _user() -> str:
    try:
        return getpass.getuser()
    except (KeyError, OSError):
        # A container's user without a name.
        return str(os.getuid())


def _delete(aws: Aws, backend: S3Backend, info: str) -> bool:
    """Whether it was there; somebody may have taken it for a dead one's."""
    try:
        aws.client("dynamodb").delete_item(
            TableName=backend.dynamodb_table,
            Key={"LockID": {"S": backend.lock_id}},
            ConditionExpression="Info = :info",
            ExpressionAttributeValues={":info": {"S": info}},
        )
    except ClientError as error:
        if error_code(error) != "ConditionalCheckFailedException":
            raise
        return False
    return True
