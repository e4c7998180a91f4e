"""When a container or a target counts as healthy: thresholds over a series of checks, without clocks or sockets."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Health(StrEnum):
    """What checks found so far; initial before the first decision."""

    INITIAL = "initial"
    HEALTHY = "healthy"
    UNHEALTHY = "unhealthy"


@dataclass
class ContainerHealth:
    """A container's health check, as Docker and so ECS counts it.

    Failures within the start period count only once a check has passed.
    Source: "HealthCheck" in the ECS API reference; "HEALTHCHECK" in the Dockerfile reference.
    """

    retries: int
    state: Health = Health.INITIAL
    failures: int = 0

    def record(self, passed: bool, *, in_start_period: bool) -> None:
        if passed:
            self.failures = 0
            self.state = Health.HEALTHY
        elif not in_start_period or self.state is not Health.INITIAL:
            self.failures += 1
            if self.failures >= self.retries:
                self.state = Health.UNHEALTHY


@dataclass(frozen=True)
class Cause:
    """Why a target is not healthy, in the words of DescribeTargetHealth.

    Source: "Target health reason codes" in the ALB user guide.
    """

    reason: str
    description: str


REGISTERING = Cause("Elb.RegistrationInProgress", "Target registration is in progress")
FIRST_CHECKS = Cause("Elb.InitialHealthChecking", "Initial health checks in progress")
REFUSED = Cause("Target.FailedHealthChecks", "Health checks failed")
TIMED_OUT = Cause("Target.Timeout", "Request timed out")
DEREGISTERING = Cause("Target.DeregistrationInProgress", "Target deregistration is in progress")


def wrong_code(status: int) -> Cause:
    return Cause("Target.ResponseCodeMismatch", f"Health checks failed with these codes: [{status}]")


@dataclass
class TargetHealth:
    """A target's health, as an Application Load Balancer counts it.

    One pass makes a new target healthy; one that became unhealthy needs the threshold.
    Source: "Health checks for Application Load Balancer target groups" in the ALB user guide.
    """

    healthy_threshold: int
    unhealthy_threshold: int
    state: Health = Health.INITIAL
    passes: int = 0
    failures: int = 0
    last_failure: Cause = REFUSED

    def record(self, failure: Cause | None) -> None:
        """Count a check; None: it passed."""
        if failure is None:
            self.passes, self.failures = self.passes + 1, 0
        else:
            self.passes, self.failures, self.last_failure = 0, self.failures + 1, failure
        if self.passes >= (1 if self.state is Health.INITIAL else self.healthy_threshold):
            self.state = Health.HEALTHY
        elif self.failures >= self.unhealthy_threshold:
            self.state = Health.UNHEALTHY

    @property
    def cause(self) -> Cause | None:
        """Why it is not healthy."""
        if self.state is Health.HEALTHY:
            return None
        if self.state is Health.UNHEALTHY:
            return self.last_failure
        return FIRST_CHECKS if self.failures else REGISTERING
