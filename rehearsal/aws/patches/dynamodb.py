"""What the provider needs of DynamoDB."""

# moto's own helpers are what its methods are written with.
# pyright: reportPrivateUsage=false
from __future__ import annotations

import threading
from collections.abc import Callable
from functools import wraps

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


def writes_one_at_a_time() -> None:
    """A conditional write is atomic; moto looks and writes in two steps, with other requests' threads between them.

    Of two applies that ask for the state's lock in the same instant, both got it.
    """
    lock = threading.RLock()

    def alone(write: Callable[[DynamoHandler], ActionResult]) -> Callable[[DynamoHandler], ActionResult]:
        @wraps(write)
        def locked(self: DynamoHandler) -> ActionResult:
            with lock:
                return write(self)

        return locked

    for name in ("put_item", "update_item", "delete_item", "batch_write_item", "transact_write_items"):
        setattr(DynamoHandler, name, alone(getattr(DynamoHandler, name)))
