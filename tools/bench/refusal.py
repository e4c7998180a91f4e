"""How long it takes to be told that a tfvars file is wrong."""

from __future__ import annotations

import os
import shutil
import statistics
import subprocess
import sys
import time
from pathlib import Path

from tools.bench.measure import ROOT, RunError

SYNTHESIZE = "import sys, pathlib, main; main.synthesize(pathlib.Path(sys.argv[1]))"


def refusal_seconds(runs: int, work: Path) -> float:
    """Return the median wall time of a run that ends with code 2; raises RunError if a run ends otherwise."""
    environments = work / "refused"
    shutil.copytree(ROOT / "environments", environments, ignore=shutil.ignore_patterns("*.py", "rules", "__pycache__"))
    tfvars = environments / "staging.tfvars"
    text = tfvars.read_text(encoding="utf-8")
    tfvars.write_text(text.replace("nat_gateways", "nat_gateway", 1), encoding="utf-8")
    walls: list[float] = []
    for _ in range(runs):
        started = time.perf_counter()
        done = subprocess.run(
            [sys.executable, "-c", SYNTHESIZE, str(environments)],
            cwd=work,
            env={**os.environ, "PYTHONPATH": str(ROOT)},
            capture_output=True,
            text=True,
            check=False,
        )
        walls.append(time.perf_counter() - started)
        if done.returncode != 2:
            raise RunError(f"a wrong file ended with exit code {done.returncode}, expected 2:\n{done.stderr[-2000:]}")
    return statistics.median(walls)
