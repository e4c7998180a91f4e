"""The settings of the environments: reading them all, choosing one."""

from __future__ import annotations

from pathlib import Path

from environments.load import load_or_exit
from environments.settings import Settings
from ops.core.errors import UserError
from ops.core.paths import ROOT


def load_settings(directory: Path = ROOT / "environments") -> tuple[Settings, ...]:
    """All environments; a bad file ends the program with its own messages and code 2."""
    return load_or_exit(directory)


def choose(name: str, known: tuple[Settings, ...]) -> Settings:
    """The settings of one environment; raises UserError with the names there are."""
    for settings in known:
        if settings.environment == name:
            return settings
    names = ", ".join(settings.environment for settings in known)
    raise UserError(f"no environment {name!r}; expected one of: {names} (one environments/<name>.tfvars each)")
