"""The measured process: `python -m tools.bench.child REPORT lazy|plain|floor [ENVIRONMENTS]` runs one program.

`plain` runs the same main.py with a lazy_bindings that does nothing, so that the product needs no switch for it.
"""

from __future__ import annotations

import atexit
import json
import resource
import runpy
import sys
from pathlib import Path
from types import ModuleType

ROOT = Path(__file__).resolve().parents[2]
# ru_maxrss is in KiB on Linux and in bytes on macOS.
MAXRSS_PER_MIB = 1024 * 1024 if sys.platform == "darwin" else 1024


def write_usage(report: Path) -> None:
    """Write the processor time, and the peak resident memory of this process and of its largest descendant: Node."""
    own, ended = resource.getrusage(resource.RUSAGE_SELF), resource.getrusage(resource.RUSAGE_CHILDREN)
    usage = {
        "cpu_s": own.ru_utime + own.ru_stime + ended.ru_utime + ended.ru_stime,
        "python_mib": own.ru_maxrss / MAXRSS_PER_MIB,
        "node_mib": ended.ru_maxrss / MAXRSS_PER_MIB,
    }
    report.write_text(json.dumps(usage), encoding="utf-8")


def disable_lazy_bindings() -> None:
    module = ModuleType("lazy_bindings")
    module.__dict__["install"] = lambda: None
    sys.modules["lazy_bindings"] = module


def run(program: str, environments: Path | None) -> None:
    """Run the program: shipped environments as `python main.py` does, others through its synthesize()."""
    if program == "floor":
        runpy.run_path(str(Path(__file__).with_name("empty_app.py")), run_name="__main__")
        return
    if program == "plain":
        disable_lazy_bindings()
    main = str(ROOT / "main.py")
    if environments is None:
        runpy.run_path(main, run_name="__main__")
    else:
        runpy.run_path(main)["synthesize"](environments)


if __name__ == "__main__":
    # Registered before jsii's own exit handler, so run after it has ended and awaited Node.
    atexit.register(write_usage, Path(sys.argv[1]))
    run(sys.argv[2], Path(sys.argv[3]) if len(sys.argv) > 3 else None)
