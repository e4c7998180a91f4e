"""The code blocks of the documentation, and the commands in them."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from markdown_it import MarkdownIt
from mkdocs.config import load_config

from tests.support import ROOT

RUN, NOT_RUN = "console", "sh"
NOT_RUN_BECAUSE = re.compile(r"\s*<!-- not run: (?P<reason>\S.*) -->\s*")
PROMPT = "$ "
EXIT_CODE = re.compile(r"#\s*exit (?P<code>\d+)\s*$")


@dataclass(frozen=True)
class Command:
    """What a person types, and what is shown below it."""

    place: str
    """file:line."""
    text: str
    output: str | None
    """The first line of it; `...` in it stands for anything."""

    @property
    def exit_code(self) -> int:
        """0, or what the comment says that ends the command: `# exit 2`."""
        match = EXIT_CODE.search(self.text)
        return int(match["code"]) if match else 0


@dataclass(frozen=True)
class Block:
    """A fenced or indented block of code."""

    page: str
    line: int
    language: str
    """Empty where the block does not say one."""
    text: str
    above: str
    """The line above it."""

    @property
    def place(self) -> str:
        return f"{self.page}:{self.line}"

    @property
    def reason(self) -> str | None:
        """Why it is not run."""
        match = NOT_RUN_BECAUSE.fullmatch(self.above)
        return match["reason"] if match else None

    def commands(self) -> Iterator[Command]:
        lines = list(enumerate(self.text.splitlines(), self.line + 1))
        while lines:
            number, line = lines.pop(0)
            text = line.removeprefix(PROMPT)
            while text.endswith("\\") and lines:
                text += "\n" + lines.pop(0)[1]
            output: list[str] = []
            while lines and not lines[0][1].startswith(PROMPT):
                output.append(lines.pop(0)[1])
            yield Command(f"{self.page}:{number}", text, output[0] if output else None)


def blocks(page: str, text: str) -> Iterator[Block]:
    lines = text.splitlines()
    for token in MarkdownIt("commonmark").parse(text):
        if token.type in ("fence", "code_block") and token.map:
            start = token.map[0]
            words = token.info.split()
            above = lines[start - 1] if start else ""
            yield Block(page, start + 1, words[0] if words else "", token.content, above)


def pages() -> list[str]:
    """README.md, then the pages of docs/ in the order of the site."""
    order = [f"docs/{name}" for name in leaves(load_config(str(ROOT / "mkdocs.yml")).nav)]
    found = sorted(str(path.relative_to(ROOT)) for path in (ROOT / "docs").rglob("*.md"))
    return ["README.md", *(name for name in order if name in found), *(name for name in found if name not in order)]


def of_page(page: str, root: Path = ROOT) -> list[Block]:
    return list(blocks(page, (root / page).read_text(encoding="utf-8")))


def leaves(nav: Any) -> Iterator[str]:
    """The pages of a navigation, in their order."""
    if isinstance(nav, str):
        yield nav
    else:
        for each in nav.values() if isinstance(nav, dict) else nav or ():
            yield from leaves(each)
