"""What is kept of a background process, and how to tell it from a later process of the same id."""

from __future__ import annotations

import contextlib
import json
from dataclasses import asdict
from pathlib import Path
from typing import Any, Self, cast, get_type_hints

import psutil


class ProcessRecord:
    """Base of the dataclasses, of texts and numbers, that a background process keeps in a file while it runs."""

    pid: int
    instance: str
    """Random, and on the command line of the process."""

    @classmethod
    def read(cls, path: Path) -> Self | None:
        """The record in the file; None if there is none or it is damaged."""
        with contextlib.suppress(OSError, ValueError, TypeError, KeyError):
            found = cast("dict[str, Any]", json.loads(path.read_text(encoding="utf-8")))
            record = cls(**{name: kind(found[name]) for name, kind in get_type_hints(cls).items()})
            # 0 and 1 would be the group of this process and init.
            return record if record.pid > 1 else None
        return None

    def to_json(self) -> str:
        return json.dumps(asdict(cast("Any", self)), indent=2) + "\n"

    def is_running(self) -> bool:
        """Whether the id still belongs to this process."""
        return self.instance in self._command_line()

    def id_is_reused(self) -> bool:
        """Whether a later process took the id: then the session of that id is another one too."""
        command = self._command_line()
        return bool(command) and self.instance not in command

    def _command_line(self) -> list[str]:
        """Empty if the process has ended, also if nobody has waited for it yet."""
        with contextlib.suppress(psutil.Error):
            return psutil.Process(self.pid).cmdline()
        return []
