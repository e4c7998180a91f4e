"""When something is healthy, how a deployment moves, when it fails."""

from __future__ import annotations

import pytest

from rehearsal.ecs.deployment import (
    Counts,
    Limits,
    Step,
    breaker_threshold,
    step,
)
from rehearsal.health import (
    REFUSED,
    TIMED_OUT,
    Cause,
    ContainerHealth,
    Health,
    TargetHealth,
    wrong_code,
)


@pytest.mark.parametrize(
    ("desired", "threshold"), [(0, 3), (1, 3), (2, 3), (6, 3), (7, 4), (25, 13), (400, 200), (800, 200)]
)
def test_the_circuit_breaker_opens_at_half_of_the_tasks_within_its_bounds(desired: int, threshold: int) -> None:
    assert breaker_threshold(desired) == threshold


def checked(health: ContainerHealth, results: str, in_start_period: bool = False) -> Health:
    for result in results:
        health.record(result == "+", in_start_period=in_start_period)
    return health.state


def test_a_container_is_unhealthy_after_its_retries_in_a_row() -> None:
    assert checked(ContainerHealth(3), "--") is Health.INITIAL
    assert checked(ContainerHealth(3), "---") is Health.UNHEALTHY
    assert checked(ContainerHealth(3), "+--+--") is Health.HEALTHY
    assert checked(ContainerHealth(3), "+---") is Health.UNHEALTHY
    assert checked(ContainerHealth(3), "---+") is Health.HEALTHY


def test_failures_in_the_start_period_do_not_count_until_a_check_passed() -> None:
    assert checked(ContainerHealth(3), "-----", in_start_period=True) is Health.INITIAL
    assert checked(ContainerHealth(3), "+---", in_start_period=True) is Health.UNHEALTHY


@pytest.mark.parametrize(
    ("results", "expected"),
    [
        ("", Health.INITIAL),
        ("+", Health.HEALTHY),
        ("--+", Health.HEALTHY),
        ("--", Health.INITIAL),
        ("---", Health.UNHEALTHY),
        ("---+", Health.UNHEALTHY),
        ("---++", Health.HEALTHY),
        ("---+-+", Health.UNHEALTHY),
        ("+--+--", Health.HEALTHY),
        ("+---", Health.UNHEALTHY),
    ],
)
def test_a_new_target_needs_one_pass_and_an_unhealthy_one_the_threshold(results: str, expected: Health) -> None:
    health = TargetHealth(healthy_threshold=2, unhealthy_threshold=3)
    for result in results:
        health.record(None if result == "+" else REFUSED)
    assert health.state is expected


@pytest.mark.parametrize(
    ("failures", "reason", "description"),
    [
        ([], "Elb.RegistrationInProgress", "Target registration is in progress"),
        ([REFUSED], "Elb.InitialHealthChecking", "Initial health checks in progress"),
        ([TIMED_OUT, REFUSED], "Target.FailedHealthChecks", "Health checks failed"),
        ([REFUSED, TIMED_OUT], "Target.Timeout", "Request timed out"),
        ([REFUSED, wrong_code(404)], "Target.ResponseCodeMismatch", "Health checks failed with these codes: [404]"),
        ([wrong_code(404)] * 2 + [None], "Target.ResponseCodeMismatch", "Health checks failed with these codes: [404]"),
    ],
)
def test_a_target_that_is_not_healthy_tells_why_in_the_words_of_aws(
    failures: list[Cause | None], reason: str, description: str
) -> None:
    health = TargetHealth(healthy_threshold=2, unhealthy_threshold=2)
    for failure in failures:
        health.record(failure)
    assert health.cause == Cause(reason, description)


def test_a_healthy_target_has_no_cause() -> None:
    health = TargetHealth(healthy_threshold=2, unhealthy_threshold=2)
    health.record(None)
    health.record(REFUSED)
    assert (health.state, health.cause) == (Health.HEALTHY, None)


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
