"""The preflight's checks of the application's files and of what has an end: each fault is found by its check alone."""

from __future__ import annotations

from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest

from environments.settings import Settings
from ops.checks.offline import end_of_life
from ops.checks.offline.findings import FAIL, WARN
from tests.ops.preflight import Change, Subjects, contain, edit, make_subjects, on, put, told
from tests.support import Output

API_TASK, API_TARGETS = "aws_ecs_task_definition.backend_task", "aws_lb_target_group.backend_targets"


def health_check(url: str) -> dict[str, Any]:
    return {"command": ["CMD-SHELL", f"curl -f {url} || exit 1"]}


FAULTS: list[tuple[str, Change, str, str]] = [
    (
        "alignment",
        edit("app/api/Dockerfile", "EXPOSE 8080", "EXPOSE 9000"),
        "app/api/Dockerfile",
        "EXPOSE is 9000, expected 8080 as HEALTHCHECK port of app/api/Dockerfile",
    ),
    (
        "alignment",
        edit("app/api/Dockerfile", "localhost:8080", "localhost:9000"),
        "app/api/Dockerfile",
        "HEALTHCHECK port is 9000, expected 8080 as EXPOSE of app/api/Dockerfile",
    ),
    (
        "alignment",
        edit("app/api/index.js", "PORT: '8080'", "PORT: '9000'"),
        "app/api/index.js",
        "port is 9000, expected 8080 as EXPOSE of app/api/Dockerfile",
    ),
    (
        "alignment",
        edit("app/frontend/nginx/default.conf", "listen 80 ", "listen 8081 "),
        "app/frontend/nginx/default.conf",
        "port is 8081, expected 80 as EXPOSE of app/frontend/Dockerfile",
    ),
    (
        "alignment",
        edit("app/api/Dockerfile", "/api/health", "/api/healthy"),
        "app/api/Dockerfile",
        "HEALTHCHECK path is /api/healthy, expected /api/health or /api/ready or /health, which app/api/src/health.js "
        "answers without a login",
    ),
    (
        "alignment",
        edit("app/api/Dockerfile", "EXPOSE 8080\n", ""),
        "app/api/Dockerfile",
        r"has no EXPOSE: expected something like ^EXPOSE (\d+)$",
    ),
    (
        "alignment",
        put(API_TARGETS, "port", 80),
        API_TARGETS,
        "port is 80, expected 8080 as EXPOSE of app/api/Dockerfile",
    ),
    (
        "alignment",
        put(API_TARGETS, "health_check.path", "/api/users/me"),
        API_TARGETS,
        "health_check path is /api/users/me, expected /api/health or /api/ready or /health, which "
        "app/api/src/health.js answers without a login",
    ),
    (
        "alignment",
        put(API_TARGETS, "health_check.path", "/api/ready"),
        API_TARGETS,
        f"health_check path is /api/ready, expected /api/health as healthCheck path of {API_TASK}",
    ),
    (
        "alignment",
        contain("backend", portMappings=[{"containerPort": 9000, "hostPort": 8080}]),
        API_TASK,
        "containerPort is 9000, expected 8080 as EXPOSE of app/api/Dockerfile",
    ),
    (
        "alignment",
        contain("backend", environment=[{"name": "PORT", "value": "9000"}]),
        API_TASK,
        "PORT is 9000, expected 8080 as EXPOSE of app/api/Dockerfile",
    ),
    (
        "alignment",
        contain("backend", healthCheck=health_check("http://localhost:9000/api/health")),
        API_TASK,
        "healthCheck port is 9000, expected 8080 as EXPOSE of app/api/Dockerfile",
    ),
    (
        "alignment",
        contain("backend", healthCheck={}),
        API_TASK,
        r"healthCheck is '', expected something like curl -f '?http://localhost:(\d+)(/[^\s']*)'? \|\| exit 1",
    ),
    (
        "alignment",
        contain("backend", name="another"),
        API_TASK,
        "has the containers another, migrate, expected prodready-infra-backend, "
        "to which the service's load balancer sends",
    ),
    (
        "end of life",
        put("aws_db_instance.database", "engine_version", "15.3"),
        "environments/staging.tfvars",
        "got 15.3, which AWS has withdrawn, expected 15 or 15.13",
    ),
]

NODE_22 = end_of_life.NODE["22"]
ENDED = [
    (
        put("aws_db_instance.database", "engine_version", "13"),
        "environments/staging.tfvars",
        "got PostgreSQL on RDS 13, whose support ended on 2026-02-28; expected 14 or 15 or 16 or 17 or 18",
    ),
    (
        edit("app/frontend/Dockerfile", "FROM node:22-alpine", "FROM node:20-alpine"),
        "app/frontend/Dockerfile",
        "got node 20, whose support ended on 2026-04-30; expected 22 or 24 or 26",
    ),
    (
        edit("app/frontend/Dockerfile", "FROM node:22-alpine", "FROM node:16-alpine"),
        "app/frontend/Dockerfile",
        "got node 16, whose support ended; expected 22 or 24 or 26",
    ),
    (
        edit(".github/actions/terraform/action.yml", "terraform_version: 1.11.4", "terraform_version: 1.5.0"),
        ".github/actions/terraform/action.yml",
        "got Terraform 1.5, whose support ended; expected 1.11 or 1.12 or 1.13 or 1.14 or 1.15",
    ),
]


