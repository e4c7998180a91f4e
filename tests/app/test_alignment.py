"""Dockerfiles, application, task definitions and target groups agree on ports and health paths; the API serves those.

What a disagreement looks like is tested beside the preflight that tells it.
"""

from __future__ import annotations

import json
import os
import re
import signal
import socket
import subprocess
import time
import urllib.error
import urllib.request
from collections.abc import Iterator

import pytest

from environments.settings import Settings
from ops.checks.offline import alignment, claims
from ops.checks.offline.end_of_life import LOOKED
from ops.checks.offline.subjects import Checkout, Environment
from ops.terraform.synthesized import Stack
from tests.support import ROOT, Output, needs

APP = ROOT / "app"
CHECKOUT = Checkout(ROOT, LOOKED)


@pytest.fixture
def platforms(stacks: dict[str, Output]) -> dict[str, Stack]:
    return {name: Stack(name, stacks[name].document) for name in ("staging", "production")}


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
        deadline = time.monotonic() + 300
        while status(f"http://127.0.0.1:{port}/") is None:
            assert process.poll() is None, process.stderr.read() if process.stderr else ""
            assert time.monotonic() < deadline, "the API did not answer within 60 s"
            time.sleep(0.2)
        yield f"http://127.0.0.1:{port}"
    finally:
        os.killpg(process.pid, signal.SIGTERM)
        process.wait(timeout=30)


def test_program_and_dockerfile_agree() -> None:
    assert list(alignment.files_agree(CHECKOUT)) == []


@pytest.mark.parametrize("name", ["staging", "production"])
def test_every_place_of_an_environment_agrees_with_them(
    name: str, platforms: dict[str, Stack], settings: dict[str, Settings]
) -> None:
    assert list(alignment.stack_agrees(Environment(settings[name], platforms[name], CHECKOUT))) == []


def test_the_health_path_of_every_place_is_served_without_signing_in(
    api_address: str, platforms: dict[str, Stack]
) -> None:
    said = [claims.of_files(CHECKOUT, claims.API), *(claims.of_stack(each, claims.API) for each in platforms.values())]
    paths = {claim.value for each in said for claim in each.paths}
    assert {path: status(api_address + path) for path in paths} == {"/api/health": 200}


def test_what_the_preflight_reads_as_served_is_served_without_signing_in(api_address: str) -> None:
    paths = claims.served(CHECKOUT, claims.API)
    assert {path: status(api_address + path) for path in paths} == {
        "/health": 200,
        "/api/health": 200,
        "/api/ready": 200,
    }


def test_a_path_behind_authentication_would_not_pass_as_a_health_path(api_address: str) -> None:
    assert status(f"{api_address}/api/users/me") == 401


@pytest.mark.parametrize(("service", "dockerfile"), [("backend", "api"), ("frontend", "frontend")])
def test_the_health_checks_program_is_installed_in_the_image_it_runs_in(
    service: str, dockerfile: str, platforms: dict[str, Stack]
) -> None:
    task = platforms["staging"].at(f"aws_ecs_task_definition.{service}_task")
    container, *_ = json.loads(task["container_definitions"])
    program = container["healthCheck"]["command"][1].split()[0]
    last_stage = (APP / dockerfile / "Dockerfile").read_text().rpartition("\nFROM ")[2]
    installed = re.findall(r"apk add --no-cache (.*)", last_stage)
    assert any(re.match(rf"{program}\b", packages) for packages in installed), installed


def test_the_images_program_gets_the_stop_signal_itself() -> None:
    scripts = json.loads((APP / "api/package.json").read_text())["scripts"]
    assert scripts["prod"].startswith("exec node ")
    assert 'CMD ["npm", "run", "prod"]' in (APP / "api/Dockerfile").read_text()


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
