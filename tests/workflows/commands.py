"""What a step tells GitHub by the files it writes, and the secrets that must not be in what it shows."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from tests.workflows.model import WorkflowError


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
        names = ("GITHUB_OUTPUT", "GITHUB_ENV", "GITHUB_PATH", "GITHUB_STEP_SUMMARY")
        self._files = {name: directory / name for name in names}
        for path in self._files.values():
            path.touch()
        self.variables = {name: str(path) for name, path in self._files.items()}

    def read(self) -> Said:
        """Raises WorkflowError on a line that GitHub cannot read."""
        content = {name: path.read_text() for name, path in self._files.items()}
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
    for line in filter(None, lines):
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
        self._names = {value: name for name, value in secrets.items() if value}

    def found(self, text: str) -> list[str]:
        """The names of the secrets that occur."""
        return sorted(name for value, name in self._names.items() if value in text)

    def mask(self, text: str) -> str:
        for value in sorted(self._names, key=len, reverse=True):
            text = text.replace(value, "***")
        return text
