"""The versions of a state object that its bucket keeps: reading, comparing, bringing an older one back."""

from __future__ import annotations

import json
from collections.abc import Generator, Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import islice
from posixpath import commonprefix
from typing import Any, cast

from botocore.exceptions import ClientError

from ops.core.aws import Aws, error_code
from ops.core.errors import CommandError, UserError
from ops.state import digest
from ops.state import file as state
from ops.terraform.synthesized import Json, S3Backend

PREVIOUS = "previous"
EMPTY: tuple[object, ...] = (None, "", [], {})
WIDTH = 80
"""Most characters of a value in a difference."""


@dataclass(frozen=True)
class Version:
    """One version of the state object."""

    id: str
    modified: datetime
    size: int
    """Bytes."""
    current: bool
    document: Json | None
    """None for one that was moved to GLACIER or is damaged."""

    @property
    def serial(self) -> int | None:
        return self.document.get("serial") if self.document else None

    @property
    def resources(self) -> int | None:
        return len(self.document.get("resources", [])) if self.document else None


def history(aws: Aws, backend: S3Backend, limit: int) -> list[Version]:
    """The newest versions, newest first; raises UserError where there is none."""
    found = list(islice(_versions(aws, backend), limit))
    if not found:
        raise UserError(f"no state in s3://{backend.bucket}/{backend.key}: nothing was applied, or it was deleted")
    return found


def find(aws: Aws, backend: S3Backend, wanted: str) -> Version:
    """The version with this serial, or whose id begins so, or the previous one; raises UserError for none and several.

    A number is a serial only: that of an archived version, which cannot be read, must not find another one's id.
    """
    if wanted == PREVIOUS:
        return _previous(aws, backend)
    versions = list(_versions(aws, backend))
    found = _distinct(each for each in versions if str(each.serial) == wanted)
    if not found and not wanted.isdecimal():
        found = [each for each in versions if each.id.startswith(wanted)]
    if len(found) == 1:
        return found[0]
    hint = "`state history` lists them"
    if not found:
        raise UserError(f"no version {wanted!r} of s3://{backend.bucket}/{backend.key}: give a serial or an id; {hint}")
    ids = ", ".join(each.id for each in found)
    raise UserError(f"{len(found)} versions match {wanted!r}: give the id of one ({ids}); {hint}")


def _previous(aws: Aws, backend: S3Backend) -> Version:
    """The version before the newest; raises UserError where there is none."""
    versions = history(aws, backend, 2)
    if len(versions) < 2:
        raise UserError(f"the state s3://{backend.bucket}/{backend.key} has one version only")
    return versions[1]


def _distinct(versions: Iterable[Version]) -> list[Version]:
    """The first of each content: a rollback leaves a version and its copy with one serial."""
    kept: list[Version] = []
    for each in versions:
        if all(each.document != other.document for other in kept):
            kept.append(each)
    return kept


def _versions(aws: Aws, backend: S3Backend) -> Iterator[Version]:
    s3 = aws.client("s3")
    pages = s3.get_paginator("list_object_versions").paginate(Bucket=backend.bucket, Prefix=backend.key)
    try:
        for page in pages:
            for each in page.get("Versions", []):
                if each["Key"] == backend.key:
                    document = _document(s3, backend, each["VersionId"])
                    yield Version(each["VersionId"], each["LastModified"], each["Size"], each["IsLatest"], document)
    except ClientError as error:
        if error_code(error) != "NoSuchBucket":
            raise
        raise UserError(f"bucket {backend.bucket} does not exist: `python -m ops bootstrap` makes it") from None


def _document(s3: Any, backend: S3Backend, version_id: str) -> Json | None:
    try:
        body = s3.get_object(Bucket=backend.bucket, Key=backend.key, VersionId=version_id)["Body"].read()
    except ClientError as error:
        # In GLACIER: listed, but not readable before it is restored.
        if error_code(error) != "InvalidObjectState":
            raise
        return None
    return state.read(body)


@dataclass(frozen=True)
class Difference:
    """One resource that two versions have differently: change is +, - or ~; details are of ~ only."""

    change: str
    address: str
    details: tuple[str, ...] = ()


