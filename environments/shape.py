"""Puts a file's values into the settings dataclasses: every key there, none unknown, each of its type."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import MISSING, fields, is_dataclass
from difflib import get_close_matches
from pathlib import Path
from typing import Any, Literal, TypeVar, cast, get_args, get_origin, get_type_hints

from environments.hcl import NotPlain, Value
from environments.problems import Problem, listed, quote, short

T = TypeVar("T")
_EXPECTED = {
    str: "text in double quotes",
    int: "a whole number",
    bool: "true or false",
    tuple: "a list of texts: [...]",
    dict: "an object of texts: {...}",
}


class Shape:
    """Reads one file into a dataclass and remembers the line of every key; one with a default may be left out."""

    def __init__(self, path: Path, prefix: str = "") -> None:
        self._path = path
        self._prefix = prefix
        self.problems: list[Problem] = []
        self.lines: dict[str, int] = {}

    def fill(self, cls: type[T], values: Mapping[str, Value], *, apart: tuple[str, ...] = (), line: int = 0) -> T:
        """Return a cls in which a key that is missing or wrong is left unset; reading it raises AttributeError.

        The keys in `apart` are filled by the caller.
        """
        return self._fill(cls, values, "", apart, line)

    def _fill(self, cls: type[T], values: Mapping[str, Value], at: str, apart: tuple[str, ...], line: int) -> T:
        types = {name: hint for name, hint in get_type_hints(cls).items() if name not in apart}
        defaults = {field.name: field.default for field in fields(cast("Any", cls)) if field.default is not MISSING}
        instance = object.__new__(cls)
        guessed: set[str] = set()
        for name, value in values.items():
            if name in types:
                continue
            missing = [known for known in types if known not in values]
            close = get_close_matches(name, missing, n=1) or get_close_matches(name, types, n=1)
            guessed.update(close)
            hint = f"; did you mean {close[0]}?" if close else ""
            self._report(value.line, at + name, f"unknown key{hint}")
        for name, hint in types.items():
            key = at + name
            if name in values:
                self.lines[self._prefix + key] = values[name].line
                content = self._convert(hint, values[name], key)
                if content is not None:
                    object.__setattr__(instance, name, content)
            elif name in defaults:
                object.__setattr__(instance, name, defaults[name])
            elif name not in guessed:
                self._report(line, key, f"missing, expected {expected(hint)}")
        return instance

    def _convert(self, hint: Any, value: Value, key: str) -> Any:
        """Return the value as the type has it, None after reporting that it is something else."""
        content = value.content
        if isinstance(content, NotPlain):
            return None
        if hint in (str, int, bool):
            return content if type(content) is hint else self._wrong(hint, value, key)
        if get_origin(hint) is Literal:
            return content if isinstance(content, str) and content in get_args(hint) else self._wrong(hint, value, key)
        if get_origin(hint) is tuple:
            return self._texts(content, key) if isinstance(content, list) else self._wrong(hint, value, key)
        if not isinstance(content, dict):
            return self._wrong(hint, value, key)
        if is_dataclass(hint) and isinstance(hint, type):
            return self._fill(hint, content, f"{key}.", (), value.line)
        return self._object_of_texts(content, key)

    def _texts(self, items: list[Value], key: str) -> tuple[str, ...] | None:
        for index, item in enumerate(items):
            self.lines[f"{self._prefix}{key}[{index}]"] = item.line
        texts = [self._convert(str, item, f"{key}[{index}]") for index, item in enumerate(items)]
        return None if None in texts else tuple(texts)

    def _object_of_texts(self, items: dict[str, Value], key: str) -> dict[str, str] | None:
        for name, item in items.items():
            self.lines[f"{self._prefix}{key}.{name}"] = item.line
        texts = {name: self._convert(str, item, f"{key}.{name}") for name, item in items.items()}
        return None if None in texts.values() else texts

    def _wrong(self, hint: Any, value: Value, key: str) -> None:
        self._report(value.line, key, f"got {_got(value)}, expected {expected(hint)}")

    def _report(self, line: int, key: str, text: str) -> None:
        self.problems.append(Problem(self._path, line, key, text))


def is_unset(error: AttributeError) -> bool:
    """Tell a key that `fill` left unset from a mistake in the code that read it."""
    return is_dataclass(error.obj) and error.name in {field.name for field in fields(error.obj)}


def _got(value: Value) -> str:
    content = value.content
    if isinstance(content, str):
        return quote(content)
    return "a list" if isinstance(content, list) else "an object" if isinstance(content, dict) else short(value.source)


def expected(hint: Any) -> str:
    """Say what a value of the type looks like in a file."""
    if get_origin(hint) is Literal:
        return listed((quote(option) for option in get_args(hint)), "or")
    if is_dataclass(hint):
        return f"an object with the keys {listed(field.name for field in fields(hint))}"
    return _EXPECTED[get_origin(hint) or hint]
