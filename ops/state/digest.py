"""The MD5 of a state that Terraform keeps in the lock table, and compares with the object before every plan."""

from __future__ import annotations

import hashlib

from ops.core.aws import Aws
from ops.state import lock
from ops.terraform.synthesized import S3Backend


def of(body: bytes) -> str:
    """The digest that goes with a state object."""
    return hashlib.md5(body, usedforsecurity=False).hexdigest()


def read(aws: Aws, backend: S3Backend) -> str | None:
    """The digest in the table; None where there is none, or no table."""
    item = lock.item(aws, backend, _id(backend))
    return item["Digest"]["S"] if item else None


def write(aws: Aws, backend: S3Backend, body: bytes) -> None:
    """Make the digest in the table agree with a state object."""
    aws.client("dynamodb").put_item(
        TableName=backend.dynamodb_table, Item={"LockID": {"S": _id(backend)}, "Digest": {"S": of(body)}}
    )


def _id(backend: S3Backend) -> str:
    return f"{backend.lock_id}-md5"
