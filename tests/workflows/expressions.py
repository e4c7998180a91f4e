"""`${{ }}`, evaluated by GitHub's own library in one node process for the session."""

from __future__ import annotations

import json
import os
import subprocess
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from functools import cache
from pathlib import Path
from typing import Any

from tests.workflows.model import WorkflowError, text


@dataclass(frozen=True)
class Scope:
    """The contexts at one place of a workflow. Which GitHub allows where is actionlint's to judge."""

    where: str
    contexts: Mapping[str, Any] = field(default_factory=dict)

    def having(self, **contexts: Any) -> Scope:
        """The same place with further contexts."""
        return replace(self, contexts={**self.contexts, **contexts})

    def value(self, raw: Any) -> Any:
        """What is written, its expressions evaluated; a text of one expression keeps the type of its value."""
        if isinstance(raw, dict):
            return {name: self.value(item) for name, item in raw.items()}
        return self._ask(raw) if isinstance(raw, str) and "${{" in raw else raw

    def texts(self, raw: Mapping[str, Any] | None) -> dict[str, str]:
        """A mapping such as `env`, as the texts that processes get."""
        return {name: text(value) for name, value in self.value(raw or {}).items()}

    def holds(self, raw: Any, *, status: str) -> bool:
        """Whether an `if` holds after success, failure or skipped; nothing is cancelled here."""
        functions = {"success": status == "success", "failure": status == "failure", "cancelled": False}
        return self._ask(text(raw) or "success()", {**functions, "always": True})

    def _ask(self, raw: str, status: Mapping[str, bool] | None = None) -> Any:
        node = _node()
        assert node.stdin and node.stdout
        node.stdin.write(json.dumps({"text": raw, "contexts": self.contexts, "status": status}) + "\n")
        node.stdin.flush()
        answer = json.loads(node.stdout.readline())
        if "error" in answer:
            raise WorkflowError(f"{self.where}: {raw}: {answer['error']}")
        return answer["value"]


@cache
def _node() -> subprocess.Popen[str]:
    """The process ends with this one: its input does."""
    return subprocess.Popen(
        ["node", Path(__file__).with_name("expressions.mjs")],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        env={"PATH": os.environ["PATH"]},
    )
