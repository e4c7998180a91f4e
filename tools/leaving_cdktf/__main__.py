"""`python -m tools.leaving_cdktf`: exit code 1 if the fork's stacks differ otherwise than differences.toml says."""

from __future__ import annotations

import json
import sys
import tempfile
from collections.abc import Mapping
from pathlib import Path

import main
from ops.core.console import Display
from ops.core.errors import CommandError
from ops.core.paths import ROOT
from tools.leaving_cdktf import fork
from tools.leaving_cdktf.differences import (
    Comparison,
    Difference,
    allowed,
    compare,
)


def synthesize_both(display: Display) -> dict[str, Comparison]:
    """Compare each stack with itself under the fork."""
    with tempfile.TemporaryDirectory(prefix="leaving-cdktf-") as name:
        today, renamed = Path(name, "today"), Path(name, "renamed")
        with display.step("synthesize with CDKTF"):
            main.synthesize(ROOT / "environments", today)
        with display.step("rename, synthesize with the fork") as step:
            forks = fork.synthesize(renamed)
            step.note = f"{fork.size() / 1e9:.1f} GB in {fork.ENVIRONMENT.name}"
        return {stack: compare(*documents) for stack, documents in _documents(today / "stacks", forks).items()}


def _documents(*folders: Path) -> dict[str, list[object]]:
    """Each stack's document in each folder, an empty one where a folder lacks it."""
    names = sorted({path.parent.name for folder in folders for path in folder.glob("*/cdk.tf.json")})
    files = {name: [folder / name / "cdk.tf.json" for folder in folders] for name in names}
    return {name: [json.loads(each.read_text()) if each.exists() else {} for each in files[name]] for name in names}


def report(stacks: Mapping[str, Comparison], may: Mapping[Difference, str], display: Display) -> bool:
    """Print a line a stack, each other difference and each reason; whether nothing is left to do."""
    for stack, comparison in stacks.items():
        other = [each for each in comparison.differences if each not in may]
        counts = f"values: {comparison.values}, allowed to differ: {len(comparison.differences) - len(other)}"
        display.line(f"{stack:<12} {'DIFFERS' if other else 'the same'} ({counts})")
        for each in other:
            display.line(f"  {each}")
    found = {each for comparison in stacks.values() for each in comparison.differences}
    display.line("\nAllowed by tools/leaving_cdktf/differences.toml:")
    for each, why in may.items():
        display.line(f"  {each}\n    {why if each in found else 'UNUSED: it no longer occurs, take it out'}")
    return found == set(may)


def command() -> int:
    display = Display()
    try:
        may = allowed()
        return 0 if report(synthesize_both(display), may, display) else 1
    except CommandError as error:
        print(f"leaving_cdktf: {error}", file=sys.stderr)
        return error.exit_code


if __name__ == "__main__":
    sys.exit(command())