@pytest.fixture
def subjects(tmp_path: Path, stacks: dict[str, Output], settings: dict[str, Settings]) -> Subjects:
    return make_subjects(tmp_path, stacks, settings)


def test_the_shipped_repository_passes_every_check(subjects: Subjects):
    assert subjects.faults() == []


@pytest.mark.parametrize(
    ("check", "change", "where", "why"), FAULTS, ids=[f"{each[0]}: {each[3][:60]}" for each in FAULTS]
)
def test_a_fault_is_found_by_its_check_alone(subjects: Subjects, check: str, change: Change, where: str, why: str):
    change(subjects)
    found = subjects.faults()
    assert {(row.check, row.status) for row in found} == {(check, FAIL)}, found
    assert (where, why) in told(found)


def test_one_wrong_place_is_one_row_and_names_the_line(subjects: Subjects):
    subjects.edit("app/api/Dockerfile", "EXPOSE 8080", "EXPOSE 9000")
    (row,) = subjects.faults()
    lines = (subjects.checkout.root / "app/api/Dockerfile").read_text().splitlines()
    assert row.where == f"app/api/Dockerfile:{lines.index('EXPOSE 9000') + 1}"


def test_a_port_that_only_the_settings_change_is_found_in_every_place_of_the_stack(subjects: Subjects):
    def move(container: dict[str, Any]) -> None:
        container["portMappings"] = [{"containerPort": 8081, "hostPort": 8081}]
        container["healthCheck"] = health_check("http://localhost:8081/health")

    subjects.container("frontend", move)
    subjects.at("aws_lb_target_group.frontend_targets")["port"] = 8081
    subjects.at("aws_ecs_service.frontend_service")["load_balancer"][0]["container_port"] = 8081
    found = [row for row in subjects.faults() if row.check == "alignment"]
    assert [row.why.partition(",")[0] for row in found] == [
        *("containerPort is 8081", "hostPort is 8081", "healthCheck port is 8081", "port is 8081"),
        "container_port is 8081",
    ]


def test_an_image_that_checks_another_path_than_the_task_is_a_warning(subjects: Subjects):
    subjects.edit("app/api/Dockerfile", "8080/api/health", "8080/api/ready")
    found = subjects.faults()
    assert {row.status for row in found} == {WARN}
    assert {row.subject for row in found} == {"staging", "production"}
    why = f"HEALTHCHECK path is /api/ready, expected /api/health as healthCheck path of {API_TASK}"
    assert told(found) == {("app/api/Dockerfile", f"{why}; ECS goes by the task's, a plain `docker run` by this one")}


@pytest.mark.parametrize("status", [WARN, FAIL])
@pytest.mark.parametrize(("change", "where", "why"), ENDED, ids=[each[2][:40] for each in ENDED])
def test_an_end_of_life_is_a_warning_and_fails_only_where_someone_asked(
    subjects: Subjects, change: Change, where: str, why: str, status: str
):
    change(subjects)
    found = on(subjects, end_of_life.LOOKED, ended=status).faults()
    assert {(row.check, row.status) for row in found} == {("end of life", status)}, found
    assert (where, why) in told(found)


@pytest.mark.parametrize(
    ("days", "status", "text"),
    [
        (-91, None, ""),
        (-90, WARN, f"ends on {NODE_22}, in 90 days"),
        (0, WARN, f"ends on {NODE_22}, in 0 days"),
        (1, FAIL, f"ended on {NODE_22}"),
    ],
)
def test_an_end_of_life_is_told_ninety_days_before_and_no_failure_until_it_has_come(
    subjects: Subjects, days: int, status: str | None, text: str
):
    found = on(subjects, NODE_22 + timedelta(days), ended=FAIL).faults()
    node = [row for row in found if "node" in row.why]
    assert {row.status for row in node} == ({status} if status else set())
    assert {row.where.partition(":")[0] for row in node} == (set(end_of_life.DOCKERFILES) if status else set())
    assert {row.why for row in node} == ({f"got node 22, whose support {text}; expected 24 or 26"} if text else set())


@pytest.mark.parametrize(
    ("change", "where", "text"),
    [
        (
            edit("app/api/Dockerfile", "FROM node:22-alpine", "FROM node:99-alpine"),
            "app/api/Dockerfile",
            "no end is known of node 99 as of 2026-11-24: add it to ops.checks.offline.end_of_life",
        ),
        (
            edit("app/frontend/Dockerfile", "FROM nginx:alpine", "FROM nginx:1.31-alpine"),
            "app/frontend/Dockerfile",
            "no end is known of nginx:1.31-alpine: add its dates to ops.checks.offline.end_of_life",
        ),
        (
            edit(".github/actions/terraform/action.yml", "terraform_version: 1.11.4", "terraform_version: 1.99.0"),
            ".github/actions/terraform/action.yml",
            "no end is known of Terraform 1.99 as of 2026-11-24: add it to ops.checks.offline.end_of_life",
        ),
    ],
)
def test_a_version_without_a_known_end_is_a_warning(subjects: Subjects, change: Change, where: str, text: str):
    change(subjects)
    found = subjects.faults()
    assert {row.status for row in found} == {WARN}
    assert told(found) == {(where, text)}


def test_every_version_that_settings_accept_has_a_known_end():
    assert end_of_life.POSTGRES.keys() == {str(major) for major in end_of_life.OLDEST_POSTGRES_MINOR}
    assert date(2026, 11, 24) <= end_of_life.LOOKED
