"""Copies of the shipped settings, in a work directory of their own."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.environments.support import SHIPPED, Files


@pytest.fixture
def files(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Files:
    """Staging and production as shipped."""
    copy = Files(tmp_path / "environments")
    copy.directory.mkdir()
    for path in [*SHIPPED.glob("*.tfvars"), *SHIPPED.glob("*.backend.conf")]:
        copy.write(path.name, path.read_bytes())
    monkeypatch.chdir(tmp_path)
    return copy


@pytest.fixture
def staging_only(files: Files) -> Files:
    """An account with one environment."""
    files.drop("production")
    return files
