"""Makes the AWS bindings load only the resource types that are used: a synth of two seconds instead of fifteen.

Importing one class of the bindings normally loads all 2,135 resource types twice: the root package imports every
submodule into Python, and the Node library behind it requires every file. `install()` prevents both, without changing
a byte of the output. Where the bindings do not look as expected, they load normally and one line on stderr says so.
"""

from __future__ import annotations

import importlib
import os
import re
import shutil
import sys
import typing
from contextlib import contextmanager
from importlib.machinery import ModuleSpec
from importlib.util import find_spec, module_from_spec
from pathlib import Path
from typing import TYPE_CHECKING, Any

import typeguard

if TYPE_CHECKING:
    from collections.abc import Generator

__all__ = ["addresses_in_node", "install"]

BINDINGS = "cdktf_cdktf_provider_aws"
PRELOAD = Path(__file__).resolve().parent / "preload.cjs"
_SLOWER = "so synth is slower and takes more memory; the output is the same"
_installed = False
_preloaded = False


def install() -> None:
    """Make both halves of the bindings lazy and start jsii's Node process; call it before anything imports cdktf.

    The environment is left as it was. Exits with code 2 if there is no Node.
    """
    global _installed, _preloaded
    if _installed:
        return
    _installed = True
    if "jsii" in sys.modules:
        _say(f"jsii was imported before install(); every resource type is loaded, {_SLOWER}")
        return
    _require_node()
    _replace_root_package()
    _leave_type_checks_to_pyright()
    with _node_options():
        # Any jsii package starts the process; constructs is the smallest, and cdktf imports it anyway.
        importlib.import_module("constructs")
    _preloaded = True


def addresses_in_node() -> bool:
    """Whether jsii's Node process names the elements of a stack whose context says so, as addresses.cjs does."""
    return _preloaded


def _say(message: str) -> None:
    print(f"lazy_bindings: {message}", file=sys.stderr)


def _require_node() -> None:
    node = os.environ.get("JSII_NODE", "node")
    if shutil.which(node) is None:
        _say(f"no program {node!r} on PATH; cdktf needs Node.js 20 or newer")
        sys.exit(2)


def _replace_root_package() -> None:
    """Enter the root package as imported, without running its `__init__`; its submodules are then found as usual."""
    if BINDINGS in sys.modules:
        return
    spec = find_spec(BINDINGS)
    if spec is None or _is_lazy(spec):
        return
    if not _only_lists_submodules(spec):
        expected = "a package whose __init__ defines no class and imports its submodules"
        _say(f"{BINDINGS} is not as expected ({expected}); Python loads every resource type, {_SLOWER}")
        return
    sys.modules[BINDINGS] = module_from_spec(spec)


def _leave_type_checks_to_pyright() -> None:
    """Take out what the bindings check of every argument at run time, a third of their work: `make check` has done it.

    They look up the hints of a function that is there for this alone, and hand each to typeguard.
    """
    hints_of = typing.get_type_hints

    def get_type_hints(of: Any, *arguments: Any, **options: Any) -> Any:
        name = getattr(of, "__name__", "")
        return _AnyHint() if name.startswith("_typecheckingstub__") else hints_of(of, *arguments, **options)

    def check_type(*_arguments: Any, **_options: Any) -> None:
        pass

    typing.get_type_hints = get_type_hints
    typeguard.check_type = check_type


class _AnyHint(dict[str, Any]):
    def __missing__(self, key: str) -> Any:
        return Any


def _is_lazy(spec: ModuleSpec) -> bool:
    """Tell whether the package itself imports a submodule when it is first used, as the fork's bindings do."""
    return spec.origin is not None and "\ndef __getattr__(" in Path(spec.origin).read_text(encoding="utf-8")


def _only_lists_submodules(spec: ModuleSpec) -> bool:
    if spec.origin is None or not Path(spec.origin).with_name("_jsii").is_dir():
        return False
    source = Path(spec.origin).read_text(encoding="utf-8")
    return "\nfrom . import " in source and re.search(r"^(class|@)", source, re.MULTILINE) is None


@contextmanager
def _node_options() -> Generator[None]:
    """Let a Node process that starts inside load the preload; Node processes started afterwards do not get it."""
    before = os.environ.get("NODE_OPTIONS")
    # Node splits the variable at spaces; inside double quotes it takes them, and a backslash escapes.
    path = str(PRELOAD).replace("\\", "\\\\").replace('"', '\\"')
    os.environ["NODE_OPTIONS"] = f'{before or ""} --require="{path}"'.strip()
    try:
        yield
    finally:
        if before is None:
            del os.environ["NODE_OPTIONS"]
        else:
            os.environ["NODE_OPTIONS"] = before
