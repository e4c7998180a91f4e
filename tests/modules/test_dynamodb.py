from __future__ import annotations

from collections.abc import Callable

from constructs import Construct

from modules.dynamodb import ItemsTable
from modules.iam import ServiceRole
from modules.key import DataKey
from tests.support import Output

Synth = Callable[[Callable[[Construct], object]], Output]


def table(scope: Construct, *, own_key: bool) -> None:
    key = DataKey(scope, "key", alias="data", region="eu-west-1", account_id="111111111111") if own_key else None
    items = ItemsTable(scope, "items", name="items", deletion_protection=False, key=key)
    role = ServiceRole(scope, "role", name="r", service="ecs-tasks.amazonaws.com", account_id="111111111111")
    items.grant_read_write(role)


def test_who_may_use_items_under_a_key_of_their_own_may_use_the_key(synth: Synth) -> None:
    stack = synth(lambda scope: table(scope, own_key=True))
    encryption = stack.one("aws_dynamodb_table")["server_side_encryption"]
    assert encryption == {"enabled": True, "kms_key_arn": "${aws_kms_key.key.arn}"}
    assert set(stack.all("aws_iam_role_policy")) == {"role_use_items", "role_use_items_key"}


def test_without_a_key_items_have_the_one_aws_manages(synth: Synth) -> None:
    stack = synth(lambda scope: table(scope, own_key=False))
    assert stack.one("aws_dynamodb_table")["server_side_encryption"] == {"enabled": True}
    assert set(stack.all("aws_iam_role_policy")) == {"role_use_items"}
