"""How a deployment moves, and when it fails."""

from __future__ import annotations

import pytest

from rehearsal.ecs.deployment import Counts, Limits, Step, breaker_threshold, step


@pytest.mark.parametrize(
    ("desired", "threshold"), [(0, 3), (1, 3), (2, 3), (6, 3), (7, 4), (25, 13), (400, 200), (800, 200)]
)
def test_the_circuit_breaker_opens_at_half_of_the_tasks_within_its_bounds(desired: int, threshold: int) -> None:
    assert breaker_threshold(desired) == threshold


DOUBLE = Limits(desired=2, minimum_percent=100, maximum_percent=200)
IN_PLACE = Limits(desired=2, minimum_percent=50, maximum_percent=100)


@pytest.mark.parametrize(
    ("counts", "limits", "expected"),
    [
        (Counts(0, 0, 0, 0), DOUBLE, Step(2, 0, 0)),
        (Counts(0, 0, 2, 2), DOUBLE, Step(2, 0, 0)),
        (Counts(2, 0, 2, 2), DOUBLE, Step(0, 0, 0)),
        (Counts(2, 1, 2, 2), DOUBLE, Step(0, 1, 0)),
        (Counts(2, 2, 2, 2), DOUBLE, Step(0, 2, 0)),
        (Counts(2, 2, 1, 0), DOUBLE, Step(0, 1, 0)),
        (Counts(1, 1, 0, 0), DOUBLE, Step(1, 0, 0)),
        (Counts(3, 3, 0, 0), DOUBLE, Step(0, 0, 1)),
        (Counts(0, 0, 2, 2), IN_PLACE, Step(0, 1, 0)),
        (Counts(0, 0, 1, 1), IN_PLACE, Step(1, 0, 0)),
        (Counts(1, 0, 1, 1), IN_PLACE, Step(0, 0, 0)),
        (Counts(2, 2, 0, 0), Limits(0, 100, 200), Step(0, 0, 2)),
    ],
)
def test_a_deployment_stays_between_minimum_and_maximum(counts: Counts, limits: Limits, expected: Step) -> None:
    assert step(counts, limits) == expected
