"""How many tasks a rolling deployment starts and stops, and when its circuit breaker opens; plain arithmetic."""

from __future__ import annotations

import math
from dataclasses import dataclass


def breaker_threshold(desired: int) -> int:
    """Failed tasks in a row that fail a deployment: half of the desired ones, at least 3, at most 200.

    Source: "How the Amazon ECS deployment circuit breaker detects failures" in the ECS developer guide.
    """
    return min(max(3, math.ceil(desired / 2)), 200)


@dataclass(frozen=True)
class Counts:
    """Tasks of a service that are not stopping."""

    new: int
    new_healthy: int
    old: int
    old_healthy: int


@dataclass(frozen=True)
class Limits:
    """Percent of the desired count, as in the service's deployment configuration."""

    desired: int
    minimum_percent: int
    maximum_percent: int


@dataclass(frozen=True)
class Step:
    """What to do now."""

    start: int
    stop_old: int
    stop_new: int


def step(counts: Counts, limits: Limits) -> Step:
    """Start as many as the maximum allows, stop old ones as far as the minimum stays healthy."""
    # ECS rounds the maximum down and the minimum up.
    most = limits.desired * limits.maximum_percent // 100
    least = math.ceil(limits.desired * limits.minimum_percent / 100)
    start = min(limits.desired - counts.new, most - counts.new - counts.old)
    spare = counts.new_healthy + counts.old_healthy - least
    # Old tasks that are not healthy serve nobody: the minimum does not need them.
    stop_old = min(counts.old, max(0, spare) + counts.old - counts.old_healthy)
    return Step(max(0, start), stop_old, max(0, counts.new - limits.desired))
