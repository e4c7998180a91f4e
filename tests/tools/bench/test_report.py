"""The benchmark's conclusions follow from its measurements, and only differing outputs make it fail."""

from __future__ import annotations

import json
import sys
from dataclasses import replace
from pathlib import Path

import pytest

import tools.bench.__main__ as command
from tools.bench.measure import Measurement
from tools.bench.report import Report


def measurement(wall_s: float, *digests: str) -> Measurement:
    return Measurement(
        label="a label",
        runs=1,
        wall_s=wall_s,
        cpu_s=wall_s,
        python_mib=35.0,
        node_mib=143.0,
        stacks=3,
        resources=375,
        output_sha256=digests or ("same",),
    )


def report(growth: tuple[float, float, float] = (1.0, 2.8, 10.8)) -> Report:
    sizes = zip((1, 10, 50), map(measurement, growth), strict=True)
    return Report(measurement(0.5), measurement(1.5), measurement(15.0), tuple(sizes), refusal_s=0.3)


def test_ratio_and_slopes_are_met_by_a_linear_synth() -> None:
    linear = report()
    assert linear.ratio == pytest.approx(10.0)
    assert linear.slopes == (pytest.approx(0.2), pytest.approx(0.2))
    assert linear.slope == pytest.approx(0.2)
    assert linear.conclusions().count(": met") == 3
    assert "linear: yes" in linear.conclusions()


def test_a_quadratic_synth_is_told_apart_and_misses_the_target() -> None:
    quadratic = report(growth=(1.0, 2.0, 26.0))
    assert not quadratic.linear
    assert "an extra environment: 0.51 s, target 0.4 s: not met" in quadratic.conclusions()


@pytest.mark.parametrize(("lazy", "plain"), [(("a",), ("b",)), (("a", "b"), ("a",)), (("a",), ("a", "b"))])
def test_any_differing_run_is_not_the_same_bytes(lazy: tuple[str, ...], plain: tuple[str, ...]) -> None:
    differing = replace(report(), lazy=measurement(1.5, *lazy), plain=measurement(15.0, *plain))
    assert not differing.same_bytes


def run_command(monkeypatch: pytest.MonkeyPatch, result: Report, *arguments: str) -> int:
    def benchmark(lazy_runs: int, plain_runs: int, work: Path) -> Report:
        return result

    monkeypatch.setattr(command, "benchmark", benchmark)
    monkeypatch.setattr(sys, "argv", ["bench", *arguments])
    return command.main()


def test_a_missed_target_is_reported_and_is_no_error(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    slow = replace(report(), plain=measurement(3.0))
    assert run_command(monkeypatch, slow, "--json", str(tmp_path / "bench.json")) == 0
    written = json.loads((tmp_path / "bench.json").read_text())
    assert written["ratio"] == pytest.approx(2.0)
    assert [size["environments"] for size in written["growth"]] == [1, 10, 50]


def test_differing_outputs_are_an_error(monkeypatch: pytest.MonkeyPatch) -> None:
    assert run_command(monkeypatch, replace(report(), plain=measurement(15.0, "other"))) == 1
