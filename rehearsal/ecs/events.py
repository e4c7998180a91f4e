"""A service's events, as DescribeServices gives them."""

from __future__ import annotations

import time
import uuid
from collections import deque
from typing import Any

KEPT = 100
"""What the API gives at most; source: "events" of Service in the ECS API reference."""


class Events:
    """The newest of a service, newest first."""

    def __init__(self, service: str) -> None:
        self._service = service
        self._kept: deque[dict[str, Any]] = deque(maxlen=KEPT)

    def add(self, message: str) -> None:
        """The message in the words of ECS, without the service it is about.

        Source: "Amazon ECS service event messages" in the ECS developer guide.
        """
        text = f"(service {self._service}) {message}"
        self._kept.appendleft({"id": str(uuid.uuid4()), "createdAt": time.time(), "message": text})

    def newest_first(self) -> list[dict[str, Any]]:
        return list(self._kept)
