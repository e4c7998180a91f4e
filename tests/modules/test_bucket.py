from __future__ import annotations

from collections.abc import Callable

from constructs import Construct

from modules.bucket import PrivateBucket
from tests.support import Output

Synth = Callable[[Callable[[Construct], object]], Output]


def test_what_happens_to_objects_can_be_alerted_on(synth: Synth) -> None:
    stack = synth(lambda scope: PrivateBucket(scope, "bucket", name="b"))
    notification = stack.one("aws_s3_bucket_notification")
    assert (notification["bucket"], notification["eventbridge"]) == ("${aws_s3_bucket.bucket.id}", True)


def test_a_bucket_that_holds_anything_is_not_destroyed_unless_it_may_be(synth: Synth) -> None:
    def buckets(scope: Construct) -> None:
        PrivateBucket(scope, "kept", name="a")
        PrivateBucket(scope, "disposable", name="b", disposable=True)

    stack = synth(buckets)
    assert "force_destroy" not in stack.at("aws_s3_bucket.kept")
    assert stack.at("aws_s3_bucket.disposable")["force_destroy"] is True
