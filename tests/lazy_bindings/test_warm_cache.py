"""`python -m lazy_bindings` ends only when jsii's index is there, and says what it did."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from lazy_bindings import __main__ as warming


def entry(package: Path, digest: str, used: float, *, indexed: bool) -> None:
    directory = package / digest
    directory.mkdir(parents=True)
    marker = directory / warming.ENTRY_MARKER
    marker.touch()
    os.utime(marker, (used, used))
    if indexed:
        (directory / ".jsii.runtime.v1.json").touch()


def test_warming_writes_the_index_of_every_package_and_the_second_time_finds_it(
    write_stand_in: Callable[[Path], None], tmp_path: Path
) -> None:
    write_stand_in(tmp_path / "site")
    root = tmp_path / "cache"
    environ = {
        **os.environ,
        "PYTHONPATH": os.pathsep.join([str(tmp_path / "site"), str(Path(warming.__file__).parents[1])]),
        "JSII_RUNTIME_PACKAGE_CACHE_ROOT": str(root),
    }
    command = [sys.executable, "-m", "lazy_bindings"]
    first, second = (subprocess.check_output(command, env=environ, text=True, cwd=tmp_path) for _ in range(2))
    assert first.startswith(f"lazy_bindings: warmed {root} in ")
    assert second == f"lazy_bindings: already warm: {root}\n"
    indexed = {path.relative_to(root).parts[0] for path in root.rglob(warming.INDEX_PATTERN)}
    assert indexed == {"@cdktf", "cdktf", "constructs"}


def test_an_index_counts_only_in_the_entry_used_last(tmp_path: Path) -> None:
    entry(tmp_path, "older", used=1, indexed=True)
    assert warming.has_index(tmp_path)
    entry(tmp_path, "newer", used=2, indexed=False)
    assert not warming.has_index(tmp_path)


def test_nothing_is_loaded_when_the_cache_is_off(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("JSII_RUNTIME_PACKAGE_CACHE", "disabled")
    assert warming.warm(time_limit=0).startswith("nothing to warm")


def test_the_cache_follows_its_variable(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("JSII_RUNTIME_PACKAGE_CACHE_ROOT", str(tmp_path))
    assert warming.cache_root() == tmp_path
