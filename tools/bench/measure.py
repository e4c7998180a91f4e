"""Runs a program several times in fresh processes and keeps its median time, peak memory and output."""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import statistics
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

ROOT = Path(__file__).resolve().parents[2]
Program = Literal["lazy", "plain", "floor"]


class RunError(Exception):
    """A measured program ended with an error; the text has the end of its stderr."""


@dataclass(frozen=True, slots=True)
class Measurement:
    """One program: times are medians of its runs in seconds, memory is the highest peak in MiB.

    Processor time is Python's and Node's together: of the two times the one that other work on the machine moves less.
    """

    label: str
    runs: int
    wall_s: float
    cpu_s: float
    python_mib: float
    node_mib: float
    stacks: int
    resources: int
    output_sha256: tuple[str, ...]
    """Digest of the whole output: one element, unless runs differed."""


def measure(label: str, program: Program, runs: int, work: Path, environments: Path | None = None) -> Measurement:
    """Run the program in work; raises RunError if a run fails."""
    walls: list[float] = []
    usages: list[dict[str, float]] = []
    digests: set[str] = set()
    for _ in range(runs):
        shutil.rmtree(work / "cdktf.out", ignore_errors=True)
        started = time.perf_counter()
        _run(program, work, environments)
        walls.append(time.perf_counter() - started)
        usages.append(json.loads((work / "usage.json").read_text(encoding="utf-8")))
        digests.add(digest(work / "cdktf.out"))
    documents = [json.loads(path.read_text(encoding="utf-8")) for path in work.glob("cdktf.out/stacks/*/cdk.tf.json")]
    if not documents:
        raise RunError(f"{program} wrote no cdktf.out/stacks/*/cdk.tf.json in {work}")
    return Measurement(
        label=label,
        runs=runs,
        wall_s=statistics.median(walls),
        cpu_s=statistics.median(usage["cpu_s"] for usage in usages),
        python_mib=max(usage["python_mib"] for usage in usages),
        node_mib=max(usage["node_mib"] for usage in usages),
        stacks=len(documents),
        resources=sum(map(count_resources, documents)),
        output_sha256=tuple(sorted(digests)),
    )


def _run(program: Program, work: Path, environments: Path | None) -> None:
    command = [sys.executable, "-m", "tools.bench.child", str(work / "usage.json"), program]
    if environments is not None:
        command.append(str(environments))
    environ = {**os.environ, "PYTHONPATH": str(ROOT)}
    environ.pop("CDKTF_OUTDIR", None)
    done = subprocess.run(command, cwd=work, env=environ, capture_output=True, text=True, check=False)
    if done.returncode != 0:
        raise RunError(f"{program} ended with exit code {done.returncode}:\n{done.stderr[-2000:]}")


def digest(directory: Path) -> str:
    """Hash every file's path and bytes."""
    total = hashlib.sha256()
    for path in sorted(path for path in directory.rglob("*") if path.is_file()):
        total.update(f"{path.relative_to(directory).as_posix()}\0{path.stat().st_size}\0".encode())
        total.update(path.read_bytes())
    return total.hexdigest()


def count_resources(document: dict[str, Any]) -> int:
    return sum(len(named) for named in document.get("resource", {}).values())
