"""Workflow and action files, read as GitHub reads them."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

import yaml

# What the executor heeds or may leave alone; anything else (`services`, `container`) must not be skipped in silence.
_KEYS = {
    "workflow": {"name", "run-name", "on", "permissions", "env", "defaults", "concurrency", "jobs"},
    "job": {
        *("name", "runs-on", "needs", "if", "permissions", "environment", "concurrency", "outputs", "env", "defaults"),
        *("steps", "timeout-minutes", "strategy", "continue-on-error"),
    },
    "call": {"name", "needs", "if", "permissions", "concurrency", "strategy", "uses", "with", "secrets"},
    "step": {
        *("name", "id", "if", "env", "continue-on-error", "timeout-minutes"),
        *("run", "shell", "working-directory", "uses", "with"),
    },
    "action": {"name", "description", "author", "branding", "inputs", "outputs", "runs"},
}


class WorkflowError(Exception):
    """A file asks for what GitHub refuses, or for what the executor or its test does not know."""


class _Loader(yaml.SafeLoader):
    """YAML 1.2: `on` is a word, and an account id that starts with 0 is no octal number."""


_Loader.yaml_implicit_resolvers = {}
for _tag, _pattern, _first in (
    ("null", r"~|null|Null|NULL|", ["~", "n", "N", ""]),
    ("bool", r"true|True|TRUE|false|False|FALSE", list("tTfF")),
    ("int", r"[-+]?[0-9]+", list("-+0123456789")),
    ("float", r"[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?", list("-+.0123456789")),
):
    _Loader.add_implicit_resolver(f"tag:yaml.org,2002:{_tag}", re.compile(f"({_pattern})$"), _first)
_Loader.add_constructor("tag:yaml.org,2002:int", lambda _, node: int(node.value))


def load_workflow(path: Path) -> dict[str, Any]:
    """Read a workflow. Raises WorkflowError on keys that the executor does not know."""
    workflow = _load(path)
    _check("workflow", str(path), workflow, ("on", "jobs"))
    for job_id, job in workflow["jobs"].items():
        where = f"{path}: jobs.{job_id}"
        _check("call" if "uses" in job else "job", where, job, ("uses",) if "uses" in job else ("runs-on", "steps"))
        _check_steps(where, job.get("steps", []))
        for needed in as_list(job.get("needs")):
            if needed not in workflow["jobs"]:
                raise WorkflowError(f"{where}: needs {needed}, which is no job")
    return workflow


def load_action(directory: Path) -> dict[str, Any]:
    """Read a composite action."""
    path = next((each for each in (directory / "action.yml", directory / "action.yaml") if each.is_file()), None)
    if path is None:
        raise WorkflowError(f"{directory}: no action.yml (is the checkout missing?)")
    action = _load(path)
    _check("action", str(path), action, ("runs",))
    if action["runs"].get("using") != "composite":
        raise WorkflowError(f"{path}: runs using {action['runs'].get('using')}: give a stand-in for it")
    _check_steps(str(path), action["runs"]["steps"])
    for step in action["runs"]["steps"]:
        if "run" in step and "shell" not in step:
            raise WorkflowError(f"{path}: a composite action's `run` needs a `shell`: {step['run']}")
    return action


def on_event(workflow: Mapping[str, Any], event_name: str) -> Mapping[str, Any]:
    """What `on` says of an event: nothing, perhaps. Raises WorkflowError when it does not name the event."""
    on = workflow["on"]
    if event_name not in (on if isinstance(on, dict) else as_list(on)):
        raise WorkflowError(f"the workflow {workflow.get('name', '')} is not run on {event_name}")
    return (on[event_name] or {}) if isinstance(on, dict) else {}


def triggers(workflow: Mapping[str, Any], event_name: str, branch: str) -> bool:
    """Whether an event on a branch (of a pull request, the branch it goes to) starts the workflow."""
    try:
        filters = on_event(workflow, event_name)
    except WorkflowError:
        return False
    if "branches-ignore" in filters:
        return not _match(filters["branches-ignore"], branch)
    if "branches" in filters:
        return _match(filters["branches"], branch)
    return not (event_name == "push" and "tags" in filters)


def as_list(value: Any) -> list[Any]:
    """GitHub takes one item for a list of one, and nothing for an empty list."""
    return value if isinstance(value, list) else [] if value is None else [value]


def text(value: Any) -> str:
    """A value as an expression inside a text shows it."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    if isinstance(value, dict | list):
        raise WorkflowError(f"expected one value, got {value}")
    return str(value)


def _load(path: Path) -> dict[str, Any]:
    try:
        return yaml.load(path.read_text(), _Loader)
    except yaml.YAMLError as error:
        raise WorkflowError(f"{path}: {' '.join(str(error).split())}") from error


def _check(kind: str, where: str, mapping: Mapping[str, Any], needed: Iterable[str]) -> None:
    if unknown := mapping.keys() - _KEYS[kind]:
        raise WorkflowError(f"{where}: the executor does not know {', '.join(sorted(unknown))}")
    if missing := [key for key in needed if key not in mapping]:
        raise WorkflowError(f"{where}: {', '.join(missing)} is missing")


def _check_steps(where: str, steps: Iterable[Mapping[str, Any]]) -> None:
    for number, step in enumerate(steps, start=1):
        _check("step", f"{where}: step {number}", step, ())
        if ("run" in step) == ("uses" in step):
            raise WorkflowError(f"{where}: step {number}: expected one of run and uses")


def _match(patterns: Any, branch: str) -> bool:
    """The last pattern that matches decides; one with `!` takes away."""
    found = False
    for pattern in as_list(patterns):
        wanted = pattern.removeprefix("!")
        glob = re.sub(r"\*\*|\*|[.^$(){}|\\]", lambda m: {"**": ".*", "*": "[^/]*"}.get(m[0], "\\" + m[0]), wanted)
        if re.fullmatch(glob, branch):
            found = wanted == pattern
    return found
