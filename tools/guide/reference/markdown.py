"""Markdown as GitHub and the site both read it."""

from __future__ import annotations

import html
import re
from collections.abc import Iterable, Sequence


def table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    lines = [head, ["---"] * len(head), *rows]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines) + "\n"


def code(text: object) -> str:
    """A code span that may stand in a table, where GitHub and the site disagree on how to escape a bar."""
    if "|" in str(text):
        return f"<code>{html.escape(str(text), quote=False).replace('|', '&#124;')}</code>"
    return f"`{text}`" if str(text) else ""


def codes(texts: Iterable[object]) -> str:
    return ", ".join(code(text) for text in texts)


def prose(text: str) -> str:
    """Text of a docstring: on one line, with what is not code between backticks shown as it is."""
    parts = re.split(r"(`[^`]*`)", " ".join(text.split()))
    return "".join(part if part.startswith("`") else _plain(part) for part in parts)


def paragraphs(docstring: str) -> list[str]:
    return [prose(part) for part in docstring.split("\n\n") if part.strip()]


def _plain(text: str) -> str:
    return re.sub(r"[*|\[\]]", r"\\\g<0>", text).replace("<", "&lt;")
