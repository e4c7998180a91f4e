"""Reads an HCL file of plain values: what each key holds, on which line, and what a file of data must not say."""

from __future__ import annotations

import re
import stat
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import hcl2
from hcl2.utils import process_escape_sequences
from lark import Token, Tree, UnexpectedInput, UnexpectedToken

from environments.hcl_syntax import unclosed_string, what_is_wrong
from environments.problems import LONGEST_QUOTE, Problem, quote, short

LARGEST: Final = 2**17
"""Bytes of a file; forty tags of the greatest length, in letters of four bytes, take half of it."""
MOST_DIGITS: Final = 15
"""No setting comes near; Python refuses to convert numbers of thousands of digits."""
DEEPEST: Final = 8
"""Levels of nesting; the settings need three."""
INLINE: Final = re.compile(r'"(?:[^"\\\n]|\\.)*"|#[^\n]*|//[^\n]*|/\*.*?\*/', re.DOTALL)
"""A text, or a comment: what looks like one inside the other is none."""
_SURROGATE: Final = r"[dD][89a-fA-F]"
_CODE: Final = rf"u(?!{_SURROGATE})[0-9a-fA-F]{{4}}|U(?!0000{_SURROGATE})00(?:0[0-9a-fA-F]|10)[0-9a-fA-F]{{4}}"
_UNKNOWN_ESCAPE: Final = re.compile(
    rf'(?:[^\\]|\\[nrt"\\]|\\(?:{_CODE}))*+(\\(?:u[0-9a-fA-F]{{0,4}}|U[0-9a-fA-F]{{0,8}}|.))'
)


@dataclass(frozen=True, slots=True)
class NotPlain:
    """Stands where a value could not be read; its problem has been reported."""


@dataclass(frozen=True, slots=True)
class Value:
    """A value, the line it begins on and how it is written."""

    line: int
    content: str | int | float | bool | list[Value] | dict[str, Value] | NotPlain | None
    source: str


@dataclass(frozen=True, slots=True)
class Document:
    """A file's values; None when nothing in it can be read."""

    values: dict[str, Value] | None
    problems: list[Problem]


def read(path: Path, missing: str = "") -> Document:
    """Read a file; whatever is wrong with it ends in the document's problems, never in an exception.

    `missing` is what to say when it is not there.
    """
    try:
        status = path.stat()
        if not (stat.S_ISREG(status.st_mode) or stat.S_ISDIR(status.st_mode)):
            # A pipe would keep us waiting, a device has no end.
            return _refused(path, "cannot be read: got a pipe or a device, expected a file")
        if status.st_size > LARGEST:
            return _refused(path, f"got a file of {status.st_size} bytes, expected at most {LARGEST}")
        data = path.read_bytes()
    except OSError as error:
        absent = isinstance(error, FileNotFoundError)
        return _refused(path, missing if absent and missing else f"cannot be read: {error.strerror}")
    try:
        text = _plain_lines(data.decode("utf-8-sig"))
    except UnicodeDecodeError as error:
        # The error counts from behind the byte order mark.
        line = error.object.count(b"\n", 0, error.start) + 1
        return _refused(path, f"got the byte 0x{error.object[error.start]:02x}, expected UTF-8 text", line)
    if "\r" in text:
        line = len(text[: text.index("\r") + 1].splitlines())
        return _refused(path, "got a line that ends in CR alone, as on old Macs, expected LF or CRLF", line)
    try:
        tree = _parse(text)
    except UnexpectedInput as error:
        accepted = error.accepts if isinstance(error, UnexpectedToken) else set[str]()
        token = str(getattr(error, "token", ""))
        line, wrong = what_is_wrong(text, error.pos_in_stream or 0, token, accepted)
        return _refused(path, f"syntax: {wrong}", line)
    reader = _Reader(path, text)
    values = reader.body(_trees(tree)[0])
    if not values and not reader.problems:
        return _refused(path, "got an empty file, expected settings")
    return Document(values, reader.problems)


def _plain_lines(text: str) -> str:
    """Return the text with LF at the ends of lines and without comments inside of them.

    HCL takes a comment between /* and */ for a space, wherever it stands; this parser not next to an equals sign. A
    comment of several lines gives its line ends to the end of its last one, so that the lines after it keep their
    numbers; one that begins a line is left to the parser.
    """
    text = text.replace("\r\n", "\n")
    done = 0
    parts: list[str] = []
    owed = ""
    for found in INLINE.finditer(text):
        before = text[done : found.start()]
        if owed and "\n" in before:
            before, owed = before.replace("\n", "\n" + owed, 1), ""
        parts.append(before)
        done = found.start()
        if not found[0].startswith("/*") or not text[:done].rpartition("\n")[2].strip():
            continue
        parts.append(re.sub(r"[^\n]", " ", found[0]).replace("\n", " "))
        owed += "\n" * found[0].count("\n")
        done = found.end()
    rest = text[done:]
    return "".join(parts) + (rest.replace("\n", "\n" + owed, 1) if "\n" in rest else rest + owed)


def _refused(path: Path, text: str, line: int = 0) -> Document:
    return Document(None, [Problem(path, line, "", text)])


def _parse(text: str) -> Tree[Token]:
    return hcl2.parses_to_tree(text)  # pyright: ignore[reportUnknownMemberType, reportUnknownVariableType]


