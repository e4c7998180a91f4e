"""`python -m lazy_bindings`: once after an installation, wait for jsii to write its index of the bindings' types.

A worker of jsii writes the index into its package cache seconds after the bindings' first load. A process that ends
sooner stops the worker, so that without this command every synth parses the full description again: 0.9 s each.
"""

from __future__ import annotations

import importlib
import os
import sys
import tempfile
import time
from pathlib import Path

import lazy_bindings

TIME_LIMIT_S = 120.0
ENTRY_MARKER = ".jsii-runtime-package-cache"
INDEX_PATTERN = ".jsii.runtime.v*.json"
PACKAGES = ("constructs", "cdktf", lazy_bindings.BINDINGS)


def cache_root() -> Path:
    """Where jsii unpacks the packages it loads, by jsii's own rules."""
    configured = os.environ.get("JSII_RUNTIME_PACKAGE_CACHE_ROOT")
    if configured:
        return Path(configured)
    try:
        home = Path.home()
    except RuntimeError:
        return Path(tempfile.gettempdir()) / f"aws-jsii-package-cache-{os.getuid()}"
    if sys.platform == "darwin":
        return home / "Library" / "Caches" / "com.amazonaws.jsii" / "package-cache"
    return home / ".cache" / "aws" / "jsii" / "package-cache"


def has_index(package: Path) -> bool:
    """Tell whether the entry that was used last has its index; <package> is <cache>/<name>/<version>."""
    entries = sorted(package.glob(f"*/{ENTRY_MARKER}"), key=lambda marker: marker.stat().st_mtime)
    return bool(entries) and any(entries[-1].parent.glob(INDEX_PATTERN))


def warm(time_limit: float = TIME_LIMIT_S) -> str:
    """Load the bindings, wait until each of their packages has its index, and say what happened."""
    if os.environ.get("JSII_RUNTIME_PACKAGE_CACHE", "enabled").lower() != "enabled":
        return "nothing to warm: JSII_RUNTIME_PACKAGE_CACHE turns the package cache off"
    root = cache_root()
    started = time.monotonic()
    lazy_bindings.install()
    assemblies = [importlib.import_module(f"{package}._jsii").__jsii_assembly__ for package in PACKAGES]
    missing = [root / assembly.name / assembly.version for assembly in assemblies]
    missing = [package for package in missing if not has_index(package)]
    if not missing:
        return f"already warm: {root}"
    while missing and time.monotonic() - started < time_limit:
        time.sleep(0.1)
        missing = [package for package in missing if not has_index(package)]
    elapsed = time.monotonic() - started
    if missing:
        names = ", ".join(str(package) for package in missing)
        return f"no index after {elapsed:.0f} s in {names}; each synth takes about a second longer"
    return f"warmed {root} in {elapsed:.0f} s"


if __name__ == "__main__":
    print(f"lazy_bindings: {warm()}")
