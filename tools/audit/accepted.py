"""The one list of findings that may be, each with its reason and whose it is."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from pathlib import Path
from typing import Any, cast

from ops.core.errors import UserError
from tools.policy.skips import Skip

FILE = Path(__file__).parent / "accepted.toml"
HEADER = "[[accepted]]"
WHOSE = {
    "platform": "the project decides so",
    "account": "whoever owns the account decides that, no stack",
    "emulator": "the emulator's own: AWS would answer otherwise",
}
LISTS = ("checks", "resources", "stacks")


@dataclass(frozen=True)
class Accepted(Skip):
    """One decision: these checks may fail on these resources, whose finding that is, and why."""

    whose: str = "platform"


def read(path: Path = FILE) -> list[Accepted]:
    """Return the entries of the file; raises UserError with the line of one that is none."""
    text = path.read_text(encoding="utf-8")
    try:
        document = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise UserError(f"{path}: {error}; expected TOML with {HEADER} entries") from None
    if document.keys() != {"accepted"}:
        raise UserError(f"{path}: got {', '.join(document) or 'nothing'}; expected {HEADER} entries alone")
    entries = cast("list[dict[str, Any]]", document["accepted"])
    lines = [number for number, line in enumerate(text.splitlines(), start=1) if line.strip() == HEADER]
    return [_entry(f"{path}:{line}", entry) for line, entry in zip(lines, entries, strict=True)]


def _entry(where: str, entry: dict[str, Any]) -> Accepted:
    # A misspelt `stacks` would make an entry wider than it was meant.
    if not {"checks", "resources", "whose", "why"} <= entry.keys() <= {*LISTS, "whose", "why"}:
        raise UserError(
            f"{where}: got an entry of {', '.join(entry) or 'nothing'}; expected checks, resources, whose, why, "
            "perhaps stacks"
        )
    for key in LISTS:
        value = entry.get(key, ["*"])
        if not (isinstance(value, list) and value and all(isinstance(each, str) for each in cast("list[Any]", value))):
            raise UserError(f"{where}: {key}: got {value!r}; expected a list of texts")
    if entry["whose"] not in WHOSE:
        raise UserError(f"{where}: whose: got {entry['whose']!r}; expected one of {', '.join(WHOSE)}")
    if not (isinstance(entry["why"], str) and entry["why"].strip()):
        raise UserError(f"{where}: why: got {entry['why']!r}; expected the reason: say it, or mend what is found")
    return Accepted(
        checks=tuple(entry["checks"]),
        resources=tuple(entry["resources"]),
        why=entry["why"].strip(),
        stacks=tuple(entry.get("stacks", ["*"])),
        whose=entry["whose"],
    )
