"""A steady, bounded load on a loopback address, and what came back."""

from __future__ import annotations

import asyncio
import threading
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager

from aiohttp import ClientError, ClientSession, ClientTimeout

LONGEST_SECONDS = 120


class Load:
    """So many requests a second until stopped."""

    def __init__(self, urls: list[str], rate: float) -> None:
        self.urls, self.rate = urls, rate
        self.answers: Counter[str] = Counter()
        self.under_way = 0
        self._stop = threading.Event()

    @property
    def total(self) -> int:
        return self.answers.total()

    @property
    def failed(self) -> dict[str, int]:
        return {answer: count for answer, count in self.answers.items() if answer != "200"}

    def run(self) -> None:
        asyncio.run(self._run())

    def stop(self) -> None:
        self._stop.set()

    async def _run(self) -> None:
        loop = asyncio.get_running_loop()
        started = loop.time()
        requests: set[asyncio.Task[None]] = set()
        async with ClientSession(timeout=ClientTimeout(total=60)) as session:
            for number in range(int(self.rate * LONGEST_SECONDS)):
                if self._stop.is_set():
                    break
                request = asyncio.create_task(self._get(session, self.urls[number % len(self.urls)]))
                requests.add(request)
                request.add_done_callback(requests.discard)
                await asyncio.sleep(max(0, started + (number + 1) / self.rate - loop.time()))
            await asyncio.gather(*requests)

    async def _get(self, session: ClientSession, url: str) -> None:
        self.under_way += 1
        try:
            async with session.get(url) as response:
                await response.read()
                answer = str(response.status)
        except (ClientError, TimeoutError, OSError) as error:
            answer = type(error).__name__
        self.under_way -= 1
        self.answers[answer] += 1


@contextmanager
def load(urls: list[str], rate: float = 50) -> Iterator[Load]:
    """The load during the body; its numbers are complete afterwards."""
    running = Load(urls, rate)
    thread = threading.Thread(target=running.run)
    thread.start()
    try:
        yield running
    finally:
        running.stop()
        thread.join()