def compare(old: Json, new: Json) -> list[Difference]:
    """What the newer one has more, fewer and otherwise; sensitive values are not shown."""
    before, after = dict(_instances(old)), dict(_instances(new))
    found = [Difference("-", address) for address in before.keys() - after.keys()]
    found += [Difference("+", address) for address in after.keys() - before.keys()]
    for address in before.keys() & after.keys():
        details = tuple(_details(before[address], after[address]))
        if details:
            found.append(Difference("~", address, details))
    return sorted(found, key=lambda each: each.address)


def _instances(document: Json) -> Generator[tuple[str, Json]]:
    for resource in document.get("resources", []):
        prefix = "data." if resource["mode"] == "data" else ""
        module = f"{resource['module']}." if resource.get("module") else ""
        for instance in resource.get("instances", []):
            key = f"[{json.dumps(instance['index_key'], ensure_ascii=False)}]" if "index_key" in instance else ""
            # What a create_before_destroy could not destroy lies beside its replacement.
            deposed = f" (deposed {instance['deposed']})" if instance.get("deposed") else ""
            yield f"{module}{prefix}{resource['type']}.{resource['name']}{key}{deposed}", instance


def _details(old: Json, new: Json) -> Iterator[str]:
    before, after = cast("Json", old.get("attributes") or {}), cast("Json", new.get("attributes") or {})
    if old.get("status") != new.get("status"):
        yield f"status: {old.get('status', 'complete')} -> {new.get('status', 'complete')}"
    hidden = {path[0]["value"] for each in (old, new) for path in each.get("sensitive_attributes", []) if path}
    for name in sorted({*before, *after}):
        one, other = before.get(name), after.get(name)
        # Terraform's next look turns the null of an attribute that nobody set into an empty value.
        if one != other and not (one in EMPTY and other in EMPTY):
            yield f"{name}: {'(sensitive)' if name in hidden else _shown(one, other)}"


def _shown(before: Any, after: Any) -> str:
    """Both values; of long ones what is around their first difference."""
    texts = [json.dumps(each, ensure_ascii=False) for each in (before, after)]
    start = len(commonprefix(texts)) - WIDTH // 4 if max(map(len, texts)) > WIDTH else 0
    return " -> ".join(_cut(each, max(start, 0)) for each in texts)


def _cut(text: str, start: int) -> str:
    shown = f"...{text[start + 3 :]}" if start > 3 else text
    return shown if len(shown) <= WIDTH else f"{shown[: WIDTH - 3]}..."


def backup(aws: Aws, backend: S3Backend) -> str:
    """Copy the state as it is to backups/ beside it, where no later version replaces it; the copy's URI."""
    current = history(aws, backend, 1)[0]
    serial = "damaged" if current.serial is None else f"serial-{current.serial}"
    directory = backend.key.rpartition("/")[0]
    key = f"{directory}/backups/{datetime.now(UTC):%Y%m%dT%H%M%SZ}-{serial}.tfstate"
    _copy(aws, backend, current.id, key)
    return f"s3://{backend.bucket}/{key}"


def restore(aws: Aws, backend: S3Backend, version: Version) -> None:
    """Make the version the current one, and the digest that Terraform compares it with agree.

    Cut off between the two, every plan says that the digest differs; repeating it mends that.
    """
    if version.document is None:
        raise UserError(
            f"version {version.id} cannot be read: it is damaged, or it was archived to GLACIER after 30 days; "
            "an archived one has to be restored first (aws s3api restore-object)"
        )
    if not version.current:
        _copy(aws, backend, version.id, backend.key)
    body = state.fetch(aws, backend)
    if body is None or json.loads(body) != version.document:
        raise CommandError(f"s3://{backend.bucket}/{backend.key} was written by somebody else meanwhile: look at it")
    digest.write(aws, backend, body)


def mend_digest(aws: Aws, backend: S3Backend) -> bool:
    """Make the digest agree with the object, as its newest version has it; False where it did.

    Terraform writes the object first and the digest then: killed between the two, every plan fails.
    """
    body = state.fetch(aws, backend)
    if body is None or state.read(body) is None or digest.read(aws, backend) in (None, digest.of(body)):
        return False
    digest.write(aws, backend, body)
    return True


def _copy(aws: Aws, backend: S3Backend, version_id: str, key: str) -> None:
    aws.client("s3").copy_object(
        Bucket=backend.bucket,
        Key=key,
        CopySource={"Bucket": backend.bucket, "Key": backend.key, "VersionId": version_id},
        # As Terraform itself writes it with encrypt = true.
        ServerSideEncryption="AES256",
    )
