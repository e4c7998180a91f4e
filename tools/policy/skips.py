"""The one list of checks that may fail."""

from __future__ import annotations

import tomllib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Any, Protocol, cast

from ops.core.errors import UserError

FILE = Path(__file__).parent / "skips.toml"
MOST = 12


class Failed(Protocol):
    """A check that failed on a resource."""

    @property
    def check(self) -> str: ...
    @property
    def stack(self) -> str: ...
    @property
    def address(self) -> str: ...


@dataclass(frozen=True)
class Skip:
    """One decision: these checks may fail on these resources, in every stack or in those named, and why."""

    checks: tuple[str, ...]
    resources: tuple[str, ...]
    """Addresses; * stands for any part of one."""
    why: str
    stacks: tuple[str, ...] = ("*",)

    def covers(self, result: Failed) -> bool:
        return (
            result.check in self.checks
            and any(fnmatchcase(result.address, pattern) for pattern in self.resources)
            and any(fnmatchcase(result.stack, pattern) for pattern in self.stacks)
        )

    def unused(self, failed: Sequence[Failed]) -> Iterator[str]:
        """Yield each check and resource that nothing fails on any more."""
        covered = [result for result in failed if self.covers(result)]
        yield from (check for check in self.checks if all(result.check != check for result in covered))
        for pattern in self.resources:
            if not any(fnmatchcase(result.address, pattern) for result in covered):
                yield f"{pattern} ({', '.join(self.checks)})"


def read(path: Path = FILE) -> list[Skip]:
    """Return the entries of the file; raises UserError if it is not one of skips."""
    try:
        entries = cast("list[dict[str, Any]]", tomllib.loads(path.read_text(encoding="utf-8"))["skip"])
    except (tomllib.TOMLDecodeError, KeyError) as error:
        raise UserError(f"{path}: got {error!r}, expected TOML with [[skip]] entries") from None
    return [_entry(path, entry) for entry in entries]


def _entry(path: Path, entry: dict[str, Any]) -> Skip:
    # A misspelt `stacks` would make a skip wider than it was meant.
    if not {"checks", "resources", "why"} <= entry.keys() <= {"checks", "resources", "why", "stacks"}:
        raise UserError(f"{path}: got an entry of {', '.join(entry)}; expected checks, resources, why, perhaps stacks")
    return Skip(
        checks=tuple(entry["checks"]),
        resources=tuple(entry["resources"]),
        why=str(entry["why"]).strip(),
        stacks=tuple(entry.get("stacks", ["*"])),
    )
