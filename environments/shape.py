"""The first phase: the keys of a file and the types of their values, as a settings dataclass has them."""

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
    """Reads one file as a dataclass declares it, and collects its problems and the line of every key.

    The type of a field says what its value must be; a key whose field has a default may be left out.
    """

    def __init__(self, path: Path, prefix: str = "") -> None:
        self._path = path
        self._prefix = prefix
        self.problems: list[Problem] = []
        self.lines: dict[str, int] = {}

    def read(self, cls: type, values: Mapping[str, Value], *, apart: tuple[str, ...] = ()) -> dict[str, Any]:
        """Return what could be read, by key; an object is a dict of its own. The keys in `apart` are no part of it."""
        types = {name: type_ for name, type_ in get_type_hints(cls).items() if name not in apart}
        return self._keys(cls, types, values, "", 0)

    def _keys(
        self, cls: type, types: Mapping[str, Any], values: Mapping[str, Value], parent: str, line: int
    ) -> dict[str, Any]:
        found = _defaults(cls)
        guessed = {self._unknown(name, types, values, parent) for name in values if name not in types}
        for name, type_ in types.items():
            if name in values:
                found.pop(name, None)
                self._add(found, name, type_, values[name], parent + name)
            elif name not in {*found, *guessed}:
                self._report(line, parent + name, f"missing, expected {expected(type_)}")
        return found

    def _unknown(self, name: str, types: Mapping[str, Any], values: Mapping[str, Value], parent: str) -> str | None:
        """Report an unknown key; return the one that it may have been meant for, which is then not missing too."""
        missing = [known for known in types if known not in values]
        close = get_close_matches(name, missing, n=1) or get_close_matches(name, types, n=1)
        hint = f"; did you mean {close[0]}?" if close else ""
        self._report(values[name].line, parent + name, f"unknown key{hint}")
        return close[0] if close else None

    def _add(self, found: dict[str, Any], name: str, type_: Any, value: Value, key: str) -> None:
        """Put a value under its name, unless it is none of the type."""
        self.lines[self._prefix + key] = value.line
        content = self._content(type_, value, key)
        if content is not None:
            found[name] = content

    def _content(self, type_: Any, value: Value, key: str) -> Any:
        """Return the value as the type has it, None after reporting that it is something else."""
        content = value.content
        if isinstance(content, NotPlain):
            return None
        kind = get_origin(type_) or type_
        if kind is Literal and isinstance(content, str) and content in get_args(type_):
            return content
        if kind in (str, int, bool) and type(content) is kind:
            return content
        if kind is tuple and isinstance(content, list):
            items: dict[str, Any] = {}
            for index, item in enumerate(content):
                self._add(items, str(index), get_args(type_)[0], item, f"{key}[{index}]")
            # Without one of its items the others would be counted wrong.
            return tuple(items.values()) if len(items) == len(content) else None
        if isinstance(content, dict) and kind is dict:
            named: dict[str, Any] = {}
            for name, item in content.items():
                self._add(named, name, get_args(type_)[1], item, f"{key}.{name}")
            return named
        if isinstance(content, dict) and is_dataclass(kind):
            return self._keys(cast("type", kind), get_type_hints(kind), content, f"{key}.", value.line)
        return self._report(value.line, key, f"got {_got(value)}, expected {expected(type_)}")

    def _report(self, line: int, key: str, text: str) -> None:
        self.problems.append(Problem(self._path, line, key, text))


def build(type_: Any, content: Any) -> Any:
    """Return what `Shape.read` has read without a problem as the type declares it: its dicts as dataclasses."""
    if is_dataclass(type_):
        types = get_type_hints(type_)
        return cast("type", type_)(**{name: build(types[name], item) for name, item in content.items()})
    if get_origin(type_) is dict:
        return {name: build(get_args(type_)[1], item) for name, item in content.items()}
    return content


def expected(type_: Any) -> str:
    """Say what a value of the type looks like in a file."""
    if get_origin(type_) is Literal:
        return listed((quote(option) for option in get_args(type_)), "or")
    if is_dataclass(type_):
        return f"an object with the keys {listed(field.name for field in fields(type_))}"
    return _EXPECTED[get_origin(type_) or type_]


def _defaults(cls: type) -> dict[str, Any]:
    made = {each.name: each.default_factory() for each in fields(cls) if each.default_factory is not MISSING}
    return made | {each.name: each.default for each in fields(cls) if each.default is not MISSING}


def _got(value: Value) -> str:
    content = value.content
    if isinstance(content, str):
        return quote(content)
    return "a list" if isinstance(content, list) else "an object" if isinstance(content, dict) else short(value.source)
