"""Changes to the text of a settings file, each given the file's name and text."""

from __future__ import annotations

import zlib
from collections.abc import Callable, Iterator
from dataclasses import is_dataclass
from typing import Any, TypeAlias, get_origin, get_type_hints

from hypothesis import strategies as st
from hypothesis.strategies import DrawFn, SearchStrategy

from environments.rules.account import SHARED
from environments.settings import Backend, Settings
from tests.environments.bad_values import LITERALS, hcl_text
from tests.environments.support import SHIPPED, line_of, stands, with_line, with_value

Change: TypeAlias = Callable[[DrawFn, str, str], str | bytes]

PIECES = [
    *"{}[]()\"'=,;:\\$&?%!<>@#|`+-*/.~^",
    *("==", "=>", "${", "%{", "/*", "*/", "//", "<<", "<<EOT\n", "<<-E\n x\nE\n", '"""', "...", "<<<<<<< a\n", "a {\n"),
]
UNSEEN = st.characters(categories=["Cc", "Cf", "Zl", "Zp", "Zs", "Co", "So"])


def keys_of(cls: type[Any], prefix: str = "") -> Iterator[tuple[str, Any]]:
    """Every dotted key of a settings class with its type."""
    for name, hint in get_type_hints(cls).items():
        if hint is Backend:
            continue
        yield f"{prefix}{name}", hint
        if is_dataclass(hint) and isinstance(hint, type):
            yield from keys_of(hint, f"{prefix}{name}.")


KEYS = {".tfvars": dict(keys_of(Settings)), ".backend.conf": dict(keys_of(Backend))}


def keys(name: str, type_: Any = None) -> list[str]:
    """The keys of a file, or those of one type, that stand on one line."""
    hints = KEYS[name[name.index(".") :]]
    found = [key for key, hint in hints.items() if type_ in (None, hint)]
    shipped = (SHIPPED / name).read_text()
    return [key for key in found if not is_dataclass(hints[key]) and stands(shipped, key)]


def given_value(values: SearchStrategy[str], type_: Any = None) -> Change:
    """Give a key, or one of a type, a value, written as given."""

    def change(draw: DrawFn, name: str, text: str) -> str:
        return with_value(text, draw(st.sampled_from(keys(name, type_) or keys(name))), draw(values))

    return change


def inserted(pieces: SearchStrategy[str]) -> Change:
    """Insert pieces anywhere."""

    def change(draw: DrawFn, name: str, text: str) -> str:
        for _ in range(draw(st.integers(1, 3))):
            at = draw(st.integers(0, len(text)))
            text = text[:at] + draw(pieces) + text[at:]
        return text

    return change


def truncated(draw: DrawFn, name: str, text: str) -> str:
    return text[: draw(st.integers(0, len(text) - 1))]


def lines_mixed_up(draw: DrawFn, name: str, text: str) -> str:
    lines = text.split("\n")
    for _ in range(draw(st.integers(1, 4))):
        what = draw(st.sampled_from(["drop", "repeat", "swap", "join", "move"]))
        one, other = (draw(st.integers(0, len(lines) - 1)) for _ in range(2))
        if what == "swap":
            lines[one], lines[other] = lines[other], lines[one]
        elif what == "repeat":
            lines.insert(other, lines[one])
        elif what == "join":
            lines[one : one + 2] = ["".join(lines[one : one + 2])]
        else:
            line = lines.pop(one)
            lines[other:other] = [line] if what == "move" else []
    return "\n".join(lines)


def not_utf8(draw: DrawFn, name: str, text: str) -> bytes:
    data = draw(st.sampled_from([b"", b"\xef\xbb\xbf"])) + text.encode()
    at = draw(st.integers(0, len(data)))
    return data[:at] + draw(st.binary(min_size=1, max_size=4).filter(lambda piece: max(piece) > 127)) + data[at:]


def encoded(draw: DrawFn, name: str, text: str) -> bytes:
    return draw(
        st.sampled_from(
            [
                *(text.encode(encoding) for encoding in ("utf-16", "utf-16-le", "utf-16-be", "utf-32", "cp500")),
                *(text.replace("\n", end).encode() for end in (" ", "\r", "\0", "\u2028")),
                ("\ufeff\ufeff" + text).encode(),
                zlib.compress(text.encode()),
                ('{"' + text.replace(" = ", '": ').replace("\n", ',\n"') + '"}').encode(),
                (text + "\0" * draw(st.integers(1, 4096))).encode(),
            ]
        )
    )


def of_another_type(draw: DrawFn, name: str, text: str) -> str:
    hints = KEYS[name[name.index(".") :]]
    key = draw(st.sampled_from(keys(name)))
    own = get_origin(hints[key]) or hints[key]
    others = [literal for type_, literals in LITERALS.items() if type_ is not own for literal in literals]
    return with_value(text, key, draw(st.sampled_from(others)))


def as_block(draw: DrawFn, name: str, text: str) -> str:
    key = draw(st.sampled_from(keys(name)))
    written = text.split("\n")[line_of(text, key) - 1]
    label = draw(st.sampled_from(["", ' "a"', " b", ' "a" "b"']))
    inside = draw(st.sampled_from(["", "\n", f"\n{written}\n", f"\n{written}\nmore {{\n}}\n"]))
    return with_line(text, key, f"{key.split('.')[-1]}{label} {{{inside}}}")


def almost_right(draw: DrawFn, name: str, text: str) -> str:
    """A shipped text with a character too many, too few or another."""
    key = draw(st.sampled_from(keys(name, str)))
    value = text.split("\n")[line_of(text, key) - 1].split('"')[1]
    at = draw(st.integers(0, len(value)))
    until = draw(st.sampled_from([at, at + 1]))
    more = draw(st.sampled_from(["", *"aZ09 -_./:,@{\\'é"]))
    return with_value(text, key, hcl_text(value[:at] + more + value[until:]))


def without_keys(draw: DrawFn, name: str, text: str) -> str:
    for key in draw(st.lists(st.sampled_from(keys(name)), min_size=1, max_size=5, unique=True)):
        text = with_line(text, key, "")
    return text


def with_unknown_keys(draw: DrawFn, name: str, text: str) -> str:
    key = draw(st.sampled_from(keys(name)))
    written = text.split("\n")[line_of(text, key) - 1]
    last = key.split(".")[-1]
    at = draw(st.integers(0, len(last)))
    more = draw(st.from_regex(r"[a-zA-Z_][a-zA-Z0-9_-]{0,12}", fullmatch=True))
    renamed = written.replace(last, (last[:at] + more + last[at:]), 1)
    return with_line(text, key, renamed + draw(st.sampled_from(["", f"\n{written}"])))


def disagreeing(draw: DrawFn, name: str, text: str) -> str:
    suffix = name[name.index(".") :]
    shared = [key.removeprefix("backend.") for key in SHARED if key.startswith("backend.") is (suffix != ".tfvars")]
    values = st.from_regex(r"[a-z]{1,9}(-[a-z]{1,9}-[1-9])?|[0-9]{12}|[a-z]{1,9}/[a-z]{1,9}", fullmatch=True)
    return with_value(text, draw(st.sampled_from(shared)), hcl_text(draw(values)))
