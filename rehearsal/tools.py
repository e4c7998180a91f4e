"""The programs of this machine that a rehearsal runs."""

from __future__ import annotations

import shutil

from ops.core.errors import UserError

TOOLS = {
    "node": "install Node.js 20 or newer",
    "npm": "install it with Node.js",
    "curl": "the container health checks run it",
}


def find_tools() -> None:
    """Raises UserError with everything that is missing."""
    missing = [f"{tool} ({text})" for tool, text in TOOLS.items() if shutil.which(tool) is None]
    if missing:
        raise UserError(f"not on PATH: {', '.join(missing)}")
