"""`build`: the pipeline's step 4, an image of this commit in the registry."""

from __future__ import annotations

import os
import subprocess
import time

import click

from environments.settings import SERVICES
from ops import command_line
from ops.core import github
from ops.core.errors import UserError
from ops.core.paths import ROOT
from ops.delivery import docker, registry
from ops.session import Session


def run(session: Session, service: str, rebuild: bool, no_build: bool = False) -> None:
    """Build the image of a service, push it, report the scan.

    Its tag is <7 of the commit>-<epoch>, and `latest` moves to it too. An image that was pushed for this commit before
    is taken as it is, so that production runs what staging ran.
    """
    if rebuild and no_build:
        raise UserError("--rebuild and --no-build contradict each other: give one of them")
    started = time.monotonic()
    aws, settings = session.account, session.settings
    repository = settings.ecs.of(service).repository
    commit = _commit()
    tag = None if rebuild else registry.tag_of_commit(aws, repository, commit)
    what = "found"
    if tag is None and no_build:
        raise UserError(
            f"{repository} has no image of commit {commit[:7]}, and --no-build makes none: the environment that is "
            "deployed first builds it"
        )
    if tag is None:
        what, tag = "built and pushed", f"{commit[:7]}-{int(time.time())}"
        uri = settings.image_uri(repository, tag)
        docker.build(ROOT / "app" / repository.rpartition("-")[2], uri)
        docker.push(uri)
        registry.move_latest(aws, repository, tag)
    scan = registry.wait_for_scan(aws, repository, tag)
    uri = settings.image_uri(repository, tag)
    session.display.line(f"{service}: {what} {uri}; {scan}")
    github.summary(f"`{repository}:{tag}` {what}; {scan}")
    seconds = round(time.monotonic() - started, 1)
    session.answer(
        {"image_tag": tag, "image_uri": uri, "scan": str(scan), "findings": scan.findings, "seconds": seconds}
    )


def _commit() -> str:
    """The commit that the pipeline builds, or this checkout's."""
    given = os.environ.get("GITHUB_SHA")
    if given:
        return given
    answer = subprocess.run(["git", "rev-parse", "HEAD"], cwd=ROOT, capture_output=True, text=True, check=False)
    if answer.returncode != 0:
        raise UserError(f"no commit to name the image after: {answer.stderr.strip()}; commit first, or set GITHUB_SHA")
    return answer.stdout.strip()


command = command_line.delivery(
    run,
    click.argument("service", type=click.Choice(SERVICES)),
    click.option("--rebuild", is_flag=True, help="Build also when this commit has an image already."),
    click.option("--no-build", is_flag=True, help="Fail when this commit has no image yet; needs no docker."),
)
