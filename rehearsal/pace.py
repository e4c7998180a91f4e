"""The one number by which a rehearsal differs from the applied settings: waits are shorter."""

from __future__ import annotations

from dataclasses import dataclass

DEFAULT_FACTOR = 10.0


@dataclass(frozen=True)
class Pace:
    """How much faster than configured the waits pass.

    Waits are intervals of health checks, the deregistration delay, and of start and grace periods what a task does not
    compute for (`start_time.py`). Counts (retries, thresholds) and limits (timeouts of checks, idle timeout, stop
    timeout) stay as configured: a limit that a slower machine than Fargate missed would fail what works on AWS.
    """

    factor: float = DEFAULT_FACTOR

    def wait(self, seconds: float) -> float:
        """The seconds to wait here for so many configured ones."""
        return seconds / self.factor
