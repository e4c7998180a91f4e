"""Runs an auditor out of the auditors' own environment."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Mapping, Sequence
from pathlib import Path

from ops.core.errors import CommandError, UserError
from ops.core.paths import ROOT

ENVIRONMENT = ROOT / ".audit"


def run(
    name: str,
    arguments: Sequence[str],
    directory: Path,
    variables: Mapping[str, str],
    seconds: int,
    accepted: Sequence[int] = (0,),
) -> str:
    """What the program prints. Raises UserError where it is not installed, CommandError for another exit code."""
    program = ENVIRONMENT / "bin" / name
    if not program.exists():
        raise UserError(f"{program} is missing: `make audit` installs it")
    # Nobody's own configuration or credentials.
    own = {"PATH": os.environ.get("PATH", os.defpath), "HOME": str(directory), **variables}
    try:
        answer = subprocess.run(
            [program, *arguments], cwd=directory, env=own, capture_output=True, text=True, check=False, timeout=seconds
        )
    except subprocess.TimeoutExpired:
        raise CommandError(f"{name} did not end within {seconds} s; its folder is {directory}") from None
    # An exception in Python ends with 1 as well, and prints nothing.
    if answer.returncode not in accepted or (answer.returncode != 0 and not answer.stdout):
        text = (answer.stderr or answer.stdout).strip()
        raise CommandError(f"{name} ended with code {answer.returncode}:\n{text[-2000:]}")
    return answer.stdout
