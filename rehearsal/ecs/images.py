"""Which program on this machine an image stands for, and what it runs: the last CMD of its Dockerfile."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from pathlib import Path

from rehearsal.ecs.task_definition import NotRunnable

CMD = re.compile(r"^CMD\s+(\[.*\])\s*$", re.MULTILINE)


@dataclass(frozen=True)
class Image:
    directory: Path
    command: tuple[str, ...]


def split(reference: str) -> tuple[str, str]:
    """Repository name without registry, and tag (or digest)."""
    name, at, digest = reference.partition("@")
    name, _, tag = name.rpartition("/")[2].partition(":")
    return name, (digest if at else tag) or "latest"


def find(reference: str, images: Path, app: Path) -> Image:
    """<images>/<repository>/<tag> if that exists, else the directory of app/ that the repository's name ends with.

    Raises NotRunnable, with the words of ECS, where there is neither.
    """
    repository, tag = split(reference)
    directories = [images / repository / tag, app / repository.rpartition("-")[2]]
    directory = next((each for each in directories if (each / "Dockerfile").is_file()), None)
    if directory is None:
        raise NotRunnable(
            "CannotPullContainerError: pull image manifest has been retried 1 time(s): failed to resolve ref "
            f"{reference}: {reference}: not found (no Dockerfile in {' or '.join(map(str, directories))})"
        )
    commands = CMD.findall((directory / "Dockerfile").read_text(encoding="utf-8"))
    if not commands:
        raise NotRunnable(f"CannotStartContainerError: {directory / 'Dockerfile'} has no CMD [...]")
    return Image(directory, tuple(json.loads(commands[-1])))
