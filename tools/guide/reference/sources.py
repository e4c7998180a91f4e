"""What the source says of itself: docstrings, also those below an attribute, which Python does not keep."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path


def parse(path: Path) -> ast.Module:
    return ast.parse(path.read_text(encoding="utf-8"), str(path))


def classes(module: ast.Module) -> Iterator[ast.ClassDef]:
    return (node for node in module.body if isinstance(node, ast.ClassDef) and not node.name.startswith("_"))


@dataclass(frozen=True, slots=True)
class Field:
    """An annotated name in the body of a class."""

    name: str
    type: str
    default: str
    doc: str


def fields(cls: ast.ClassDef) -> Iterator[Field]:
    for node, after in zip(cls.body, [*cls.body[1:], None], strict=True):
        if isinstance(node, ast.AnnAssign) and isinstance(node.target, ast.Name):
            doc = ""
            if (
                isinstance(after, ast.Expr)
                and isinstance(after.value, ast.Constant)
                and isinstance(after.value.value, str)
            ):
                doc = after.value.value
            default = ast.unparse(node.value) if node.value else ""
            yield Field(node.target.id, ast.unparse(node.annotation), default, doc)
