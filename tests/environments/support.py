"""A copy of the shipped settings files that a test may edit."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from environments.load import SettingsError, load
from environments.settings import Settings

SHIPPED = Path(__file__).parents[2] / "environments"


@dataclass(frozen=True)
class Files:
    """The files of a directory called environments, below the current one."""

    directory: Path

    def path(self, name: str) -> Path:
        return self.directory / name

    def text(self, name: str) -> str:
        return self.path(name).read_text()

    def write(self, name: str, content: str | bytes) -> None:
        self.path(name).write_bytes(content if isinstance(content, bytes) else content.encode())

    def replace(self, name: str, old: str, new: str) -> None:
        text = self.text(name)
        assert text.count(old) == 1, f"{old!r} is {text.count(old)} times in {name}"
        self.write(name, text.replace(old, new))

    def set(self, values: Mapping[str, str], environment: str = "staging") -> None:
        """Write values, as HCL has them, behind dotted keys; `backend.key` is the key `key` of backend.conf."""
        for key, value in values.items():
            name, plain = self._file(key, environment)
            self.write(name, with_value(self.text(name), plain, value))

    def remove(self, key: str) -> None:
        """Empty a key's line in staging."""
        name, plain = self._file(key, "staging")
        self.write(name, with_line(self.text(name), plain, ""))

    def copy(self, old: str, new: str) -> None:
        """Copy an environment under another name, with what must differ."""
        for suffix in (".tfvars", ".backend.conf"):
            text = self.text(f"{old}{suffix}").replace(f'"{old}"', f'"{new}"')
            text = text.replace(f"/{old}/", f"/{new}/").replace(f'-{old}"', f'-{new}"')
            self.write(f"{new}{suffix}", text)
        self.set({"vpc_name": f'"{new}-vpc"'}, new)

    def drop(self, environment: str) -> None:
        for suffix in (".tfvars", ".backend.conf"):
            self.path(f"{environment}{suffix}").unlink()

    def load(self) -> tuple[Settings, ...]:
        return load(self.directory)

    def refusal(self) -> list[str]:
        """The messages that loading ends in."""
        try:
            self.load()
        except SettingsError as error:
            return str(error).splitlines()
        return []

    def place(self, finding: str, environment: str = "staging") -> str:
        """Put file and line before a message that begins with a key, as a refusal has them."""
        key, _, text = finding.partition(": ")
        name, plain = self._file(key, environment)
        return f"environments/{name}:{line_of(self.text(name), plain)}: {plain}: {text}"

    def _file(self, key: str, environment: str) -> tuple[str, str]:
        if key.startswith("backend."):
            return f"{environment}.backend.conf", key.removeprefix("backend.")
        return f"{environment}.tfvars", key


def line_of(text: str, key: str) -> int:
    """The line on which a dotted key is set; an item's line is that of its list or object."""
    *parents, last = re.sub(r"\[\d+\]$", "", re.sub(r"^tags\..*", "tags", key)).split(".")
    lines = text.splitlines()
    start = 0
    for part in parents:
        start = next(i for i, line in enumerate(lines) if i >= start and re.match(rf"\s*{part} += ", line))
    return next(i for i, line in enumerate(lines) if i >= start and re.match(rf"\s*{last} += ", line)) + 1


def stands(text: str, key: str) -> bool:
    """Whether a dotted key is set; an optional one need not be."""
    try:
        line_of(text, key)
    except StopIteration:
        return False
    return True


def with_value(text: str, key: str, value: str) -> str:
    """The text in which a dotted key has another value, as HCL has it."""
    written = text.split("\n")[line_of(text, key) - 1]
    return with_line(text, key, f"{written.split('=')[0]}= {value}")


def with_line(text: str, key: str, line: str) -> str:
    """The text in which another line stands in place of a key's."""
    lines = text.split("\n")
    lines[line_of(text, key) - 1] = line
    return "\n".join(lines)
