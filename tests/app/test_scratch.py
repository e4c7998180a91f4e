"""Everything of a container is read-only but one folder: the images declare it, and write nowhere else."""

from __future__ import annotations

import json
import re

import pytest

from tests.support import ROOT, Output

APP = ROOT / "app"


@pytest.mark.parametrize(("service", "image"), [("backend", "api"), ("frontend", "frontend")])
def test_the_image_declares_the_volume_that_its_task_mounts(staging: Output, service: str, image: str) -> None:
    task = staging.at(f"aws_ecs_task_definition.{service}_task")
    container, *_ = json.loads(task["container_definitions"])
    (mount,) = container["mountPoints"]
    last_stage = (APP / image / "Dockerfile").read_text().rpartition("\nFROM ")[2]
    volume = re.search(r"^VOLUME (.*)$", last_stage, re.MULTILINE)
    assert volume is not None
    assert json.loads(volume[1]) == [mount["containerPath"]]
    # Docker keeps a volume's permissions as they are where it is declared: there nobody has changed them yet.
    assert last_stage.index("VOLUME") < last_stage.index("\nUSER ")


def test_nginx_writes_below_that_folder_alone() -> None:
    configuration = (APP / "frontend/nginx/nginx.conf").read_text()
    written = dict(re.findall(r"^\s*(pid|\w+_temp_path)\s+(\S+);$", configuration, re.MULTILINE))
    assert written.keys() == {
        "pid",
        *(f"{kind}_temp_path" for kind in ("client_body", "fastcgi", "proxy", "scgi", "uwsgi")),
    }
    assert [path for path in written.values() if not path.startswith("/tmp/")] == []
    assert re.findall(r"^\s*(?:access|error)_log\s+(\S+)", configuration, re.MULTILINE) == ["stderr", "/dev/stdout"]


def test_npm_writes_below_that_folder() -> None:
    assert "\nENV NPM_CONFIG_CACHE=/tmp/npm\n" in (APP / "api/Dockerfile").read_text()
