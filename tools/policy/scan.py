"""Runs checkov, in its own environment, and reads its answer."""

from __future__ import annotations

import json
import os
import re
import subprocess
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any, cast

from ops.core.errors import CommandError, UserError
from ops.core.paths import ROOT
from tools.policy.inputs import Input

CHECKOV = ROOT / ".policy" / "bin" / "checkov"
SECONDS = 300
BLOCK = re.compile(r'( {1,3})"([^"]+)": \{')


@dataclass(frozen=True)
class Result:
    """One check of one resource; `keys` are the attributes it looked at."""

    stack: str
    source: str
    check: str
    name: str
    address: str
    passed: bool
    keys: tuple[str, ...]


def scan(inputs: Sequence[Input], directory: Path) -> list[Result]:
    """Check every file below the directory. Raises CommandError, also where too little was checked to mean anything."""
    by_path = {each.path.relative_to(directory).as_posix(): each for each in inputs}
    results: list[Result] = []
    for report in _reports(_run(directory)):
        found = report["results"]
        if found["parsing_errors"]:
            raise CommandError(f"checkov could not read {found['parsing_errors']}")
        if found["skipped_checks"]:
            ids = sorted({each["check_id"] for each in found["skipped_checks"]})
            raise CommandError(f"checkov skipped {', '.join(ids)} by itself: only tools/policy/skips.toml may")
        for key in ("passed_checks", "failed_checks"):
            for each in found[key]:
                results.append(_result(each, by_path[each["file_path"].lstrip("/")], key == "passed_checks"))
    refuse_too_few(inputs, results)
    return results


def refuse_too_few(inputs: Iterable[Input], results: Sequence[Result]) -> None:
    """Raise CommandError unless every file was checked, with more checks than it has resources."""
    for each in inputs:
        count = sum((result.stack, result.source) == (each.stack, each.source) for result in results)
        if not 0 < len(each.addresses) < count:
            raise CommandError(
                f"{each.stack}, {each.source}: only {count} checks for {len(each.addresses)} resources were made; "
                f"expected more, so this says nothing. Checkov's input is {each.path}"
            )


def _run(directory: Path) -> str:
    if not CHECKOV.exists():
        raise UserError(f"{CHECKOV} is missing: `make policy` installs it")
    command = [CHECKOV, "--directory", ".", "--framework", "terraform_json", "terraform_plan"]
    command += ["--output", "json", "--compact", "--skip-download"]
    environment = {
        "PATH": os.environ.get("PATH", os.defpath),
        # Nobody's .checkov.yaml: it could skip checks.
        "HOME": str(directory),
        # Forked, a worker that fails leaves checkov waiting for it for ever.
        "CHECKOV_PARALLELIZATION_TYPE": "none",
    }
    try:
        answer = subprocess.run(
            command, cwd=directory, env=environment, capture_output=True, text=True, check=False, timeout=SECONDS
        )
    except subprocess.TimeoutExpired:
        raise CommandError(f"checkov did not end within {SECONDS} s; its input is in {directory}") from None
    if not answer.stdout.lstrip().startswith(("{", "[")):
        raise CommandError(f"checkov ended with code {answer.returncode}:\n{answer.stderr.strip()[-2000:]}")
    return answer.stdout


def _reports(text: str) -> Iterator[dict[str, Any]]:
    """Yield one report per framework; checkov answers without a list where there is one, or nothing to check."""
    answer = json.loads(text)
    for report in cast("list[dict[str, Any]]", answer if isinstance(answer, list) else [answer]):
        if "results" in report:
            yield report


def _result(found: dict[str, Any], input_: Input, passed: bool) -> Result:
    return Result(
        stack=input_.stack,
        source=input_.source,
        check=found["check_id"],
        name=found["check_name"],
        address=_address(found, input_),
        passed=passed,
        keys=tuple(key.split("/")[0] for key in found["check_result"].get("evaluated_keys") or ()),
    )


def _address(found: dict[str, Any], input_: Input) -> str:
    """The resource's address; some checks of a stack's JSON tell only "resource.<name>" and the lines."""
    told: str = found["resource"]
    if not told.startswith("resource."):
        return told
    first, _ = found["file_line_range"]
    name = told.removeprefix("resource.")
    before = (address for line, address in reversed(_starts(input_.path)) if line <= first + 1)
    return next((address for address in before if address.endswith(f".{name}")), told)


@cache
def _starts(path: Path) -> list[tuple[int, str]]:
    """The line on which each resource of an indented stack begins."""
    starts: list[tuple[int, str]] = []
    at = ["", ""]
    for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), start=1):
        block = BLOCK.match(line)
        if block is None:
            continue
        depth, key = len(block[1]), block[2]
        if depth < 3:
            at[depth - 1] = key
        elif at[0] == "resource":
            starts.append((number, f"{at[1]}.{key}"))
    return starts
