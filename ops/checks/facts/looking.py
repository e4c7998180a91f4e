"""Asks each thing once; what is refused becomes a line of the report."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, TypeVar, cast

from botocore.exceptions import ClientError

from environments.settings import Settings
from ops.core.aws import Aws

Json = dict[str, Any]
T = TypeVar("T")


class Unseen(Exception):
    """What a cause needs was refused: it says nothing, and the report says that it did not."""


@dataclass
class Looking:
    """The environment that is looked at, and what was seen of it so far."""

    aws: Aws
    settings: Settings
    now: datetime = field(default_factory=lambda: datetime.now(UTC))
    refused: dict[str, str] = field(default_factory=dict[str, str])
    """What could not be looked at, and the words of the refusal."""
    _seen: dict[str, object] = field(default_factory=dict[str, object])
    _clients: dict[str, Any] = field(default_factory=dict[str, Any])

    @property
    def count(self) -> int:
        """Things that were seen."""
        return len(self._seen)

    def client(self, service: str) -> Any:
        """Of each service one: making it takes longer than a request."""
        if service not in self._clients:
            self._clients[service] = self.aws.client(service)
        return self._clients[service]

    def at(self, what: str, read: Callable[[], T]) -> T:
        """What `read` returns, read once under this name; raises Unseen where AWS refuses."""
        if what in self.refused:
            raise Unseen(what)
        if what not in self._seen:
            try:
                self._seen[what] = read()
            except ClientError as error:
                self.refused[what] = str(error)
                raise Unseen(what) from None
        return cast("T", self._seen[what])
