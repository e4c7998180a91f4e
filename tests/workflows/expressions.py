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

_JOB = ("github", "needs", "vars", "inputs")
_LEG = (*_JOB, "strategy", "matrix")
_STEP = (*_LEG, "job", "runner", "env", "steps")
_COMPOSITE = ("github", "inputs", "strategy", "matrix", "job", "runner", "env", "steps")

# GitHub refuses a context where it does not exist yet, and so does this: from "Context availability" in its reference.
AVAILABLE = {
    "concurrency": ("github", "inputs", "vars"),
    "env": ("github", "secrets", "inputs", "vars"),
    "inputs": ("github", "inputs", "vars"),
    "outputs": ("github", "jobs", "vars", "inputs"),
    "job.if": _JOB,
    "job.strategy": _JOB,
    "job.name": _LEG,
    "job.environment": _LEG,
    "job.concurrency": _LEG,
    "job.continue-on-error": _LEG,
    "job.timeout-minutes": _LEG,
    "job.with": _LEG,
    "job.secrets": (*_LEG, "secrets"),
    "job.env": (*_LEG, "secrets"),
    "job.defaults": (*_LEG, "env"),
    "job.outputs": (*_STEP, "secrets"),
    "job.environment.url": _STEP,
    "step.if": _STEP,
    "step": (*_STEP, "secrets"),
    "action.inputs": ("github", "strategy", "matrix", "job", "runner"),
    "action.outputs": _COMPOSITE,
    "action.step.if": _COMPOSITE,
    "action.step": _COMPOSITE,
}


@dataclass(frozen=True)
class Scope:
    """The contexts at one place of a workflow."""

    where: str
    workspace: Path
    contexts: Mapping[str, Any] = field(default_factory=dict)

    def having(self, **contexts: Any) -> Scope:
        """The same place with further contexts."""
        return replace(self, contexts={**self.contexts, **contexts})

    def value(self, key: str, raw: Any) -> Any:
        """What is written at a key, its expressions evaluated; a text of one expression keeps the type of its value."""
        if isinstance(raw, dict):
            return {name: self.value(key, item) for name, item in raw.items()}
        if isinstance(raw, list):
            return [self.value(key, item) for item in raw]
        if isinstance(raw, str) and "${{" in raw:
            return self._ask(key, raw)
        return raw

    def texts(self, key: str, raw: Mapping[str, Any] | None) -> dict[str, str]:
        """A mapping such as `env`, as the texts that processes get."""
        return {name: text(value) for name, value in self.value(key, raw or {}).items()}

    def holds(self, key: str, raw: Any, *, status: str) -> bool:
        """Whether an `if` holds after success, failure, cancelled or skipped."""
        functions = {name: name == status for name in ("success", "failure", "cancelled")}
        return self._ask(key, text(raw) or "success()", {**functions, "always": True})

    def _ask(self, key: str, raw: str, status: Mapping[str, bool] | None = None) -> Any:
        request = {
            "text": raw,
            "contexts": {name: self.contexts.get(name, {}) for name in AVAILABLE[key]},
            "status": status,
            "workspace": str(self.workspace) if "step" in key.split(".") else None,
        }
        node = _node()
        assert node.stdin and node.stdout
        node.stdin.write(json.dumps(request) + "\n")
        node.stdin.flush()
        answer = json.loads(node.stdout.readline())
        if "error" in answer:
            raise WorkflowError(f"{self.where}: {key}: {raw}: {answer['error']}")
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
