"""State files: reading one from a path or a bucket."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, cast

from botocore.exceptions import ClientError

from ops.core.aws import Aws, ask, error_code
from ops.core.errors import UserError
from ops.terraform.synthesized import Json, S3Backend

BRING_BACK = "`python -m ops state history` lists its versions, `state rollback SERIAL` brings one back"


@dataclass(frozen=True)
class Recorded:
    """A resource in a state; tainted is one whose creation failed half-way: the next apply replaces it."""

    attributes: Json
    tainted: bool

    @property
    def id(self) -> str:
        return str(self.attributes.get("id", ""))


@dataclass(frozen=True)
class State:
    """What a state file holds."""

    serial: int
    """Grows with each write, from 1 in each place: a move into an empty bucket starts anew, with a new lineage."""
    resources: int
    content: str
    """Digest of the resources: the same before and after a move."""


def read(body: bytes) -> Json | None:
    """The state in a file's content; None where it is damaged."""
    try:
        document = json.loads(body)
    except ValueError:
        return None
    is_state = (
        isinstance(document, dict)
        and isinstance(document.get("serial"), int)
        and isinstance(document.get("resources", []), list)
    )
    return cast("Json", document) if is_state else None


def parse(body: bytes, where: str) -> State | None:
    """What a file's content holds; None for one that was emptied after a move. Raises UserError if it is damaged."""
    if not body.strip():
        return None
    document = read(body)
    if document is None:
        raise UserError(f"{where} is not a Terraform state; move it away and keep it, then repeat")
    resources = document.get("resources", [])
    content = hashlib.sha256(json.dumps(resources, sort_keys=True).encode()).hexdigest()
    return State(document["serial"], len(resources), content)


def local(path: Path) -> State | None:
    return parse(path.read_bytes(), str(path)) if path.is_file() else None


def remote(aws: Aws, backend: S3Backend) -> State | None:
    """The state in the bucket; None if the bucket or the object does not exist."""
    return parse(fetch(aws, backend) or b"", f"s3://{backend.bucket}/{backend.key}")


def document(aws: Aws, backend: S3Backend) -> Json | None:
    """All of the state in the bucket; None where nothing was applied yet.

    Raises UserError where it is damaged, or was deleted: then too there is a way back.
    """
    where = f"s3://{backend.bucket}/{backend.key}"
    body = fetch(aws, backend)
    if body is None:
        if deleted(aws, backend):
            raise UserError(f"the state {where} was deleted: {BRING_BACK}")
        return None
    found = read(body)
    if found is None:
        raise UserError(f"{where} is not a Terraform state, it is damaged: {BRING_BACK}")
    return found


def deleted(aws: Aws, backend: S3Backend) -> bool:
    """Whether the object was deleted, which a bucket with versions keeps as a marker above them."""
    found = ask(aws.client("s3").list_object_versions, Bucket=backend.bucket, Prefix=backend.key)
    markers: list[dict[str, Any]] = found.get("DeleteMarkers", []) if found else []
    return any(each["IsLatest"] and each["Key"] == backend.key for each in markers)


def recorded(document: Mapping[str, Any]) -> dict[str, Recorded]:
    """The resources that Terraform manages, by address."""
    return {
        f"{resource['type']}.{resource['name']}": Recorded(_attributes(instance), instance.get("status") == "tainted")
        for resource in document.get("resources", [])
        if resource["mode"] == "managed"
        for instance in resource["instances"]
        # A deposed one lies beside its replacement, and the next apply removes it.
        if not instance.get("deposed")
    }


def ids(document: Mapping[str, Any]) -> frozenset[str]:
    """Of all that a state has, data sources and deposed objects too."""
    return frozenset(
        str(_attributes(instance).get("id", ""))
        for resource in document.get("resources", [])
        for instance in resource["instances"]
    )


def _attributes(instance: Json) -> Json:
    return instance.get("attributes") or {}


def outputs(aws: Aws, backend: S3Backend) -> dict[str, Any]:
    """The outputs in the state, without the sensitive ones; none where there is no state. Needs no Terraform."""
    found: dict[str, dict[str, Any]] = (document(aws, backend) or {}).get("outputs", {})
    return {name: each["value"] for name, each in found.items() if not each.get("sensitive")}


def fetch(aws: Aws, backend: S3Backend) -> bytes | None:
    """The object; None if it or the bucket does not exist."""
    found = ask(aws.client("s3").get_object, Bucket=backend.bucket, Key=backend.key)
    return found["Body"].read() if found else None


def bucket_exists(aws: Aws, bucket: str) -> bool:
    """Whether the bucket exists in this account; a name taken by another account raises UserError."""
    try:
        return ask(aws.client("s3").head_bucket, Bucket=bucket) is not None
    except ClientError as error:
        if error_code(error) == "403":
            raise UserError(
                f"bucket {bucket} belongs to another account, or these credentials may not read it; bucket names "
                "are unique in all of AWS: change `bucket` in environments/*.backend.conf"
            ) from None
        raise
