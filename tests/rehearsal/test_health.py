"""When a container or a target counts as healthy."""

from __future__ import annotations

import pytest

from rehearsal.health import REFUSED, TIMED_OUT, Cause, ContainerHealth, Health, TargetHealth, wrong_code


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
