"""Synthesizes a copy of the sources, renamed as a person would rename them, in the fork's own environment."""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path

from ops.core.errors import CommandError, UserError
from ops.core.paths import ROOT

ENVIRONMENT = ROOT / ".leaving-cdktf"
RENAME = Path(__file__).parent / "rename.sed"
OUTPUT = "cdktf.out"
SOURCES = ("main.py", "environments", "lazy_bindings", "modules", "stacks")


def synthesize(directory: Path) -> Path:
    """Copy the sources into a new directory, rename, run them and return the folder of stacks.

    Raises UserError without the environment, CommandError if the fork refuses the sources.
    """
    python = ENVIRONMENT / "bin" / "python"
    if not python.exists():
        raise UserError(f"{python} is missing: `make leaving-cdktf` installs it")
    directory.mkdir()
    for name in SOURCES:
        if (ROOT / name).is_dir():
            shutil.copytree(ROOT / name, directory / name, ignore=shutil.ignore_patterns("__pycache__"))
        else:
            shutil.copy(ROOT / name, directory)
    code = [path for path in directory.rglob("*") if path.suffix in (".py", ".cjs")]
    _run(["sed", "-i.bak", "-E", "-f", str(RENAME), *map(str, code)], directory)
    _run([str(python), "main.py"], directory)
    return directory / OUTPUT / "stacks"


def size() -> int:
    """How many bytes the fork takes on the disk, its unpacked bindings included."""
    return sum(path.lstat().st_size for path in ENVIRONMENT.rglob("*"))


def _run(command: list[str], directory: Path) -> None:
    # The bindings unpack to half a gigabyte: beside the environment, so that `make clean` finds it.
    own = {"JSII_RUNTIME_PACKAGE_CACHE_ROOT": str(ENVIRONMENT / "jsii"), "CDKTF_OUTDIR": OUTPUT}
    answer = subprocess.run(command, cwd=directory, env={**os.environ, **own}, check=False)
    if answer.returncode != 0:
        raise CommandError(f"the fork does not take the sources: {' '.join(command[:2])} ended with an error, above")
