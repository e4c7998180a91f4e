"""What is measured: environments that may live side by side, every byte of the output, and main.py without laziness."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from environments.load import load
from tools.bench.child import disable_lazy_bindings
from tools.bench.environments import write_environments
from tools.bench.measure import ROOT, count_resources, digest, measure


def test_generated_environments_are_accepted_and_share_no_name(tmp_path: Path) -> None:
    write_environments(ROOT / "environments", tmp_path / "environments", 3)
    environments = load(tmp_path / "environments")
    assert [settings.environment for settings in environments] == ["e01", "e02", "e03"]
    for unique in (
        {settings.vpc_name for settings in environments},
        {settings.backend.key for settings in environments},
        {settings.backend.dynamodb_table for settings in environments},
    ):
        assert len(unique) == 3


def test_a_template_without_the_expected_line_is_refused(tmp_path: Path) -> None:
    (tmp_path / "staging.tfvars").write_text('environment = "staging"\n')
    (tmp_path / "staging.backend.conf").write_text("")
    with pytest.raises(ValueError, match="expected one line vpc_name"):
        write_environments(tmp_path, tmp_path / "environments", 1)


def test_the_digest_covers_each_byte_and_each_path(tmp_path: Path) -> None:
    digests: set[str] = set()
    for name, text in (("a", "x"), ("a", "y"), ("b", "y"), ("c/b", "y")):
        directory = tmp_path / str(len(digests))
        (directory / name).parent.mkdir(parents=True)
        (directory / name).write_text(text)
        digests.add(digest(directory))
    assert len(digests) == 4


def test_resources_are_counted_over_all_types() -> None:
    assert count_resources({"resource": {"aws_vpc": {"a": {}}, "aws_subnet": {"a": {}, "b": {}}}}) == 3
    assert count_resources({}) == 0


def test_plain_runs_the_same_program_with_an_install_that_does_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "lazy_bindings", None)
    disable_lazy_bindings()
    loaded = set(sys.modules)
    __import__("lazy_bindings").install()
    assert set(sys.modules) == loaded


def test_the_floor_is_an_app_with_one_empty_stack(tmp_path: Path) -> None:
    floor = measure("floor", "floor", 1, tmp_path)
    assert (floor.stacks, floor.resources) == (1, 0)


@pytest.mark.parametrize("runs", ["0", "-1", "many"])
def test_a_number_of_runs_below_one_is_a_usage_error(runs: str) -> None:
    command = [sys.executable, "-m", "tools.bench", "--lazy-runs", runs]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 2
    assert f"invalid positive value: '{runs}'" in done.stderr
