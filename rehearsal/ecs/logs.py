"""Ships lines to CloudWatch Logs in batches, as the awslogs driver does."""

from __future__ import annotations

import asyncio
import contextlib
import time
from collections import deque
from collections.abc import Callable

from ops.core.aws import Aws

FLUSH_SECONDS = 0.5
BATCH = 1000
KEPT_LINES = 10_000
"""Lines of one stream that wait for CloudWatch; beyond that the oldest are dropped."""
LINE_BYTES = 2**17


class LogStream:
    """One stream of a log group; without a group, only the last lines are kept."""

    def __init__(self, aws: Aws, group: str | None, stream: str) -> None:
        self._aws, self._group, self._stream = aws, group, stream
        self._waiting: deque[tuple[int, str]] = deque(maxlen=KEPT_LINES)
        self._created = False
        self.last: deque[str] = deque(maxlen=10)
        """What a person is shown when the container failed."""

    def write(self, line: str) -> None:
        self.last.append(line)
        # CloudWatch refuses empty events.
        if self._group and line:
            self._waiting.append((int(time.time() * 1000), line))

    async def read(self, reader: asyncio.StreamReader, rewrite: Callable[[str], str] = str) -> None:
        """Write every line, changed by `rewrite`, until the other side closes."""
        while True:
            try:
                line = await reader.readline()
            except ValueError:
                self.write(f"(a line of more than {LINE_BYTES} bytes)")
                continue
            if not line:
                return
            self.write(rewrite(line.decode("utf-8", "replace").rstrip("\r\n")))

    async def ship(self) -> None:
        """Send what is written, twice a second, until cancelled."""
        while True:
            await asyncio.sleep(FLUSH_SECONDS)
            await self.flush()

    async def flush(self) -> None:
        """Send what waits; what CloudWatch refuses is dropped, the container does not wait for it."""
        while self._waiting:
            batch = [self._waiting.popleft() for _ in range(min(BATCH, len(self._waiting)))]
            with contextlib.suppress(Exception):
                await asyncio.to_thread(self._put, batch)

    def _put(self, batch: list[tuple[int, str]]) -> None:
        logs = self._aws.client("logs")
        if not self._created:
            with contextlib.suppress(logs.exceptions.ResourceAlreadyExistsException):
                logs.create_log_stream(logGroupName=self._group, logStreamName=self._stream)
            self._created = True
        events = [{"timestamp": at, "message": line} for at, line in batch]
        logs.put_log_events(logGroupName=self._group, logStreamName=self._stream, logEvents=events)
