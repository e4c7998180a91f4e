"""S3: buckets have names that are unique in all of AWS."""

from __future__ import annotations

from collections.abc import Iterator

from ops.core.aws import ask
from ops.recovery.finding import Finder, Object, Wanted, listed, project_of


def bucket(wanted: Wanted) -> Iterator[Object]:
    name = wanted.text("bucket")
    if ask(wanted.client("s3").head_bucket, Bucket=name):
        tags = listed("TagSet", wanted.client("s3").get_bucket_tagging, Bucket=name)
        yield Object(name, "name", attributes={"arn": f"arn:aws:s3:::{name}"}, project=project_of(tags))


FINDERS = {"aws_s3_bucket": Finder(bucket)}
