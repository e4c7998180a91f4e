"""`python -m tools.bench`: measure the shipped stacks and more environments; exit code 1 if the outputs differ."""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import tempfile
from pathlib import Path

from tools.bench.environments import write_environments
from tools.bench.measure import (
    ROOT,
    Measurement,
    Program,
    RunError,
    measure,
)
from tools.bench.refusal import refusal_seconds
from tools.bench.report import HEADER, Report, row

SIZES_AND_RUNS = ((1, 3), (10, 3), (50, 1))


def benchmark(lazy_runs: int, plain_runs: int, work: Path) -> Report:
    """Take every measurement in work and print it at once; raises RunError if a program fails."""

    def show(label: str, program: Program, runs: int, environments: Path | None = None) -> Measurement:
        measurement = measure(label, program, runs, work, environments)
        print(row(measurement), flush=True)
        return measurement

    # Without jsii's index the first runs would measure its absence.
    subprocess.run([sys.executable, "-m", "lazy_bindings"], cwd=ROOT, stdout=subprocess.DEVNULL, check=True)
    print(HEADER, flush=True)
    floor = show("floor: an empty app", "floor", lazy_runs)
    lazy = show("shipped stacks, lazy", "lazy", lazy_runs)
    plain = show("shipped stacks, plain", "plain", plain_runs)
    growth: list[tuple[int, Measurement]] = []
    for size, runs in SIZES_AND_RUNS:
        directory = work / f"environments-{size}"
        write_environments(ROOT / "environments", directory, size)
        growth.append((size, show(f"lazy, environments: {size}", "lazy", runs, directory)))
    return Report(floor, lazy, plain, tuple(growth), refusal_seconds(lazy_runs, work))


def positive(text: str) -> int:
    """Parse a number of runs; argparse turns the error into its usage message."""
    if int(text) < 1:
        raise ValueError(text)
    return int(text)


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tools.bench", description=__doc__)
    parser.add_argument("--lazy-runs", type=positive, default=5, metavar="N", help="runs of the median (default 5)")
    parser.add_argument("--plain-runs", type=positive, default=2, metavar="N", help="plain imports' (default 2)")
    parser.add_argument("--json", type=Path, metavar="FILE", help="write the results there too")
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="bench-") as work:
        try:
            report = benchmark(arguments.lazy_runs, arguments.plain_runs, Path(work))
        except (RunError, subprocess.CalledProcessError, ValueError) as error:
            print(f"bench: {error}", file=sys.stderr)
            return 2
    print(report.conclusions())
    if arguments.json:
        arguments.json.write_text(json.dumps(report.as_json(), indent=2) + "\n", encoding="utf-8")
    return 0 if report.same_bytes else 1


if __name__ == "__main__":
    sys.exit(main())
