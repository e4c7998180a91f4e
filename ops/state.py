"""State files: reading one from a path or a bucket, and who holds a lock."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any, cast

from botocore.exceptions import ClientError

from ops.aws import Aws
from ops.errors import UserError
from ops.synthesized import S3Backend

ABSENT = {"NoSuchBucket", "NoSuchKey", "404", "NotFound", "ResourceNotFoundException"}


@dataclass(frozen=True)
class State:
    """What a state file holds."""

    serial: int
    """Grows with each write, from 1 in each place: a move into an empty bucket starts anew, with a new lineage."""
    resources: int
    content: str
    """Digest of the resources: the same before and after a move."""


def parse(text: str | bytes, where: str) -> State | None:
    """The state in the text; None for one that was emptied after a move. Raises UserError if it is damaged."""
    if not text.strip():
        return None
    try:
        document = cast("dict[str, Any]", json.loads(text))
        resources = document.get("resources", [])
        digest = hashlib.sha256(json.dumps(resources, sort_keys=True).encode()).hexdigest()
        state = State(document["serial"], len(resources), digest)
    except (ValueError, KeyError, TypeError):
        raise UserError(f"{where} is not a Terraform state; move it away and keep it, then repeat") from None
    return state


def local(path: Path) -> State | None:
    return parse(path.read_bytes(), str(path)) if path.is_file() else None


def remote(aws: Aws, backend: S3Backend) -> State | None:
    """The state in the bucket; None if the bucket or the object does not exist."""
    try:
        answer = aws.client("s3").get_object(Bucket=backend.bucket, Key=backend.key)
    except ClientError as error:
        if _code(error) in ABSENT:
            return None
        raise
    return parse(answer["Body"].read(), f"s3://{backend.bucket}/{backend.key}")


def _code(error: ClientError) -> str:
    response = cast("dict[str, dict[str, str]]", error.response)
    return response["Error"]["Code"]


def bucket_exists(aws: Aws, bucket: str) -> bool:
    """Whether the bucket exists in this account; a name taken by another account raises UserError."""
    try:
        aws.client("s3").head_bucket(Bucket=bucket)
    except ClientError as error:
        if _code(error) in ABSENT:
            return False
        if _code(error) == "403":
            raise UserError(
                f"bucket {bucket} belongs to another account, or these credentials may not read it; bucket names "
                "are unique in all of AWS: change `bucket` in environments/*.backend.conf"
            ) from None
        raise
    return True


def lock_holder(aws: Aws, backend: S3Backend) -> str | None:
    """Who holds the stack's state lock; None if nobody does."""
    try:
        answer = aws.client("dynamodb").get_item(
            TableName=backend.dynamodb_table, Key={"LockID": {"S": backend.lock_id}}, ConsistentRead=True
        )
    except ClientError as error:
        if _code(error) in ABSENT:
            return None
        raise
    item = answer.get("Item")
    if item is None:
        return None
    info = json.loads(item["Info"]["S"])
    return f"{info['Who']} since {info['Created'][:19]}Z, {info['Operation']}, lock id {info['ID']}"
