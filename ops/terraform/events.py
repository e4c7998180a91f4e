"""Terraform's machine-readable messages (`-json`, one object a line): what went wrong, how far an apply is."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, cast

Progress = Callable[[int, int, str], None]
"""Called with resources done, resources in all (0 if unknown), address of the last one touched."""

BOX = re.compile(r"^[╷│╵] ?")


def ignore_progress(_done: int, _total: int, _what: str) -> None:
    """For callers without a display."""


@dataclass
class Changes:
    """What a plan would do, in resources."""

    add: int = 0
    change: int = 0
    remove: int = 0
    any: bool = False
    """Also true where only an output changes."""
    imports: int = 0
    """Of objects that exist; most change nothing."""

    @property
    def total(self) -> int:
        return self.add + self.change + self.remove

    def __str__(self) -> str:
        imports = f"{self.imports} to import, " if self.imports else ""
        return f"{imports}{self.add} to add, {self.change} to change, {self.remove} to destroy"


@dataclass
class Events:
    """Reads the messages of one command."""

    progress: Progress = ignore_progress
    total: int = 0
    done: int = 0
    errors: list[str] = field(default_factory=list[str])
    summary: Changes = field(default_factory=Changes)

    def read(self, line: str) -> None:
        try:
            parsed: object = json.loads(line)
        except ValueError:
            return
        if not isinstance(parsed, dict):
            return
        message = cast("dict[str, Any]", parsed)
        match message.get("type"):
            case "apply_start" | "apply_progress":
                self.progress(self.done, self.total, message["hook"]["resource"]["addr"])
            case "apply_complete" | "apply_errored":
                self.done += message["type"] == "apply_complete"
                self.progress(self.done, self.total, message["hook"]["resource"]["addr"])
            case "refresh_start" | "planned_change":
                self.progress(0, 0, (message.get("hook") or message["change"])["resource"]["addr"])
            case "change_summary":
                counts = message["changes"]
                self.summary = Changes(
                    counts["add"], counts["change"], counts["remove"], imports=counts.get("import", 0)
                )
                if counts.get("operation") == "plan" and not self.total:
                    self.total = self.summary.total
            case "diagnostic" if message["diagnostic"]["severity"] == "error":
                self.errors.append(diagnostic_text(message["diagnostic"]))
            case _:
                pass


def diagnostic_text(diagnostic: dict[str, Any]) -> str:
    """One error: its summary, the resource, and the details indented below."""
    address = diagnostic.get("address")
    head = f"Error: {diagnostic['summary']}" + (f" ({address})" if address else "")
    detail = str(diagnostic.get("detail") or "").strip()
    return "\n".join([head, *(f"  {line}".rstrip() for line in detail.splitlines())])


def plain_errors(output: str) -> str:
    """The error part of a command's human output, without its box."""
    lines = [BOX.sub("", line).rstrip() for line in output.splitlines()]
    first = next((index for index, line in enumerate(lines) if line.startswith("Error:")), None)
    return "\n".join(lines[first:] if first is not None else lines[-15:]).strip()
