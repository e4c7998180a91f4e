"""Whether all places agree on a service's port and health path: program, Dockerfile, task, target group.

Where they do not, every request ends in 502 or 503 while ECS replaces tasks without end: the guide's "Health Check
Issues & Solutions".
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence

from ops.checks.offline.claims import (
    SERVICES,
    Claim,
    Service,
    of_files,
    of_stack,
    served,
)
from ops.checks.offline.findings import Finding, fail, warn
from ops.checks.offline.subjects import Checkout, Environment


def files_agree(checkout: Checkout) -> Iterator[Finding]:
    for service in SERVICES:
        claims = of_files(checkout, service)
        yield from _other_ports(claims.ports, _usual(claims.ports))
        yield from _not_served(claims.paths, served(checkout, service), service)


def stack_agrees(environment: Environment) -> Iterator[Finding]:
    for service in SERVICES:
        files = of_files(environment.checkout, service)
        claims = of_stack(environment.stack, service)
        yield from _other_ports(claims.ports, _usual(files.ports))
        known = served(environment.checkout, service)
        unserved = list(_not_served(claims.paths, known, service))
        task, group = claims.paths
        yield from unserved or _other_paths(files.paths[0], task, group, known)


def _usual(claims: Sequence[Claim]) -> Claim:
    """What most of the files say, so that one wrong place is one finding."""
    ((value, _),) = Counter(claim.value for claim in claims).most_common(1)
    return next(claim for claim in claims if claim.value == value)


def _other_ports(claims: Sequence[Claim], usual: Claim) -> Iterator[Finding]:
    for claim in claims:
        if claim.value != usual.value:
            yield fail(claim.where, _differs(claim, usual))


def _not_served(paths: Sequence[Claim], known: set[str], service: Service) -> Iterator[Finding]:
    for claim in paths:
        if claim.value.partition("?")[0] not in known:
            expected = " or ".join(sorted(known)) or "a path"
            yield fail(
                claim.where,
                f"{claim.what} is {claim.value}, expected {expected}, which {service.routes} answers without a login",
            )


def _other_paths(image: Claim, task: Claim, group: Claim, known: set[str]) -> Iterator[Finding]:
    if task.value != group.value:
        yield fail(group.where, _differs(group, task))
    # An image's path that is not served has failed already, whatever the environments say.
    if image.value != task.value and image.value in known:
        # "HealthCheck", Amazon ECS API reference: a check that is only in the image is not looked at.
        yield warn(image.where, f"{_differs(image, task)}; ECS goes by the task's, a plain `docker run` by this one")


def _differs(claim: Claim, first: Claim) -> str:
    return f"{claim.what} is {claim.value}, expected {first.value} as {first.what} of {first.where}"
