"""What a command tells the GitHub Actions job that it runs in; outside of one, nothing happens."""

from __future__ import annotations

import os
import secrets
import sys
from collections.abc import Mapping
from pathlib import Path

ACTIONS, OUTPUT, SUMMARY = "GITHUB_ACTIONS", "GITHUB_OUTPUT", "GITHUB_STEP_SUMMARY"


def outputs(values: Mapping[str, object]) -> None:
    """Set the step's outputs. Source: "Setting an output parameter", GitHub's workflow commands."""
    for name, value in values.items():
        text = str(value)
        # A delimiter that cannot be in the value: otherwise a value could set other outputs.
        delimiter = f"end-{secrets.token_hex(8)}"
        _append(OUTPUT, f"{name}<<{delimiter}\n{text}\n{delimiter}\n" if "\n" in text else f"{name}={text}\n")


def summary(markdown: str) -> None:
    """Add to the page that GitHub shows for the job."""
    _append(SUMMARY, f"{markdown.rstrip()}\n\n")


def failure(command: str, text: str) -> None:
    """Say on that page why a command failed."""
    summary(f"**`{command}` failed**\n\n{fenced(text)}")


def warning(title: str, where: str, text: str) -> None:
    """Annotate the run, and the line of the change where `where` is file:line.

    On standard error, which the runner reads too: standard output may be JSON. Source: "Setting a warning message",
    GitHub's workflow commands; the escapes are those of @actions/core.
    """
    if os.environ.get(ACTIONS) != "true":
        return
    file, _, line = where.rpartition(":")
    at = {"file": file, "line": line} if file and line.isdecimal() else {}
    properties = ",".join(f"{key}={_escaped(value, ':,')}" for key, value in {**at, "title": title}.items())
    print(f"::warning {properties}::{_escaped(f'{where}: {text}')}", file=sys.stderr)


def fenced(text: str, language: str = "") -> str:
    """A block that nothing in the text can end."""
    fence = "```"
    while fence in text:
        fence += "`"
    return f"{fence}{language}\n{text.strip()}\n{fence}"


def _escaped(text: str, more: str = "") -> str:
    for character in f"%\r\n{more}":  # the sign of an escape first
        text = text.replace(character, f"%{ord(character):02X}")
    return text


def _append(variable: str, text: str) -> None:
    path = os.environ.get(variable)
    if path:
        with Path(path).open("a", encoding="utf-8") as file:
            file.write(text)
