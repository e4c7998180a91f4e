"""The docker command line: building an image and pushing it."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

from ops.core.errors import CommandError, UserError


def build(directory: Path, uri: str) -> None:
    """Build the Dockerfile of a directory for Fargate's x86-64; raises UserError, CommandError."""
    # Without provenance: ECR's scan takes an image, not the index that an attestation makes of it.
    _run("build", "--platform", "linux/amd64", "--provenance", "false", "--tag", uri, str(directory))


def push(uri: str) -> None:
    """Push an image to the registry that its name begins with; raises UserError, CommandError."""
    _run("push", uri)


def _run(*arguments: str) -> None:
    docker = shutil.which("docker")
    if docker is None:
        raise UserError("docker is not on PATH: install Docker, or build in the pipeline")
    answer = subprocess.run([docker, *arguments], stdin=subprocess.DEVNULL, check=False)
    if answer.returncode != 0:
        raise CommandError(f"`docker {' '.join(arguments)}` ended with code {answer.returncode}; it said why above")
