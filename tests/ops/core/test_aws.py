"""Whose credentials are in use, and what AWS says of what does not exist."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from botocore.exceptions import ClientError

from ops.core.aws import Aws, ask, is_absent
from ops.core.errors import UserError


def test_commands_refuse_the_credentials_of_another_account(aws: Aws):
    with pytest.raises(UserError, match="credentials are of account 875486186130, the settings say 111111111111"):
        aws.require_account("111111111111")


def refusing(code: str, status: int = 400) -> ClientError:
    return ClientError({"Error": {"Code": code}, "ResponseMetadata": {"HTTPStatusCode": status}}, "Describe")


@pytest.mark.parametrize(
    ("code", "status", "expected"),
    [
        ("DBInstanceNotFound", 404, True),
        ("LoadBalancerNotFound", 400, True),
        ("NoSuchEntity", 404, True),
        ("404", 404, True),
        ("AccessDenied", 403, False),
        ("Throttling", 400, False),
    ],
)
def test_only_what_says_that_something_is_absent_counts_as_that(code: str, status: int, expected: bool):
    assert is_absent(refusing(code, status)) is expected


def test_what_does_not_exist_is_none_and_every_other_refusal_is_raised():
    def answer(code: str) -> Callable[..., Any]:
        def call(**_: str) -> None:
            raise refusing(code)

        return call

    assert ask(lambda name: f"the {name}", name="bucket") == "the bucket"
    assert ask(answer("NoSuchBucket"), name="bucket") is None
    assert ask(answer("InvalidParameterException"), "InvalidParameterException", name="bucket") is None
    with pytest.raises(ClientError, match="InvalidParameterException"):
        ask(answer("InvalidParameterException"), name="bucket")
