"""What the provider needs of DynamoDB."""

# moto's own helpers are what its methods are written with.
# pyright: reportPrivateUsage=false
from __future__ import annotations

from moto.core.responses import ActionResult
from moto.dynamodb.responses import DynamoHandler


def encryption_of_an_existing_table() -> None:
    """The provider changes a table's encryption in place; moto's UpdateTable drops SSESpecification."""
    update = DynamoHandler.update_table

    def update_table(self: DynamoHandler) -> ActionResult:
        wanted = self.body.get("SSESpecification")
        if wanted:
            table = self.dynamodb_backend.get_table(self.body["TableName"])
            default_key = table._get_default_encryption_key(self.current_account, self.region)
            table.sse_specification = {"KMSMasterKeyId": default_key, **wanted} if wanted.get("Enabled") else None
        return update(self)

    DynamoHandler.update_table = update_table
