"""Says where an HCL file stops being HCL, in the words of someone who writes one."""

from __future__ import annotations

import re
from collections.abc import Collection
from typing import Final

from environments.problems import short

_SKIPPED: Final = re.compile(r'"(?:[^"\\\n]|\\.)*"|#[^\n]*|//[^\n]*|/\*.*?\*/', re.DOTALL)
_CLOSES: Final = {"}": "{", "]": "[", ")": "("}


def what_is_wrong(text: str, position: int, token: str, accepted: Collection[str]) -> tuple[int, str]:
    """Return the line of a syntax error and what is wrong there."""
    line = text.count("\n", 0, position) + 1
    bare = _SKIPPED.sub(_blank, text)
    if (quote := bare.find('"')) >= 0 and (at := bare.count("\n", 0, quote) + 1) <= line:
        return at, unclosed_string(text[quote:])
    if (comment := bare.find("/*")) >= 0:
        return bare.count("\n", 0, comment) + 1, "got /*, expected a */ after it"
    rest = text[position:].lstrip(" \t") if token else ""
    opened = _unclosed(bare)
    if not rest.strip() and opened is not None:
        return bare.count("\n", 0, opened) + 1, f'got "{bare[opened]}", expected it to be closed'
    if set(accepted) == {"LBRACE"}:
        code = bare[:position].rstrip()
        written = text[code.rfind("\n") + 1 : len(code)]
        expected = "a value" if "=" in written else "key = value"
        return code.count("\n") + 1, f"got {short(written.split()[-1])}, expected {expected}"
    return line, f"got {_found(rest)}, expected {_expected(accepted)}"


def unclosed_string(source: str) -> str:
    """Describe a string whose line ends before the string does."""
    return f"got the end of the line, expected the text that begins with {source.splitlines()[0][:30]} to be closed"


def _found(rest: str) -> str:
    if not rest:
        return "the end of the file"
    if rest[0] == "\n":
        return "the end of the line"
    word = re.match(r'\w[\w.-]*|[=<>]+|"[^"\n]*"|\S', rest)
    return short(word[0]) if word and word[0].isprintable() else repr(rest[0])


def _expected(accepted: Collection[str]) -> str:
    if "RBRACE" in accepted:
        return '"," or a new line, and then a key or "}"' if "COMMA" in accepted else 'a key or "}"'
    if "RSQB" in accepted and "COMMA" in accepted:
        return '"," or "]"'
    if "LSQB" in accepted and "DBLQUOTE" in accepted:
        return "a value"
    if "EQ" in accepted:
        return '"="'
    return "key = value" if "NAME" in accepted else "a new line"


def _unclosed(bare: str) -> int | None:
    """Return the position of the innermost bracket left open."""
    opened: list[int] = []
    for match in re.finditer(r"[\[\]{}()]", bare):
        if match[0] not in _CLOSES:
            opened.append(match.start())
        elif opened and bare[opened[-1]] == _CLOSES[match[0]]:
            opened.pop()
    return opened[-1] if opened else None


def _blank(match: re.Match[str]) -> str:
    """Keep positions and lines of what is skipped, and that a text is not nothing."""
    return re.sub(r"[^\n]", "_" if match[0][0] == '"' else " ", match[0])
