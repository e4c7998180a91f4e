"""Which program an image stands for."""

from __future__ import annotations

from pathlib import Path

import pytest

from rehearsal.ecs import images
from rehearsal.ecs.task_definition import NotRunnable


@pytest.mark.parametrize(
    ("reference", "expected"),
    [
        ("1.dkr.ecr.us-east-1.amazonaws.com/acme-api:v1", ("acme-api", "v1")),
        ("localhost:5000/acme-api", ("acme-api", "latest")),
        ("acme-api@sha256:abc", ("acme-api", "sha256:abc")),
    ],
)
def test_an_image_is_known_by_repository_and_tag(reference: str, expected: tuple[str, str]) -> None:
    assert images.split(reference) == expected


def test_an_image_runs_the_last_cmd_of_its_dockerfile(tmp_path: Path) -> None:
    app = tmp_path / "app" / "api"
    app.mkdir(parents=True)
    (app / "Dockerfile").write_text('FROM a AS build\nCMD ["no"]\nFROM a\nCMD ["npm", "run", "prod"]\n')
    assert images.find("r/acme-api:v1", tmp_path / "images", app.parent) == images.Image(app, ("npm", "run", "prod"))
    own = tmp_path / "images" / "acme-api" / "v2"
    own.mkdir(parents=True)
    (own / "Dockerfile").write_text('CMD ["own"]\n')
    assert images.find("r/acme-api:v2", tmp_path / "images", app.parent).command == ("own",)
    with pytest.raises(NotRunnable, match="CannotPullContainerError"):
        images.find("r/acme-worker:v1", tmp_path / "images", app.parent)
