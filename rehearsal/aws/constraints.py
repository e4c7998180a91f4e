"""What AWS's published model of an operation asks of its parameters, in the words that AWS answers with.

moto reads parameters by botocore's models and looks at few of their constraints. botocore's own validation knows no
enums, patterns and upper limits, and Terraform's provider is written in Go and has none.
"""

from __future__ import annotations

import functools
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import regex

NUMBERS = {"byte", "short", "integer", "long", "float", "double"}
JAVA_ASTRAL = r"\uD800\uDC00-\uDBFF\uDFFF"
"""How Java writes the characters above U+FFFF in a pattern."""


@dataclass(frozen=True)
class Violation:
    """A parameter that the model refuses; `trait` is the model's word for the constraint."""

    shape: str
    trait: str
    path: str
    value: str
    constraint: str

    @property
    def text(self) -> str:
        return f"Value {self.value}at '{self.path}' failed to satisfy constraint: Member {self.constraint}"


def violations(shape: Any, value: Any, path: str = "") -> Iterator[Violation]:
    """Everything in the value that its shape, one of botocore's, refuses; nothing of a document, which has no shape."""
    kind = shape.type_name
    if kind == "structure" and not shape.is_document_type:
        yield from _of_structure(shape, value, path)
    elif kind == "list":
        yield from _of_size(shape, len(value), "length", path, "")
        for count, each in enumerate(value, start=1):
            yield from violations(shape.member, each, f"{path}.{count}.member")
    elif kind == "map":
        yield from _of_size(shape, len(value), "length", path, "")
        for key, each in value.items():
            yield from violations(shape.key, key, f"{path}.key")
            yield from violations(shape.value, each, f"{path}.{key}.value")
    elif kind in NUMBERS:
        yield from _of_size(shape, value, "value", path, f"'{value}' ")
    elif kind in ("string", "blob"):
        yield from _of_text(shape, value, path)


def _of_structure(shape: Any, value: dict[str, Any], path: str) -> Iterator[Violation]:
    # A member in AWS's answer begins in lower case: 'roleName'.
    paths = {name: f"{path}.{name[0].lower()}{name[1:]}".lstrip(".") for name in shape.members}
    for name in shape.required_members:
        if value.get(name) is None:
            yield Violation(f"{shape.name}.{name}", "required", paths[name], "null ", "must not be null")
    for name, member in shape.members.items():
        if value.get(name) is not None:
            yield from violations(member, value[name], paths[name])


def _of_text(shape: Any, value: str | bytes, path: str) -> Iterator[Violation]:
    # AWS repeats no value that its model calls sensitive, and what it repeats ends in logs.
    shown = "" if shape.metadata.get("sensitive") or isinstance(value, bytes) else f"'{value}' "
    yield from _of_size(shape, len(value), "length", path, shown)
    enum, pattern = shape.metadata.get("enum"), shape.metadata.get("pattern")
    if enum and value not in enum:
        yield Violation(shape.name, "enum", path, shown, f"must satisfy enum value set: [{', '.join(enum)}]")
    if pattern and isinstance(value, str) and not matches(pattern, value):
        yield Violation(shape.name, "pattern", path, shown, f"must satisfy regular expression pattern: {pattern}")


def _of_size(shape: Any, size: float, of: str, path: str, shown: str) -> Iterator[Violation]:
    least, most = shape.metadata.get("min"), shape.metadata.get("max")
    if least is not None and size < least:
        yield Violation(shape.name, "min", path, shown, f"must have {of} greater than or equal to {least}")
    if most is not None and size > most:
        yield Violation(shape.name, "max", path, shown, f"must have {of} less than or equal to {most}")


def matches(pattern: str, value: str) -> bool:
    """Whether the value is what the pattern says.

    Smithy, in which the models are written, anchors no pattern (Smithy 2.0, "pattern trait"); services that answer in
    these words match the whole value. So an anchor in the pattern says what it asks, and without one it is the whole.
    """
    compiled = compile_pattern(pattern)
    anchored = pattern.startswith("^") or pattern.endswith("$")
    return bool(compiled.search(value) if anchored else compiled.fullmatch(value))


@functools.cache
def compile_pattern(pattern: str) -> regex.Pattern[str]:
    r"""A pattern as Java reads it: `\w` is ASCII, `\p{L}` is any letter."""
    flags = regex.UNICODE if r"\p" in pattern else regex.ASCII
    return regex.compile(pattern.replace(JAVA_ASTRAL, r"\U00010000-\U0010FFFF"), flags)
