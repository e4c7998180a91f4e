"""How two JSON documents differ, value by value, and which differences are allowed."""

from __future__ import annotations

import json
import tomllib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, cast

from ops.core.errors import UserError

FILE = Path(__file__).parent / "differences.toml"
NOTHING = "nothing"


@dataclass(frozen=True)
class Difference:
    """What is at one path of a stack's JSON today and under the fork, each as JSON."""

    path: str
    cdktf: str
    cdktn: str

    def __str__(self) -> str:
        return f"{self.path}: {self.cdktf} -> {self.cdktn}"


@dataclass(frozen=True)
class Comparison:
    """One stack's documents: how many values they have, and those that are not the same in both or only in one."""

    values: int
    differences: tuple[Difference, ...]


def compare(cdktf: object, cdktn: object) -> Comparison:
    before, after = dict(_values(cdktf)), dict(_values(cdktn))
    pairs = {path: (before.get(path, NOTHING), after.get(path, NOTHING)) for path in sorted({*before, *after})}
    found = (Difference(path, *pair) for path, pair in pairs.items() if pair[0] != pair[1])
    return Comparison(len(pairs), tuple(found))


def _values(value: object, path: str = "") -> Iterator[tuple[str, str]]:
    """Yield each path and its value as JSON, in which 1 is not true; an empty list or object is a value."""
    if isinstance(value, dict) and value:
        for key, item in cast("dict[str, object]", value).items():
            yield from _values(item, f"{path}.{key}" if path else key)
    elif isinstance(value, list) and value:
        for index, item in enumerate(cast("list[object]", value)):
            yield from _values(item, f"{path}[{index}]")
    else:
        yield path, json.dumps(value)


def allowed(path: Path = FILE) -> dict[Difference, str]:
    """The differences that may occur, each with its reason; raises UserError if the file is not one of them."""
    try:
        entries = cast("list[dict[str, Any]]", tomllib.loads(path.read_text(encoding="utf-8"))["difference"])
    except (tomllib.TOMLDecodeError, KeyError) as error:
        raise UserError(f"{path}: got {error!r}, expected TOML with [[difference]] entries") from None
    return dict(_entry(path, entry) for entry in entries)


def _entry(path: Path, entry: dict[str, Any]) -> tuple[Difference, str]:
    if not {"path", "why"} < entry.keys() <= {"path", "why", "cdktf", "cdktn"}:
        raise UserError(f"{path}: got an entry of {', '.join(entry)}; expected path, why and cdktf, cdktn or both")
    sides = (json.dumps(entry[side]) if side in entry else NOTHING for side in ("cdktf", "cdktn"))
    return Difference(entry["path"], *sides), entry["why"]
