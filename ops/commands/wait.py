"""`wait`: until the deployment is done, or was rolled back."""

from __future__ import annotations

import time
from datetime import UTC, datetime, timedelta

import click

from environments.names import deployed_tag
from environments.settings import SERVICES
from ops import command_line
from ops.core.errors import CommandError, UserError
from ops.delivery import deployed, registry, rollout
from ops.delivery.rollout import End
from ops.session import Session

POLL = {"aws": 15.0, "emulator": 1.0}
"""Seconds between two looks; the guide, step 9, and what suits a rehearsal that passes ten times faster."""
TIMEOUT = 600
"""The guide, step 9."""
BEFORE = timedelta(minutes=2)
"""Events this much older than the start of the wait are told too: the apply that began it was just before."""


def run(session: Session, timeout: int, **revisions: str | None) -> None:
    """Wait for a deployment; fail when it is rolled back.

    It is done when each service runs its new revision and nothing else.
    Without a revision, the one that the service is on now is waited for. Events of the services are printed as they
    come, and after a failure why the tasks stopped and the last lines they wrote. What runs in the end gets the tag
    `deployed-<environment>`, by which ECR keeps it however many images follow.
    """
    started, deadline = datetime.now(UTC), time.monotonic() + timeout
    aws, settings = session.account, session.settings
    wanted: dict[str, str] = {}
    seen: set[str] = set()
    ends: dict[str, End] = {}
    said: dict[str, str] = {}
    failures: list[str] = []
    while True:
        for service in SERVICES:
            if ends.get(service, End.GOING) is not End.GOING:
                continue
            description = deployed.describe(aws, settings, service)
            if description is None:
                raise UserError(f"{session.name} has no {service} service: apply the environment first")
            current = deployed.revision(deployed.primary(description)["taskDefinition"])
            revision = wanted.setdefault(service, revisions[f"{service}_revision"] or current)
            for line in rollout.new_events(description, started - BEFORE, seen):
                session.display.line(f"  {line}")
            verdict = rollout.judge(description, revision)
            ends[service] = verdict.end
            if said.get(service) != verdict.text:
                said[service] = verdict.text
                session.display.line(f"{service}: {verdict.text}")
            if verdict.end is End.FAILED:
                names = settings.names.service(service)
                details = rollout.why(aws, settings.names.cluster, names.ecs_service, revision, names.log_group)
                failures.append("\n".join([f"{service}: {verdict.text}", *details]))
        going = [service for service, end in ends.items() if end is End.GOING]
        if failures or not going:
            break
        if time.monotonic() >= deadline:
            failures = [f"{service}: not done after {timeout} s: {said[service]}" for service in going]
            break
        time.sleep(POLL[session.target])
    if not failures:
        _keep_images(session)
    seconds = round((datetime.now(UTC) - started).total_seconds(), 1)
    session.answer({"stable": not failures, "seconds": seconds, "failures": failures})
    if failures:
        raise CommandError("\n".join([*failures, session.doctor]))


def _keep_images(session: Session) -> None:
    """Not before the end: until then what ran before is what must stay, and it is what a roll back goes to."""
    aws, settings = session.account, session.settings
    for service, image in deployed.images(aws, settings).items():
        if registry.mark_deployed(aws, settings, image):
            session.display.line(f"{service}: {image} is marked {deployed_tag(settings.environment)}")


command = command_line.delivery(
    run,
    *(
        click.option(f"--{service}-revision", metavar="FAMILY:N", help=f"Of the {service}, as `deploy` tells it.")
        for service in SERVICES
    ),
    click.option("--timeout", type=click.IntRange(min=1), default=TIMEOUT, show_default=True, help="Seconds."),
)
