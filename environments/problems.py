"""What is wrong with a settings file, and how it is said."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

LONGEST_QUOTE = 100


@dataclass(frozen=True, slots=True)
class Problem:
    """One fault: file, line (0: the file as a whole), key ("": no key) and what was got and expected."""

    path: Path
    line: int
    key: str
    text: str

    @property
    def place(self) -> str:
        return f"{_shown(self.path)}:{self.line}" if self.line else _shown(self.path)

    def __str__(self) -> str:
        return _printable(": ".join(part for part in (self.place, short(self.key), self.text) if part))


class SettingsError(Exception):
    """Every problem of every settings file, one a line, in the order of the files' lines."""

    def __init__(self, problems: Iterable[Problem]) -> None:
        ordered = sorted(dict.fromkeys(problems), key=lambda problem: (str(problem.path), problem.line))
        super().__init__("\n".join(str(problem) for problem in ordered))


def short(text: str) -> str:
    """Cut text that would fill the screen."""
    return text if len(text) <= LONGEST_QUOTE else text[:LONGEST_QUOTE] + "..."


def quote(text: str) -> str:
    """Show text as HCL would have it, on one line and not endless."""
    return json.dumps(short(text), ensure_ascii=False)


def listed(items: Iterable[object], last: str = "and") -> str:
    """Join items as a sentence does: a, b and c."""
    *head, tail = [str(item) for item in items]
    return f"{', '.join(head)} {last} {tail}" if head else tail


def counted(count: int, thing: str) -> str:
    """Say how many: 1 zone, 2 zones."""
    return f"{count} {thing}" if count == 1 else f"{count} {thing}s"


def _printable(text: str) -> str:
    """Escape what a terminal would obey or hide, a new line above all."""
    return "".join(each if each.isprintable() else each.encode("unicode_escape").decode() for each in text)


def _shown(path: Path) -> str:
    absolute = path.absolute()
    here = Path.cwd()
    return str(absolute.relative_to(here) if absolute.is_relative_to(here) else absolute)
