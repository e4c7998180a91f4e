"""The constraints of AWS's models, apart from any request."""

from __future__ import annotations

from typing import Any

import pytest
from moto.core.utils import get_service_model

from rehearsal.aws.constraints import compile_pattern, matches, violations
from rehearsal.aws.laxer import LAXER
from rehearsal.aws.requests import SERVICES


def found(service: str, operation: str, parameters: dict[str, Any]) -> list[tuple[str, str]]:
    """The trait and the words of each violation."""
    shape: Any = get_service_model(service).operation_model(operation).input_shape
    return [(each.trait, each.text) for each in violations(shape, parameters)]


@pytest.mark.parametrize(
    ("service", "operation", "parameters", "trait", "words"),
    [
        pytest.param(
            *("iam", "CreateRole", {"RoleName": "a"}, "required"),
            "Value null at 'assumeRolePolicyDocument' failed to satisfy constraint: Member must not be null",
            id="required",
        ),
        pytest.param(
            *("elbv2", "SetIpAddressType", {"LoadBalancerArn": "a", "IpAddressType": "ipv5"}, "enum"),
            "Value 'ipv5' at 'ipAddressType' failed to satisfy constraint: Member must satisfy enum value set: "
            "[ipv4, dualstack, dualstack-without-public-ipv4]",
            id="enum",
        ),
        pytest.param(
            *("logs", "CreateLogGroup", {"logGroupName": "a b"}, "pattern"),
            r"Value 'a b' at 'logGroupName' failed to satisfy constraint: Member must satisfy regular expression "
            r"pattern: [\.\-_/#A-Za-z0-9]+",
            id="pattern",
        ),
        pytest.param(
            *("logs", "CreateLogGroup", {"logGroupName": "a" * 513}, "max"),
            f"Value '{'a' * 513}' at 'logGroupName' failed to satisfy constraint: Member must have length less than or "
            "equal to 512",
            id="longest text",
        ),
        pytest.param(
            *("logs", "TagLogGroup", {"logGroupName": "a", "tags": {}}, "min"),
            "Value at 'tags' failed to satisfy constraint: Member must have length greater than or equal to 1",
            id="smallest map",
        ),
        pytest.param(
            *("ecr", "BatchGetImage", {"repositoryName": "ab", "imageIds": [{}] * 101}, "max"),
            "Value at 'imageIds' failed to satisfy constraint: Member must have length less than or equal to 100",
            id="longest list",
        ),
        pytest.param(
            *("kms", "ScheduleKeyDeletion", {"KeyId": "a", "PendingWindowInDays": 366}, "max"),
            "Value '366' at 'pendingWindowInDays' failed to satisfy constraint: Member must have value less than or "
            "equal to 365",
            id="largest number",
        ),
        pytest.param(
            *("kms", "TagResource", {"KeyId": "a", "Tags": [{"TagKey": "", "TagValue": "b"}]}, "min"),
            "Value '' at 'tags.1.member.tagKey' failed to satisfy constraint: Member must have length greater than or "
            "equal to 1",
            id="a member of a list",
        ),
        pytest.param(
            *("cognito-idp", "SignUp", {"ClientId": "a", "Username": "a", "Password": "a" * 257}, "max"),
            "Value at 'password' failed to satisfy constraint: Member must have length less than or equal to 256",
            id="a secret value is not told",
        ),
    ],
)
def test_a_violation_is_told_in_the_words_of_aws(
    service: str, operation: str, parameters: dict[str, Any], trait: str, words: str
):
    assert found(service, operation, parameters) == [(trait, words)]


def test_a_value_that_refers_to_its_own_shape_is_judged_to_its_end():
    item = {"a": {"M": {"b": {"L": [{"S": "c"}, {"NULL": True}]}}}}
    assert found("dynamodb", "PutItem", {"TableName": "abc", "Item": item}) == []


@pytest.mark.parametrize(
    ("pattern", "value", "expected"),
    [
        pytest.param(r"[\w+=,.@-]+", "a b", False, id="without an anchor it is the whole value"),
        pytest.param(r"^[a-zA-Z_][a-zA-Z0-9_]*", "a b", True, id="one anchor leaves the other end open"),
        pytest.param(r"^[a-z]+$", "a b", False, id="two anchors close both"),
        pytest.param(r"\w+", "ä", False, id="a word is ASCII, as in Java"),
        pytest.param(r"[\p{L}]+", "ä", True, id="a letter is any alphabet's"),
        pytest.param(r"[\uD800\uDC00-\uDBFF\uDFFF]+", "\U0001f600", True, id="two escapes are one astral character"),
    ],
)
def test_a_pattern_means_what_it_means_to_aws(pattern: str, value: str, expected: bool):
    assert matches(pattern, value) is expected


@pytest.mark.parametrize("service", sorted(set(SERVICES.values())))
def test_every_pattern_of_a_judged_service_can_be_read(service: str):
    shapes: dict[str, dict[str, Any]] = get_service_model(service)._service_description["shapes"]
    for shape in shapes.values():
        if "pattern" in shape:
            compile_pattern(shape["pattern"])


def test_each_exception_is_still_in_the_model_and_says_how_aws_is_known_to_be_laxer():
    for exception in LAXER:
        shapes: dict[str, dict[str, Any]] = get_service_model(exception.service)._service_description["shapes"]
        shape, _, member = exception.shape.partition(".")
        assert member in shapes[shape]["required"] if member else exception.trait in shapes[shape], exception
        assert exception.source, exception
