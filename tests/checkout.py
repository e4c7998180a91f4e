"""A fresh clone of this repository, uncommitted changes included, with what its commands would install linked."""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path

from tests.support import ROOT

# Made by commands that git does not record; shared, since making them anew takes minutes.
SHARED = (".venv", ".tools", "node_modules", "app/api/node_modules", "app/frontend/node_modules", "app/frontend/dist")


def clone(checkout: Path) -> None:
    """Copy what git has, or would have, of this repository and commit it as main."""
    listed = subprocess.run(
        ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
        cwd=ROOT, capture_output=True, text=True, check=True,
    ).stdout  # fmt: skip
    for name in filter(None, listed.split("\0")):
        if (ROOT / name).is_file():
            (checkout / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(ROOT / name, checkout / name)
    for name in SHARED:
        if (ROOT / name).exists():
            (checkout / name).symlink_to(ROOT / name)
    # Older than what was made of them: nothing is installed anew.
    for name in ("Pipfile.lock", "package-lock.json"):
        os.utime(checkout / name, (0, 0))
    git(checkout, "init", "--quiet", "--initial-branch", "main")
    (checkout / ".git/info/exclude").write_text("".join(f"/{name}\n" for name in SHARED))
    commit(checkout, "Begin")


def commit(checkout: Path, message: str) -> None:
    git(checkout, "add", "--all")
    git(checkout, "commit", "--quiet", "--allow-empty", "--message", message)


def git(checkout: Path, *arguments: str) -> str:
    command = ["git", "-c", "user.name=Ann", "-c", "user.email=ann@example.com", *arguments]
    return subprocess.run(command, cwd=checkout, capture_output=True, text=True, check=True).stdout.strip()
