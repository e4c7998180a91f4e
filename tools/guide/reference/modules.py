"""docs/reference/modules.md: what each class of modules/ takes and offers."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator, Sequence

from ops.core.paths import ROOT
from tools.guide.reference import markdown, sources
from tools.guide.reference.sources import Field

HEAD = """\
# Modules

Constructs and what they are put together from, one concept a file. Every construct is made as
`Name(scope, id_, *, ...)`: the scope it stands in, its part of the addresses, then the arguments below, by keyword;
what has no default is required. Modules know AWS and nothing of the settings: `stacks/parts/` turns these into
arguments.
"""


def page() -> str:
    files = sorted((ROOT / "modules").rglob("*.py"), key=lambda path: path.with_suffix("").parts)
    modules = {str(path.relative_to(ROOT)): sources.parse(path) for path in files if path.name != "__init__.py"}
    names = [cls.name for module in modules.values() for cls in sources.classes(module)]
    return "\n".join([HEAD, *(_module(name, module, names) for name, module in modules.items())])


def _module(name: str, module: ast.Module, names: Sequence[str]) -> str:
    parts = [f"## {markdown.code(name)}\n", _doc(module)]
    for cls in sources.classes(module):
        parts += [f"### {cls.name}\n", _doc(cls), *_class(cls, names)]
    functions = [node for node in module.body if _is_public_function(node)]
    if functions:
        parts += ["### Functions\n" if len(parts) > 2 else "", _functions(functions)]
    return "\n".join(part for part in parts if part)


def _class(cls: ast.ClassDef, names: Sequence[str]) -> Iterator[str]:
    methods = {node.name: node for node in cls.body if isinstance(node, ast.FunctionDef)}
    fields = list(sources.fields(cls))
    if "__init__" in methods:
        fields = list(_arguments(methods["__init__"]))
    if fields:
        columns = {
            "Argument": [markdown.code(each.name) for each in fields],
            "Type": [_type(each.type, names) for each in fields],
            "Default": [markdown.code(_default(each.default)) for each in fields],
            "Meaning": [markdown.prose(each.doc) for each in fields],
        }
        filled = {title: cells for title, cells in columns.items() if any(cells)}
        yield markdown.table(list(filled), zip(*filled.values(), strict=True))
    properties = [node.name for node in methods.values() if _is_property(node)]
    attributes = [*_attributes(methods["__init__"]), *properties] if "__init__" in methods else properties
    if attributes:
        yield f"Offers {markdown.codes(dict.fromkeys(attributes))}.\n"
    public = [node for node in methods.values() if _is_public_function(node) and not _is_property(node)]
    if public:
        yield _functions(public)


def _arguments(method: ast.FunctionDef) -> Iterator[Field]:
    for argument, default in zip(method.args.kwonlyargs, method.args.kw_defaults, strict=True):
        type_ = ast.unparse(argument.annotation) if argument.annotation else ""
        yield Field(argument.arg, type_, ast.unparse(default) if default else "", "")


def _attributes(method: ast.FunctionDef) -> Iterator[str]:
    """What `__init__` sets on the object for others to read."""
    for node in ast.walk(method):
        if isinstance(node, ast.Attribute) and isinstance(node.ctx, ast.Store) and not node.attr.startswith("_"):
            yield node.attr


def _functions(functions: Sequence[ast.AST]) -> str:
    return "".join(_function(each) for each in functions if isinstance(each, ast.FunctionDef))


def _function(node: ast.FunctionDef) -> str:
    arguments = ast.unparse(node.args).removeprefix("self").removeprefix(", ").replace("=", " = ")
    returns = f" -> {ast.unparse(node.returns)}" if node.returns and ast.unparse(node.returns) != "None" else ""
    doc = " ".join(markdown.paragraphs(ast.get_docstring(node) or ""))
    return f"- `{node.name}({arguments}){returns}`" + (f": {doc}\n" if doc else "\n")


def _doc(node: ast.Module | ast.ClassDef) -> str:
    return "\n\n".join(markdown.paragraphs(ast.get_docstring(node) or "")) + "\n"


def _type(text: str, names: Sequence[str]) -> str:
    """The type, leading to the class of modules/ in it."""
    shown = markdown.code(text)
    inside = [name for name in re.findall(r"\w+", text) if name in names]
    return f"[{shown}](#{inside[0].lower()})" if inside else shown


def _default(text: str) -> str:
    """A dataclass makes an empty object with a call."""
    return "{}" if text.startswith("field(default_factory=dict") else text


def _is_property(node: ast.FunctionDef) -> bool:
    return any(ast.unparse(each) == "property" for each in node.decorator_list)


def _is_public_function(node: ast.AST) -> bool:
    return isinstance(node, ast.FunctionDef) and not node.name.startswith("_")
