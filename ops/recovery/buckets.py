"""S3: a bucket and the parts of its configuration; each is imported by the bucket's name."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

from ops.recovery.finding import Finder, Object, Wanted, ask, listed, project_of


def bucket(wanted: Wanted) -> Iterator[Object]:
    name = wanted.text("bucket")
    if ask(wanted.client("s3").head_bucket, Bucket=name):
        tags = listed("TagSet", wanted.client("s3").get_bucket_tagging, Bucket=name)
        yield Object(name, "name", attributes={"arn": f"arn:aws:s3:::{name}"}, project=project_of(tags))


def part(operation: str, is_set: Callable[[Any], object] = bool) -> Finder:
    """A part of the configuration that this call tells."""

    def find(wanted: Wanted) -> Iterator[Object]:
        name = wanted.text("bucket")
        found = ask(getattr(wanted.client("s3"), operation), Bucket=name)
        if found and is_set(found):
            yield Object(name, "bucket")

    return Finder(find)


FINDERS = {
    "aws_s3_bucket": Finder(bucket),
    "aws_s3_bucket_lifecycle_configuration": part("get_bucket_lifecycle_configuration"),
    "aws_s3_bucket_notification": part(
        "get_bucket_notification_configuration", lambda found: found.get("EventBridgeConfiguration") is not None
    ),
    "aws_s3_bucket_ownership_controls": part("get_bucket_ownership_controls"),
    "aws_s3_bucket_policy": part("get_bucket_policy"),
    "aws_s3_bucket_public_access_block": part("get_public_access_block"),
    "aws_s3_bucket_replication_configuration": part("get_bucket_replication"),
    "aws_s3_bucket_server_side_encryption_configuration": part("get_bucket_encryption"),
    "aws_s3_bucket_versioning": part("get_bucket_versioning", lambda found: found.get("Status")),
}
