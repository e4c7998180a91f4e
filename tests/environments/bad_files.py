"""Settings files, wrong in every way that a hand, an editor, a merge or a disk can make them, by kind."""

from __future__ import annotations

import os
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from hypothesis import strategies as st
from hypothesis.strategies import DrawFn, SearchStrategy

from tests.environments import bad_texts as texts
from tests.environments import bad_values as values
from tests.environments.support import SHIPPED

Thing = Callable[[Path], object]

TEXTS = {path.name: path.read_text() for path in sorted([*SHIPPED.glob("*.tfvars"), *SHIPPED.glob("*.backend.conf")])}
PACKAGES = {"rules", "__pycache__"}
LONGEST_NAME = 255
"""Bytes of a file's name on Linux."""


@dataclass(frozen=True)
class Damage:
    """What stands in place of one file, beside other files that are as shipped."""

    name: str
    content: bytes | Thing
    beside: str = ""
    """Which; those of its own environment, or of staging."""

    def make(self, project: Path) -> None:
        """Make it in <project>/environments, beside the reader's own files."""
        directory = project / "environments"
        for path in directory.iterdir():
            if path.suffix != ".py" and path.name not in PACKAGES:
                path.rmdir() if path.is_dir() and not path.is_symlink() else path.unlink()
        beside = self.beside or f"{self.name.partition('.')[0] if self.name in TEXTS else 'staging'}.*"
        for name in TEXTS:
            if Path(name).match(beside) and name != self.name:
                (directory / name).write_text(TEXTS[name])
        path = directory / self.name
        if isinstance(self.content, bytes):
            path.write_bytes(self.content)
        else:
            self.content(path)


def damaged(change: texts.Change, beside: str = "") -> SearchStrategy[Damage]:
    """Change the text of one of the shipped files."""

    @st.composite
    def strategy(draw: DrawFn) -> Damage:
        name = draw(st.sampled_from(sorted(TEXTS)))
        content = change(draw, name, TEXTS[name])
        return Damage(name, content if isinstance(content, bytes) else content.encode(), beside)

    return strategy()


def replaced(contents: SearchStrategy[bytes | Thing]) -> SearchStrategy[Damage]:
    """Put something else in place of one of the shipped files."""
    return st.builds(Damage, st.sampled_from(sorted(TEXTS)), contents)


@st.composite
def stray(draw: DrawFn) -> Damage:
    """One file more, its name any bytes that Linux takes."""
    suffix = draw(st.sampled_from([".tfvars", ".backend.conf"]))
    longest = LONGEST_NAME - len(suffix)
    text = st.text(max_size=20) | st.text("a", min_size=200, max_size=longest)
    raw = draw(st.binary(max_size=20) | text.map(str.encode)).replace(b"/", b"").replace(b"\0", b"")
    name = os.fsdecode(raw[:longest].lstrip(b".") or b"x") + suffix
    return Damage(name, draw(st.sampled_from([b"", b"\n", *(text.encode() for text in TEXTS.values())])))


def directory(path: Path) -> None:
    path.mkdir()


def absent(path: Path) -> None:
    pass


def dangling_link(path: Path) -> None:
    path.symlink_to("nowhere")


def endless_link(path: Path) -> None:
    path.symlink_to(path.name)


def pipe(path: Path) -> None:
    os.mkfifo(path)


def endless_device(path: Path) -> None:
    path.symlink_to("/dev/zero")


def unreadable(path: Path) -> None:
    """What not even root can read."""
    path.symlink_to("/proc/self/mem")


def enormous(path: Path) -> None:
    """A gigabyte that takes no room."""
    path.touch()
    os.truncate(path, 2**30)


NO_FILE: list[Thing] = [
    *(directory, absent, dangling_link, endless_link, pipe),
    *(endless_device, unreadable, enormous),
]

KINDS: dict[str, SearchStrategy[Damage]] = {
    "truncated": damaged(texts.truncated),
    "lines mixed up": damaged(texts.lines_mixed_up),
    "stray punctuation": damaged(texts.inserted(st.sampled_from(texts.PIECES))),
    "characters that nobody sees": damaged(texts.inserted(texts.UNSEEN)),
    "not UTF-8": damaged(texts.not_utf8),
    "in another encoding or format": damaged(texts.encoded),
    "left open": damaged(texts.given_value(values.OPEN)),
    "not a plain value": damaged(texts.given_value(values.EXPRESSIONS)),
    "blocks": damaged(texts.as_block),
    "deeply nested": damaged(texts.given_value(values.nested())),
    "very long": damaged(texts.given_value(values.LONG)),
    "of another type": damaged(texts.of_another_type),
    "odd numbers": damaged(texts.given_value(values.NUMBERS, int)),
    "odd escapes": damaged(texts.given_value(values.ESCAPES, str)),
    "any text": damaged(texts.given_value(st.text().map(values.hcl_text), str)),
    "almost right": damaged(texts.almost_right),
    "odd tags": damaged(texts.given_value(values.TAGS, dict[str, str])),
    "keys missing": damaged(texts.without_keys),
    "keys unknown": damaged(texts.with_unknown_keys),
    "accounts that disagree": damaged(texts.disagreeing, beside="*"),
    "no text at all": replaced(st.binary() | st.text().map(str.encode)),
    "no file at all": replaced(st.sampled_from(NO_FILE)),
    "stray files": stray(),
}
