"""What differs between the environments, argument by argument, as a page."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from typing import Any, cast

from tools.guide.diagrams.stack import Json, Stack
from tools.guide.reference.markdown import code, table

PARTS = {
    "Network": ("aws_vpc", "aws_subnet", "aws_nat", "aws_eip", "aws_route", "aws_internet", "aws_flow_log"),
    "Load balancer": ("aws_lb",),
    "ECS": ("aws_ecs", "aws_appautoscaling"),
    "RDS": ("aws_db",),
    "DynamoDB": ("aws_dynamodb",),
    "AWS Backup": ("aws_backup",),
    "Cognito": ("aws_cognito",),
    "Secrets Manager": ("aws_secretsmanager",),
    "KMS": ("aws_kms",),
    "S3": ("aws_s3",),
    "CloudWatch": ("aws_cloudwatch",),
    "SNS": ("aws_sns",),
    "IAM": ("aws_iam",),
    "Other": ("",),
}
HEAD = """\
# Environments

<!-- Made by `make diagrams`: change the settings or the code that it is made of. -->

What differs between the environments, argument by argument, read from the JSON that Terraform applies. Names and tags
are left out, and values that differ by the environment's name only.

"""


def page(stacks: Sequence[Stack]) -> str:
    addresses = sorted(
        {address for stack in stacks for address in stack.resources}, key=lambda each: (_part(each), each)
    )
    rows: list[list[str]] = []
    part = ""
    for address in addresses:
        for argument, values in differences(address, stacks):
            again, part = part, list(PARTS)[_part(address)]
            rows.append(["" if part == again else part, code(address), code(argument), *values])
    return HEAD + table(["Part", "Resource", "Argument", *(stack.name for stack in stacks)], rows)


def differences(address: str, stacks: Sequence[Stack]) -> Iterator[tuple[str, list[str]]]:
    """Each argument that is not the same everywhere, with its values; none is named where the resource is missing."""
    found = [stack.resources.get(address) for stack in stacks]
    if None in found:
        yield "", ["does not exist" if each is None else "exists" for each in found]
        return
    flat = [dict(_flat(each, "")) for each in found]
    for argument in dict.fromkeys(key for each in flat for key in each):
        values = [each.get(argument) for each in flat]
        if len({value and value.replace(stack.name, "*") for value, stack in zip(values, stacks, strict=True)}) > 1:
            yield argument, ["not set" if value is None else code(value) for value in values]


def _flat(value: object, path: str) -> Iterator[tuple[str, str]]:
    """Arguments by their paths; JSON in a string is followed, and the items of a list are known by their names."""
    if isinstance(value, str) and value[:1] in ("{", "["):
        value = json.loads(value)
    if isinstance(value, dict):
        for key, item in cast(Json, value).items():
            if key not in ("name", "tags", "//"):
                yield from _flat(item, f"{path}.{key}" if path else key)
    elif isinstance(value, list):
        items = cast("list[Any]", value)
        for number, item in enumerate(items):
            known = cast(Json, item).get("name", number) if isinstance(item, dict) else number
            yield from _flat(cast(object, item), path if len(items) == 1 else f"{path}.{known}")
    else:
        yield path, value if isinstance(value, str) else json.dumps(value)


def _part(address: str) -> int:
    return next(number for number, prefixes in enumerate(PARTS.values()) if address.startswith(prefixes))
