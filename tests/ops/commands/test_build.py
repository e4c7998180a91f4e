"""Step 4: one image for a commit, pushed under a tag of its own, `latest` beside it, its scan reported."""

from __future__ import annotations

import json
import os
import secrets
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from environments.settings import Settings
from ops.commands import build
from ops.core.emulator_record import Record
from ops.core.errors import CommandError, UserError
from ops.core.paths import Work
from ops.delivery import registry
from ops.terraform.environment import for_emulator
from tests import docker_stand_in
from tests.ops.places import Place, github_output, make_place, step_outputs

__all__ = ["github_output"]

SHA = "a1b2c3d4e5f6a7b8c9d0a1b2c3d4e5f6a7b8c9d0"


@pytest.fixture
def place(emulator: Record, settings: dict[str, Settings], work: Work, monkeypatch: pytest.MonkeyPatch) -> Place:
    place = make_place(emulator, settings["staging"], work, secrets.token_hex(4))
    ecr = place.aws.client("ecr")
    for name in ("prodready-infra-api", "prodready-infra-frontend"):
        if name not in [each["repositoryName"] for each in ecr.describe_repositories()["repositories"]]:
            ecr.create_repository(
                repositoryName=name, imageTagMutability="IMMUTABLE", imageScanningConfiguration={"scanOnPush": True}
            )
        ids = ecr.list_images(repositoryName=name)["imageIds"]
        if ids:
            ecr.batch_delete_image(repositoryName=name, imageIds=ids)
    monkeypatch.setenv("GITHUB_SHA", SHA)
    return place


@pytest.fixture
def docker(tmp_path: Path, emulator: Record, monkeypatch: pytest.MonkeyPatch) -> Callable[[], list[list[str]]]:
    """A recording stand-in for docker; gives its calls."""
    docker_stand_in.install(tmp_path / "bin")
    log = tmp_path / "docker.json"
    variables = {
        **for_emulator(emulator.url, Work(tmp_path / "docker")),
        "DOCKER_LOG": str(log),
        "PATH": f"{tmp_path / 'bin'}{os.pathsep}{os.environ['PATH']}",
    }
    for name, value in variables.items():
        monkeypatch.setenv(name, value)
    return lambda: docker_stand_in.calls(log)


def tags(place: Place, repository: str = "prodready-infra-api") -> dict[str, str]:
    """Digest by tag."""
    pages = place.aws.client("ecr").describe_images(repositoryName=repository)["imageDetails"]
    return {tag: each["imageDigest"] for each in pages for tag in each.get("imageTags", [])}


def test_without_building_an_image_of_the_commit_is_found_or_missed(
    place: Place, docker: Callable[[], Any], github_output: Path
):
    with pytest.raises(
        UserError, match="prodready-infra-api has no image of commit a1b2c3d, and --no-build makes none"
    ):
        build.run(place.session, "backend", rebuild=False, no_build=True)
    assert docker() == []
    build.run(place.session, "backend", rebuild=False)
    built, calls = step_outputs(github_output)["image_uri"], docker()
    build.run(place.session, "backend", rebuild=False, no_build=True)
    assert step_outputs(github_output)["image_uri"] == built
    assert docker() == calls
    with pytest.raises(UserError, match="contradict each other"):
        build.run(place.session, "backend", rebuild=True, no_build=True)


def test_an_image_is_built_and_pushed_under_a_tag_of_commit_and_time(
    place: Place, docker: Callable[[], Any], github_output: Path
):
    build.run(place.session, "backend", rebuild=False)
    told = step_outputs(github_output)
    prefix, _, epoch = told["image_tag"].partition("-")
    assert prefix == SHA[:7]
    assert epoch.isdigit()
    assert told["image_uri"] == f"875486186130.dkr.ecr.us-east-2.amazonaws.com/prodready-infra-api:{told['image_tag']}"
    (built, pushed) = docker()
    assert built[0] == "build"
    assert built[-1].endswith("app/api")
    assert told["image_uri"] in built
    assert pushed == ["push", told["image_uri"]]


def test_latest_moves_to_the_newest_image_though_tags_are_immutable(place: Place, docker: Callable[[], Any]):
    build.run(place.session, "backend", rebuild=True)
    first = tags(place)["latest"]
    (own,) = [tag for tag in tags(place) if tag != "latest"]
    assert tags(place)[own] == first
    place.aws.client("ecr").put_image(
        repositoryName="prodready-infra-api",
        imageManifest=json.dumps({"mediaType": "application/vnd.docker.distribution.manifest.v2+json", "n": "next"}),
        imageTag="fffffff-1",
    )
    registry.move_latest(place.aws, "prodready-infra-api", "fffffff-1")
    assert tags(place)["latest"] == tags(place)["fffffff-1"] != first
    assert tags(place)[own] == first, "the earlier image keeps its own tag"


def test_production_takes_the_image_that_staging_built_of_the_commit(
    place: Place, docker: Callable[[], Any], github_output: Path
):
    build.run(place.session, "backend", rebuild=False)
    first = step_outputs(github_output)["image_uri"]
    github_output.unlink()
    build.run(place.session, "backend", rebuild=False)
    assert step_outputs(github_output)["image_uri"] == first
    assert len(docker()) == 2, "one build, one push"


def test_the_scan_is_waited_for_and_reported_by_severity(
    place: Place, docker: Callable[[], Any], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
):
    summary = tmp_path / "summary.md"
    monkeypatch.setenv("GITHUB_STEP_SUMMARY", str(summary))
    build.run(place.session, "frontend", rebuild=False)
    assert "scan: " in summary.read_text()
    assert str(registry.Scan("COMPLETE", {"CRITICAL": 1, "LOW": 3})) == "scan: 1 critical, 3 low"
    assert str(registry.Scan("COMPLETE", {})) == "scan: nothing found"
    assert str(registry.Scan("UNSUPPORTED_IMAGE", {})) == "scan: UNSUPPORTED_IMAGE"


@pytest.mark.parametrize("part", ["build", "push"])
def test_a_failing_docker_fails_the_step_and_moves_nothing(
    place: Place, docker: Callable[[], Any], monkeypatch: pytest.MonkeyPatch, part: str
):
    monkeypatch.setenv("DOCKER_FAILS", part)
    with pytest.raises(CommandError, match=f"`docker {part} .*ended with code 1"):
        build.run(place.session, "backend", rebuild=False)
    assert tags(place) == {}


def test_without_docker_or_repository_the_step_says_what_to_do(place: Place, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("PATH", "/nowhere")
    with pytest.raises(UserError, match="docker is not on PATH"):
        build.run(place.session, "backend", rebuild=False)
    for name in ("prodready-infra-api", "prodready-infra-frontend"):
        place.aws.client("ecr").delete_repository(repositoryName=name, force=True)
    with pytest.raises(UserError, match="repository prodready-infra-api does not exist: `python -m ops bootstrap`"):
        build.run(place.session, "backend", rebuild=False)
