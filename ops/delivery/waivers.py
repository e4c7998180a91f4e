"""Waivers: environments/<name>.waivers.toml, by which a change may delete what holds data.

[[waiver]]
address = "aws_dynamodb_table.items"
reason = "moved to another table on 2026-11-20, the copy is checked"
"""

from __future__ import annotations

import subprocess
import tomllib
from pathlib import Path
from typing import Any, cast

from ops.core.errors import UserError

KEYS = {"address", "reason"}


def path(environment: str) -> str:
    """The file, from the repository's root."""
    return f"environments/{environment}.waivers.toml"


def new(root: Path, file: str, base: str | None) -> dict[str, str]:
    """Reason by address of the waivers that the commit `base` does not have; raises UserError."""
    text = (root / file).read_text(encoding="utf-8") if (root / file).is_file() else ""
    given = parse(text, file)
    spent = parse(_at(root, base, file), f"{base}:{file}") if base else {}
    return {address: reason for address, reason in given.items() if spent.get(address) != reason}


def parse(text: str, where: str) -> dict[str, str]:
    """Reason by address; raises UserError with all that is wrong."""
    try:
        document = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise UserError(f"{where}: not TOML: {error}") from None
    found: dict[str, str] = {}
    problems = [f"unknown key {key!r}, expected [[waiver]]" for key in document if key != "waiver"]
    entries: Any = document.get("waiver", [])
    if not isinstance(entries, list):
        problems.append("waiver: expected [[waiver]], with two brackets")
        entries = []
    for number, entry in enumerate(cast("list[Any]", entries), start=1):
        if not isinstance(entry, dict) or {*cast("dict[str, Any]", entry)} != KEYS:
            problems.append(f"waiver {number}: expected address and reason and nothing else")
            continue
        values = cast("dict[str, Any]", entry)
        address, reason = str(values["address"]).strip(), str(values["reason"]).strip()
        if not address or len(reason) < 10:
            problems.append(f"waiver {number}: address and a reason of at least 10 characters are needed")
        found[address] = reason
    if problems:
        raise UserError("\n".join(f"{where}: {problem}" for problem in problems))
    return found


def _at(root: Path, commit: str, file: str) -> str:
    """The file's text in a commit; empty where that has none."""
    answer = subprocess.run(
        ["git", "cat-file", "-e", f"{commit}^{{commit}}"], cwd=root, capture_output=True, text=True, check=False
    )
    if answer.returncode != 0:
        raise UserError(
            f"--base {commit!r} is no commit of this checkout: {answer.stderr.strip()}; fetch it (fetch-depth: 0)"
        )
    shown = subprocess.run(["git", "show", f"{commit}:{file}"], cwd=root, capture_output=True, text=True, check=False)
    return shown.stdout if shown.returncode == 0 else ""
