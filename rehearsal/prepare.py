"""Makes what the programs of app/ need before they run: packages, generated code, the built page."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Iterable
from pathlib import Path
from typing import Any, cast

from ops.core.console import Display
from ops.core.errors import CommandError, UserError
from ops.core.paths import Work
from rehearsal.tools import find_tools

# What a step makes, and what it is made of.
PACKAGES = ("node_modules/.package-lock.json", ("package-lock.json",))
SCRIPTS = {
    "generate": ("node_modules/.prisma/client/index.js", ("node_modules/.package-lock.json", "prisma/schema.prisma")),
    "build": (
        "dist/index.html",
        ("node_modules/.package-lock.json", "index.html", "vite.config.js", "src/**/*", "public/**/*"),
    ),
}


def prepare(app: Path, display: Display, work: Work) -> None:
    """Run the steps that are due in every directory of app/ with a Dockerfile; raises UserError, CommandError."""
    directories = sorted(path.parent for path in app.glob("*/Dockerfile"))
    if not directories:
        raise UserError(f"{app} has no program to rehearse: expected {app / 'api'} and {app / 'frontend'}")
    find_tools()
    for directory in directories:
        if is_due(directory, *PACKAGES):
            _run(directory, ["npm", "ci", "--no-audit", "--no-fund", "--loglevel=error"], "packages", display, work)
        package = cast("dict[str, Any]", json.loads((directory / "package.json").read_text(encoding="utf-8")))
        for script, (made, sources) in SCRIPTS.items():
            if script in package["scripts"] and is_due(directory, made, sources):
                _run(directory, ["npm", "run", "--silent", script], script, display, work)


def is_due(directory: Path, made: str, sources: Iterable[str]) -> bool:
    """Whether the file does not exist or is older than one of its sources."""
    target = directory / made
    if not target.exists():
        return True
    age = target.stat().st_mtime
    return any(source.stat().st_mtime > age for pattern in sources for source in directory.glob(pattern))


def _run(directory: Path, command: list[str], what: str, display: Display, work: Work) -> None:
    log = work.log(f"app-{directory.name}-{what}")
    log.parent.mkdir(parents=True, exist_ok=True)
    with display.step(f"app/{directory.name}: {what}"), log.open("w", encoding="utf-8") as output:
        answer = subprocess.run(command, cwd=directory, stdin=subprocess.DEVNULL, stdout=output, stderr=output)
        if answer.returncode != 0:
            output.flush()
            tail = "\n".join(log.read_text(encoding="utf-8", errors="replace").splitlines()[-10:])
            raise CommandError(f"`{' '.join(command)}` failed in {directory}\n{tail}\nlog: {log}")
