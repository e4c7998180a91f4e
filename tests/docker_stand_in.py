"""Stands in for docker on PATH: writes down each call, keeps what is built for the rehearsal, pushes a manifest.

DOCKER_LOG: file of the calls, as JSON. DOCKER_IMAGES: where a built directory is copied to, <repository>/<tag>.
DOCKER_FAILS: the subcommand that fails. AWS_ENDPOINT_URL: where the registry is.
"""

from __future__ import annotations

import json
import os
import shutil
import stat
import sys
from pathlib import Path

MEDIA_TYPE = "application/vnd.docker.distribution.manifest.v2+json"


def install(directory: Path) -> None:
    """Put a program named docker into the directory."""
    directory.mkdir(parents=True, exist_ok=True)
    program = directory / "docker"
    program.write_text(f'#!/bin/sh\nexec "{sys.executable}" "{Path(__file__).resolve()}" "$@"\n')
    program.chmod(program.stat().st_mode | stat.S_IXUSR)


def calls(log: Path) -> list[list[str]]:
    return json.loads(log.read_text()) if log.exists() else []


def build(uri: str, context: Path) -> None:
    images = os.environ.get("DOCKER_IMAGES")
    if not images:
        return
    name, _, tag = uri.rpartition("/")[2].partition(":")
    target = Path(images) / name / tag
    shutil.copytree(context, target, ignore=shutil.ignore_patterns("node_modules"), dirs_exist_ok=True)
    if (context / "node_modules").exists():
        (target / "node_modules").symlink_to((context / "node_modules").resolve())


def push(uri: str) -> None:
    import boto3

    name, _, tag = uri.rpartition("/")[2].partition(":")
    # <account>.dkr.ecr.<region>.amazonaws.com
    region = uri.split(".")[3]
    boto3.client("ecr", region).put_image(
        repositoryName=name,
        imageManifest=json.dumps({"schemaVersion": 2, "mediaType": MEDIA_TYPE, "config": {"digest": tag}}),
        imageTag=tag,
    )


def main(arguments: list[str]) -> None:
    log = Path(os.environ["DOCKER_LOG"])
    log.write_text(json.dumps([*calls(log), arguments]))
    if arguments[0] == os.environ.get("DOCKER_FAILS"):
        sys.exit("no space left on device")
    match arguments[0]:
        case "build":
            build(arguments[arguments.index("--tag") + 1], Path(arguments[-1]))
        case "push":
            push(arguments[1])
        case other:
            sys.exit(f"the stand-in knows no docker {other}")


if __name__ == "__main__":
    main(sys.argv[1:])
