"""What a step tells GitHub: the files it writes, the values it asks to mask, and the masking of its log."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from tests.workflows.model import WorkflowError

_MASK = re.compile(r"^::add-mask::(.*)$")
_ESCAPES = {"%0D": "\r", "%0A": "\n", "%25": "%"}


@dataclass
class Said:
    """What one step wrote to its files."""

    outputs: dict[str, str] = field(default_factory=dict)
    env: dict[str, str] = field(default_factory=dict)
    path: list[str] = field(default_factory=list)
    summary: str = ""


class CommandFiles:
    """The four files of one step, and the variables that name them."""

    def __init__(self, directory: Path) -> None:
        names = {"GITHUB_OUTPUT": "output", "GITHUB_ENV": "env", "GITHUB_PATH": "path"}
        names["GITHUB_STEP_SUMMARY"] = "summary"
        self._files = {variable: directory / name for variable, name in names.items()}
        for path in self._files.values():
            path.touch()
        self.variables = {variable: str(path) for variable, path in self._files.items()}

    def read(self) -> Said:
        """Raises WorkflowError on a line that GitHub cannot read."""
        content = {variable: path.read_text() for variable, path in self._files.items()}
        return Said(
            outputs=parse(content["GITHUB_OUTPUT"]),
            env=parse(content["GITHUB_ENV"]),
            path=content["GITHUB_PATH"].splitlines(),
            summary=content["GITHUB_STEP_SUMMARY"],
        )


def parse(content: str) -> dict[str, str]:
    """Lines of `name=value`, or `name<<DELIMITER` and the lines up to the delimiter."""
    values: dict[str, str] = {}
    lines = iter(content.split("\n"))
    for line in lines:
        if not line:
            continue
        name, *value = re.split("(=|<<)", line, maxsplit=1)
        if not name or not value:
            raise WorkflowError(f"Invalid format '{line}'")
        sign, rest = value
        values[name] = rest if sign == "=" else "\n".join(_until(rest, lines))
    return values


def _until(delimiter: str, lines: Iterator[str]) -> Iterator[str]:
    for line in lines:
        if line == delimiter:
            return
        yield line
    raise WorkflowError(f"Matching delimiter not found '{delimiter}'")


class Masker:
    """Knows what a job must not show."""

    def __init__(self, secrets: Mapping[str, str]) -> None:
        self._names: dict[str, str] = {}
        for name, value in secrets.items():
            self.add(name, value)

    def add(self, name: str, value: str) -> None:
        """GitHub masks the lines of a value too: a log is written line by line."""
        for each in (value, *value.splitlines()):
            if each.strip():
                self._names.setdefault(each, name)

    def found(self, text: str) -> set[str]:
        """The names of the values that occur."""
        return {name for value, name in self._names.items() if value in text}

    def mask(self, text: str) -> str:
        for value in sorted(self._names, key=len, reverse=True):
            text = text.replace(value, "***")
        return text

    def log(self, raw: str) -> tuple[str, set[str]]:
        """A step's output as GitHub shows it, and the names of what was masked; heeds `::add-mask::`."""
        shown: list[str] = []
        found: set[str] = set()
        for line in raw.splitlines():
            if command := _MASK.match(line):
                self.add("add-mask", re.sub("%0D|%0A|%25", lambda escape: _ESCAPES[escape[0]], command[1]))
                continue
            found |= self.found(line)
            shown.append(self.mask(line))
        return "\n".join(shown), found
