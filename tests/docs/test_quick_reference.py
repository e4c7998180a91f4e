"""The quick reference names every task and command there is, and what it says of names, codes and limits is so."""

from __future__ import annotations

import re

import click
import pytest

from environments.aws_limits import FARGATE_MEMORY, MOST_TASKS_A_SERVICE
from environments.settings import Settings
from modules.state_backend import ARCHIVE_DAYS, EXPIRE_DAYS
from ops.__main__ import cli
from ops.delivery.plan_report import COMMENT_LIMIT
from ops.state.lock import LIMIT_MINUTES
from tests.support import ROOT

PAGE = (ROOT / "docs/quick-reference.md").read_text()


def commands(group: click.Group, words: tuple[str, ...] = ()) -> set[str]:
    found: set[str] = set()
    for name, each in group.commands.items():
        here = (*words, name)
        found |= commands(each, here) if isinstance(each, click.Group) else {" ".join(here)}
    return found


def test_every_task_of_the_makefile_is_named_and_no_other() -> None:
    tasks = set(re.findall(r"^([a-z-]+):.*## ", (ROOT / "Makefile").read_text(), re.MULTILINE))
    assert set(re.findall(r"`make ([a-z-]+)`", PAGE)) == tasks - {"help"}


def test_every_command_is_named_and_no_other() -> None:
    assert set(re.findall(r"`ops ([a-z-]+(?: [a-z]+)?)[ A-Z]*`", PAGE)) == commands(cli)


def test_names_are_those_of_staging(settings: dict[str, Settings]) -> None:
    named = settings["staging"].names
    names = [
        named.cluster,
        named.service("backend").ecs_service,
        named.service("frontend").ecs_service,
        named.load_balancer,
        named.database,
    ]
    names += [
        named.items_table,
        named.user_pool,
        named.database_url_secret,
        named.application_url_secret,
        named.dashboard,
    ]
    names += [
        named.alarm_topic,
        named.service("backend").log_group,
        named.service("frontend").log_group,
        named.flow_logs,
    ]
    names += [settings["staging"].backend.key, settings["staging"].backend.dynamodb_table]
    assert [name for name in names if f"`{name}`" not in PAGE] == []


@pytest.mark.parametrize("key", ["backend", "frontend"])
def test_ports_and_health_paths_are_those_of_staging(key: str, settings: dict[str, Settings]) -> None:
    service = getattr(settings["staging"].ecs, key)
    (row,) = re.findall(rf"^\| {service.port} \| {key}: .*", PAGE, re.MULTILINE)
    assert f"health `{service.health_check_path}`" in row


def test_limits_are_those_of_the_code() -> None:
    rows = {
        "Fargate task": f"{min(FARGATE_MEMORY)} to {max(FARGATE_MEMORY)} CPU units",
        "tasks of a service": f"{MOST_TASKS_A_SERVICE}",
        "a lock counts as dead": f"after {LIMIT_MINUTES} minutes",
        "versions of a state": f"GLACIER after {ARCHIVE_DAYS} days, gone after {EXPIRE_DAYS}",
        "a comment with a plan": f"{COMMENT_LIMIT} characters",
    }
    assert [what for what, limit in rows.items() if f"| {what} | {limit}" not in PAGE] == []
