"""The items table."""

from __future__ import annotations

from cdktf_cdktf_provider_aws.dynamodb_table import (
    DynamodbTable,
    DynamodbTableAttribute,
    DynamodbTableGlobalSecondaryIndex,
    DynamodbTablePointInTimeRecovery,
    DynamodbTableServerSideEncryption,
    DynamodbTableTtl,
)
from constructs import Construct

from modules.iam import ServiceRole
from modules.key import ENCRYPT_AND_DECRYPT, DataKey

OWNER_INDEX = "owner"


class ItemsTable(Construct):
    """On-demand table of items by `id`, listed per owner through an index; restorable to any second of 35 days.

    Encrypted with `key`, or without one with the key AWS manages for DynamoDB in the account.
    An item with `expiration_time` (epoch seconds) in the past is deleted by DynamoDB within days.
    """

    def __init__(
        self, scope: Construct, id_: str, *, name: str, deletion_protection: bool, key: DataKey | None
    ) -> None:
        super().__init__(scope, id_)
        self._key = key
        table = DynamodbTable(
            self,
            "Default",
            name=name,
            billing_mode="PAY_PER_REQUEST",
            hash_key="id",
            attribute=[
                DynamodbTableAttribute(name="id", type="S"),
                DynamodbTableAttribute(name="owner", type="S"),
                DynamodbTableAttribute(name="createdAt", type="S"),
            ],
            global_secondary_index=[
                DynamodbTableGlobalSecondaryIndex(
                    name=OWNER_INDEX, hash_key="owner", range_key="createdAt", projection_type="ALL"
                )
            ],
            ttl=DynamodbTableTtl(attribute_name="expiration_time", enabled=True),
            server_side_encryption=DynamodbTableServerSideEncryption(
                enabled=True, kms_key_arn=key.arn if key else None
            ),
            point_in_time_recovery=DynamodbTablePointInTimeRecovery(enabled=True),
            deletion_protection_enabled=deletion_protection,
            tags={"Name": name},
        )
        self.name = table.name
        self.arn = table.arn

    def grant_read_write(self, role: ServiceRole) -> None:
        """Let the role read, write and delete items and query the owner index; no scan, no table changes."""
        role.allow(
            "use_items",
            [
                "dynamodb:DeleteItem",
                "dynamodb:DescribeTable",
                "dynamodb:GetItem",
                "dynamodb:PutItem",
                "dynamodb:Query",
                "dynamodb:UpdateItem",
            ],
            [self.arn, f"{self.arn}/index/{OWNER_INDEX}"],
        )
        if self._key is not None:
            # DynamoDB asks KMS in the caller's name: "DynamoDB encryption at rest", authorizing use of the key.
            self._key.allow(role, "use_items_key", ENCRYPT_AND_DECRYPT, through="dynamodb")
