"""Workflow and action files. Their syntax is actionlint's to judge; here what the executor does not know is refused."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

import yaml

# What the executor heeds or may leave alone; anything else (`services`, `outputs`) must not be skipped in silence.
_KEYS = {
    "workflow": {"name", "on", "permissions", "defaults", "concurrency", "jobs"},
    "job": {
        *("name", "runs-on", "needs", "if", "permissions", "environment", "concurrency", "env", "steps"),
        *("timeout-minutes", "strategy"),
    },
    "call": {"name", "needs", "if", "permissions", "uses", "with", "secrets"},
    "strategy": {"fail-fast", "matrix"},
    "run": {"name", "id", "if", "env", "continue-on-error", "run", "shell"},
    "uses": {"name", "id", "if", "uses", "with"},
    "action": {"name", "description", "inputs", "runs"},
}


class WorkflowError(Exception):
    """A file asks for what the executor or its test does not know."""


class _Loader(yaml.SafeLoader):
    """As in YAML 1.2, `on` is a word."""


_BOOL = "tag:yaml.org,2002:bool"
_Loader.yaml_implicit_resolvers = {
    first: [each for each in resolvers if each[0] != _BOOL]
    for first, resolvers in yaml.SafeLoader.yaml_implicit_resolvers.items()
}
_Loader.add_implicit_resolver(_BOOL, re.compile("(true|false)$"), ["t", "f"])


def load_workflow(path: Path) -> dict[str, Any]:
    """Read a workflow. Raises WorkflowError on what the executor does not know."""
    workflow = _load(path)
    _check("workflow", str(path), workflow)
    shell = (workflow.get("defaults") or {}).get("run", {}).get("shell")
    for job_id, job in workflow["jobs"].items():
        where = f"{path}: jobs.{job_id}"
        _check("call" if "uses" in job else "job", where, job)
        strategy = job.get("strategy", {"fail-fast": False, "matrix": {}})
        _check("strategy", where, strategy)
        if strategy.get("fail-fast") is not False or strategy["matrix"].keys() & {"include", "exclude"}:
            raise WorkflowError(f"{where}: the executor knows a matrix of lists alone, without fail-fast")
        _check_steps(where, job.get("steps", []), shell)
    return workflow


def load_action(directory: Path) -> dict[str, Any]:
    """Read a composite action. Raises WorkflowError on what the executor does not know."""
    path = directory / "action.yml"
    action = _load(path)
    _check("action", str(path), action)
    if action["runs"]["using"] != "composite":
        raise WorkflowError(f"{path}: the executor runs composite actions alone")
    _check_steps(str(path), action["runs"]["steps"], None)
    return action


def as_list(value: Any) -> list[Any]:
    """GitHub takes one item for a list of one, and nothing for an empty list."""
    return value if isinstance(value, list) else [] if value is None else [value]


def text(value: Any) -> str:
    """A value as an expression inside a text shows it."""
    if value is None:
        return ""
    return str(value).lower() if isinstance(value, bool) else str(value)


def _load(path: Path) -> dict[str, Any]:
    return yaml.load(path.read_text(), _Loader)


def _check(kind: str, where: str, mapping: Mapping[str, Any]) -> None:
    if unknown := mapping.keys() - _KEYS[kind]:
        raise WorkflowError(f"{where}: the executor does not know {', '.join(sorted(unknown))}")


def _check_steps(where: str, steps: Iterable[Mapping[str, Any]], shell: str | None) -> None:
    for step in steps:
        _check("run" if "run" in step else "uses", f"{where}: {step.get('name')}", step)
        if "run" in step and step.get("shell", shell) != "bash":
            raise WorkflowError(f"{where}: {step.get('name')}: the executor knows the shell bash alone")
