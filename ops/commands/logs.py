"""`logs`: what the tasks wrote, read back from CloudWatch Logs of the embedded AWS."""

from __future__ import annotations

import time
from collections import deque
from typing import Any

import click

from environments.settings import SERVICES
from ops import command_line
from ops.session import Session
from rehearsal import door

SINCE_SECONDS = 600
FOLLOW_SECONDS = 1.0
SEEN = 10_000


def run(session: Session, follow: bool) -> None:
    """Print what the tasks of an environment wrote in the last ten minutes, oldest first."""
    record = door.require_emulator(session.work, session.settings.account_id)
    names = session.settings.names
    logs = session.aws(session.emulator_environment(record)).client("logs")
    groups = tuple(names.service(each).log_group for each in SERVICES)
    since = int((time.time() - SINCE_SECONDS) * 1000)
    seen: deque[str] = deque(maxlen=SEEN)
    try:
        while True:
            for event in _events(logs, groups, since):
                if event["eventId"] not in seen:
                    seen.append(event["eventId"])
                    session.display.line(_line(event))
                    since = max(since, event["timestamp"])
            if not follow:
                return
            time.sleep(FOLLOW_SECONDS)
    except KeyboardInterrupt:
        session.display.line()


def _events(logs: Any, groups: tuple[str, ...], since: int) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = []
    for group in groups:
        # A group that the environment does not have yet has no events.
        if logs.describe_log_groups(logGroupNamePrefix=group)["logGroups"]:
            pages = logs.get_paginator("filter_log_events").paginate(logGroupName=group, startTime=since)
            found += [event for page in pages for event in page["events"]]
    return sorted(found, key=lambda event: event["timestamp"])


def _line(event: dict[str, Any]) -> str:
    """Time, container and task, message."""
    clock = time.strftime("%H:%M:%S", time.localtime(event["timestamp"] / 1000))
    _, _, stream = event["logStreamName"].partition("/")
    container, _, task = stream.rpartition("/")
    return f"{clock} {container}/{task[:8]} {event['message']}"


command = command_line.rehearsal(run, click.option("--follow", is_flag=True, help="Go on until Ctrl-C."))