class _Reader:
    """Turns the parser's tree into values."""

    def __init__(self, path: Path, text: str) -> None:
        self._path = path
        self._text = text
        self.problems: list[Problem] = []

    def body(self, body: Tree[Token]) -> dict[str, Value]:
        entries = [entry for entry in _trees(body) if entry.data != "new_line_or_comment"]
        values: dict[str, Value] = {}
        for entry in entries:
            key = self._source(entry.children[0])
            if entry.data == "attribute":
                self._put(values, key, key, entry, depth=0)
            else:
                self._refuse(entry, key, f"got a block, expected an equals sign: {key} = {{ ... }}")
                values.setdefault(key, Value(entry.meta.line, NotPlain(), key))
        self._each_on_its_own_line(body, "")
        return values

    def _put(self, values: dict[str, Value], name: str, key: str, entry: Tree[Token], depth: int) -> None:
        value = self._value(entry.children[-1], key, depth)
        if name in values:
            self._refuse(entry, key, f"got it twice, expected it once; it is already set on line {values[name].line}")
            return
        values[name] = Value(entry.meta.line, value.content, value.source)

    def _value(self, node: Tree[Token] | Token, key: str, depth: int) -> Value:
        assert isinstance(node, Tree)
        content = self._content(node, key, depth)
        return Value(node.meta.line, content, self._source(node))

    def _content(
        self, node: Tree[Token], key: str, depth: int
    ) -> str | int | float | bool | list[Value] | dict[str, Value] | NotPlain | None:
        source = self._source(node)
        term = node.children[0] if node.data == "expr_term" and len(node.children) == 1 else node
        kind = term.data if isinstance(term, Tree) else ""
        if depth > DEEPEST:
            return self._refuse(node, key, f"got a value {depth} levels deep, expected {DEEPEST} at most")
        if re.fullmatch(r"-?[0-9]+", source):
            if len(source) > MOST_DIGITS:
                return self._refuse(node, key, f"got a number of {len(source)} digits, expected {MOST_DIGITS} at most")
            return int(source)
        if re.fullmatch(r"-?[0-9]+(\.[0-9]+)?([eE][-+]?[0-9]+)?", source):
            return float(source)
        if kind == "literal_value":
            return {"true": True, "false": False, "null": None}[source]
        if isinstance(term, Tree) and kind == "string":
            return self._string(term, key)
        if isinstance(term, Tree) and kind == "tuple":
            items = [item for item in _trees(term) if item.data != "new_line_or_comment"]
            return [self._value(item, f"{key}[{index}]", depth + 1) for index, item in enumerate(items)]
        if isinstance(term, Tree) and kind == "object":
            return self._object(term, key, depth)
        if kind == "identifier":
            text = f"got {short(source)}, expected a value; text goes in double quotes: {quote(source)}"
            return self._refuse(node, key, text)
        if kind.startswith("heredoc"):
            return self._refuse(node, key, "got a heredoc, expected text in double quotes, on one line")
        return self._refuse(node, key, f"got the expression {_short(source)}, expected a plain value")

    def _object(self, node: Tree[Token], key: str, depth: int) -> dict[str, Value]:
        values: dict[str, Value] = {}
        for entry in _trees(node):
            if entry.data != "object_elem":
                continue
            name = self._object_key(entry, key)
            if name is not None:
                self._put(values, name, f"{key}.{name}", entry, depth + 1)
        self._each_on_its_own_line(node, key)
        return values

    def _object_key(self, entry: Tree[Token], key: str) -> str | None:
        node = entry.children[0]
        source = self._source(node)
        if re.fullmatch(r"[A-Za-z_][\w-]*", source):
            return source
        string = next(iter(_trees(next(iter(_trees(node)), node))), None)
        if string is not None and string.data == "string":
            text = self._string(string, key)
            return text if isinstance(text, str) else None
        self._refuse(entry, key, f"got the key {_short(source)}, expected a name or text in double quotes")
        return None

    def _string(self, node: Tree[Token], key: str) -> str | NotPlain:
        source = self._source(node)
        parts = [part.children[0] for part in _trees(node)]
        text = process_escape_sequences(source[1:-1])
        if "\n" in source:
            return self._refuse(node, key, unclosed_string(source))
        if unknown := _UNKNOWN_ESCAPE.match(source):
            code = unknown[1][1] in "uU"
            expected = "the code of a character: \\uNNNN or \\UNNNNNNNN" if code else "\\\\ for a backslash"
            return self._refuse(node, key, f"got {unknown[1]}, expected {expected}")
        if any(not (isinstance(part, Token) and part.type == "STRING_CHARS") for part in parts) or "${" in text:
            return self._refuse(node, key, f"got the template {_short(source)}, expected plain text")
        return text

    def _each_on_its_own_line(self, node: Tree[Token], key: str) -> None:
        """HCL demands a new line between two keys, or a comma in an object; this parser does not."""
        separated = True
        for child in node.children:
            if isinstance(child, Tree) and child.data in {"attribute", "block", "object_elem"}:
                if not separated:
                    name = ".".join(filter(None, (key, self._source(child.children[0]))))
                    self._refuse(child, name, "got a second key on the line, expected a new line before it")
                separated = False
            else:
                source = str(child) if isinstance(child, Token) else "".join(str(token) for token in child.children)
                separated = separated or "\n" in source or source == ","

    def _refuse(self, node: Tree[Token], key: str, text: str) -> NotPlain:
        self.problems.append(Problem(self._path, node.meta.line, key, text))
        return NotPlain()

    def _source(self, node: Tree[Token] | Token) -> str:
        if isinstance(node, Token):
            return str(node)
        return self._text[node.meta.start_pos : node.meta.end_pos].strip()


def _trees(node: Tree[Token] | Token) -> list[Tree[Token]]:
    return [child for child in node.children if isinstance(child, Tree)] if isinstance(node, Tree) else []


def _short(source: str) -> str:
    return source if source.isprintable() and len(source) <= LONGEST_QUOTE else quote(source)
