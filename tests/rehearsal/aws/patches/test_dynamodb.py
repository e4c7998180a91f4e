"""The gaps of DynamoDB mended in the emulator, seen through its API as the Terraform provider sees them."""

from __future__ import annotations

import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from moto.dynamodb.responses import DynamoHandler

from rehearsal.aws.patches import dynamodb

Client = Callable[[str], Any]


def test_encryption_of_a_table_can_be_changed(client: Client):
    api = client("dynamodb")
    api.create_table(
        TableName="encrypted",
        AttributeDefinitions=[{"AttributeName": "id", "AttributeType": "S"}],
        KeySchema=[{"AttributeName": "id", "KeyType": "HASH"}],
        BillingMode="PAY_PER_REQUEST",
    )
    table = api.update_table(TableName="encrypted", SSESpecification={"Enabled": True, "SSEType": "KMS"})
    assert table["TableDescription"]["SSEDescription"]["Status"] == "ENABLED"
    assert "KMSMasterKeyArn" in table["TableDescription"]["SSEDescription"]
    api.update_table(TableName="encrypted", SSESpecification={"Enabled": False})
    assert "SSEDescription" not in api.describe_table(TableName="encrypted")["Table"]


def test_no_two_writes_to_dynamodb_overlap(monkeypatch: pytest.MonkeyPatch):
    """Of two conditional writes in the same instant one succeeds; seen with two applies at once, as rarely as it is."""
    inside: list[str] = []
    overlaps: list[str] = []

    def slow(handler: str) -> None:
        overlaps.extend(inside)
        inside.append(handler)
        time.sleep(0.02)
        inside.remove(handler)

    writes = ("put_item", "update_item", "delete_item", "batch_write_item", "transact_write_items")
    for name in writes:
        monkeypatch.setattr(DynamoHandler, name, slow)
    dynamodb.writes_one_at_a_time()
    with ThreadPoolExecutor(len(writes)) as clients:
        list(clients.map(lambda name: getattr(DynamoHandler, name)(name), writes))
    assert overlaps == []
