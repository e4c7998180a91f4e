"""Dockerfiles, application, task definitions, target groups and security groups agree on ports and health paths."""

from __future__ import annotations

import copy
import json
import os
import re
import shutil
import signal
import socket
import subprocess
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.app import alignment
from tests.support import ROOT, Output, needs

APP = ROOT / "app"
FILES = ("api/Dockerfile", "api/index.js", "frontend/Dockerfile", "frontend/nginx/default.conf")


@pytest.fixture
def platforms(stacks: dict[str, Output]) -> dict[str, Output]:
    return {name: Output(copy.deepcopy(stacks[name].document)) for name in ("staging", "production")}


@pytest.fixture
def app(tmp_path: Path) -> Path:
    """A copy of the files, to change."""
    for file in FILES:
        (tmp_path / file).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(APP / file, tmp_path / file)
    return tmp_path


@pytest.fixture(scope="module")
def api_address() -> Iterator[str]:
    """The API, started with a database and an AWS of its own."""
    needs((APP / "api/node_modules").exists(), "app/api/node_modules is missing: `make test` installs it")
    port = free_port()
    environment = {**os.environ, "PORT": str(port), "PATH": f"{ROOT / '.venv/bin'}{os.pathsep}{os.environ['PATH']}"}
    process = subprocess.Popen(
        ["npm", "run", "--silent", "dev"],
        cwd=APP / "api",
        env=environment,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )
    try:
        deadline = time.monotonic() + 60
        while status(f"http://127.0.0.1:{port}/") is None:
            assert process.poll() is None, process.stderr.read() if process.stderr else ""
            assert time.monotonic() < deadline, "the API did not answer within 60 s"
            time.sleep(0.2)
        yield f"http://127.0.0.1:{port}"
    finally:
        os.killpg(process.pid, signal.SIGTERM)
        process.wait(timeout=30)


def test_every_place_agrees_on_the_apis_port_and_health_path(platforms: dict[str, Output]) -> None:
    assert list(alignment.of_api(APP, platforms).disagreements()) == []


def test_every_place_agrees_on_the_pages_port_and_health_path(platforms: dict[str, Output]) -> None:
    assert list(alignment.of_frontend(APP, platforms).disagreements()) == []


def test_the_health_path_of_every_place_is_served_without_signing_in(
    api_address: str, platforms: dict[str, Output]
) -> None:
    paths = {str(claim.value) for claim in alignment.of_api(APP, platforms).paths}
    assert {path: status(api_address + path) for path in paths} == {"/api/health": 200}


def test_a_path_behind_authentication_would_not_pass_as_a_health_path(api_address: str) -> None:
    assert status(f"{api_address}/api/users/me") == 401


@pytest.mark.parametrize(("service", "dockerfile"), [("backend", "api"), ("frontend", "frontend")])
def test_the_health_checks_program_is_installed_in_the_image_it_runs_in(
    service: str, dockerfile: str, platforms: dict[str, Output]
) -> None:
    task = platforms["staging"].at(f"aws_ecs_task_definition.{service}_task")
    (container,) = json.loads(task["container_definitions"])
    program = container["healthCheck"]["command"][1].split()[0]
    last_stage = (APP / dockerfile / "Dockerfile").read_text().rpartition("\nFROM ")[2]
    installed = re.findall(r"apk add --no-cache (.*)", last_stage)
    assert any(re.match(rf"{program}\b", packages) for packages in installed), installed


def test_the_images_program_gets_the_stop_signal_itself() -> None:
    scripts = json.loads((APP / "api/package.json").read_text())["scripts"]
    assert scripts["prod"].startswith("exec node ")
    assert 'CMD ["npm", "run", "prod"]' in (APP / "api/Dockerfile").read_text()


def edit(file: str, old: str, new: str) -> Callable[[Path, dict[str, Output]], None]:
    def change(app: Path, _: dict[str, Output]) -> None:
        text = (app / file).read_text()
        assert old in text
        (app / file).write_text(text.replace(old, new))

    return change


def set_target_group(key: str, value: Any) -> Callable[[Path, dict[str, Output]], None]:
    def change(_: Path, platforms: dict[str, Output]) -> None:
        group = platforms["staging"].at("aws_lb_target_group.backend_targets")
        holder = group["health_check"] if key == "path" else group
        holder[key] = value

    return change


def set_container_port(_: Path, platforms: dict[str, Output]) -> None:
    task = platforms["production"].at("aws_ecs_task_definition.backend_task")
    (container,) = json.loads(task["container_definitions"])
    container["portMappings"][0]["containerPort"] = 9000
    task["container_definitions"] = json.dumps([container])


def close_port(_: Path, platforms: dict[str, Output]) -> None:
    del platforms["staging"].all("aws_vpc_security_group_ingress_rule")["ecs_from_alb_8080"]


@pytest.mark.parametrize(
    ("change", "line"),
    [
        (
            edit("api/Dockerfile", "http://localhost:8080", "http://localhost:9000"),
            "app/api/Dockerfile HEALTHCHECK port is 9000, app/api/Dockerfile EXPOSE is 8080",
        ),
        (
            edit("api/Dockerfile", "EXPOSE 8080", "EXPOSE 9000"),
            "app/api/index.js default port is 8080, app/api/Dockerfile EXPOSE is 9000",
        ),
        (
            edit("api/index.js", "PORT: '8080'", "PORT: '9000'"),
            "app/api/index.js default port is 9000, app/api/Dockerfile EXPOSE is 8080",
        ),
        (
            set_target_group("port", 80),
            "staging aws_lb_target_group.backend_targets port is 80, app/api/Dockerfile EXPOSE is 8080",
        ),
        (
            set_target_group("path", "/api/users/me"),
            "staging aws_lb_target_group.backend_targets health_check path is /api/users/me, "
            "app/api/Dockerfile HEALTHCHECK path is /api/health",
        ),
        (
            set_container_port,
            "production aws_ecs_task_definition.backend_task containerPort is 9000, app/api/Dockerfile EXPOSE is 8080",
        ),
        (
            close_port,
            "staging security group ingress alb and ecs is 80, app/api/Dockerfile EXPOSE is 8080",
        ),
    ],
)
def test_a_disagreement_of_the_api_is_one_line_that_names_both_places(
    app: Path, platforms: dict[str, Output], change: Callable[[Path, dict[str, Output]], None], line: str
) -> None:
    change(app, platforms)
    assert line in list(alignment.of_api(app, platforms).disagreements())


def test_a_disagreement_of_the_page_is_one_line_that_names_both_places(app: Path, platforms: dict[str, Output]) -> None:
    edit("frontend/nginx/default.conf", "listen 80 ", "listen 8081 ")(app, platforms)
    assert list(alignment.of_frontend(app, platforms).disagreements()) == [
        "app/frontend/nginx/default.conf listen is 8081, app/frontend/Dockerfile EXPOSE is 80"
    ]


def status(url: str) -> int | None:
    try:
        with urllib.request.urlopen(url, timeout=5) as answer:
            return answer.status
    except urllib.error.HTTPError as error:
        return error.code
    except (urllib.error.URLError, OSError):
        return None


def free_port() -> int:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return listener.getsockname()[1]
