"""The settings files: every problem of theirs is a row."""

from __future__ import annotations

from pathlib import Path

from environments.load import SettingsError, load
from environments.settings import Settings
from ops.checks.offline.findings import Finding, fail, passed


def read(directory: Path) -> tuple[tuple[Settings, ...], list[Finding]]:
    """The environments, none of them if one is bad, and what there is to say of the files."""
    try:
        loaded = load(directory)
    except SettingsError as error:
        return (), [_problem(line) for line in str(error).splitlines()]
    names = ", ".join(each.environment for each in loaded)
    return loaded, [passed(f"{directory.name}/*.tfvars", f"{names} load")]


def _problem(line: str) -> Finding:
    where, _, why = line.partition(": ")
    return fail(where, why)
