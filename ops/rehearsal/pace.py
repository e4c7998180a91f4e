"""The one number by which a rehearsal differs from the applied settings: waits are shorter."""

from __future__ import annotations

import os
from collections.abc import Callable
from dataclasses import dataclass

DEFAULT_FACTOR = 10.0


def crowding() -> float:
    """How many processes want each core of this machine, on average of the last minute."""
    return os.getloadavg()[0] / (os.cpu_count() or 1)


@dataclass(frozen=True)
class Pace:
    """How much faster than configured the waits pass.

    Waits are intervals of health checks, start and grace periods, the deregistration delay. Counts (retries,
    thresholds) and limits (timeouts of checks, idle timeout, stop timeout) stay as configured: a limit that a
    slower machine than Fargate missed would fail what works on AWS. For the same reason waits get longer where
    the machine is busy: a program that has its core for half of the time needs twice as long to come up.
    """

    factor: float = DEFAULT_FACTOR
    crowding: Callable[[], float] = crowding

    def wait(self, seconds: float) -> float:
        """The seconds to wait here for so many configured ones, which are the most."""
        return seconds / self.factor * min(max(1.0, self.crowding()), self.factor)
