"""The github context and the inputs that an event brings."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from tests.workflows.model import WorkflowError, on_event, text

_EMPTY = {"boolean": False, "number": 0}


def github_context(event_name: str, event: Mapping[str, Any], workflow: str, path: str) -> dict[str, Any]:
    """What GitHub derives from an event; a pull request runs on the merge of its head into its base."""
    pull = event.get("pull_request") or {}
    ref = event.get("ref", "refs/heads/main")
    if event_name.startswith("pull_request"):
        ref = f"refs/pull/{event.get('number', pull.get('number', 1))}/merge"
    repository = (event.get("repository") or {}).get("full_name", "octo-org/octo-repo")
    sha = event.get("after") or pull.get("merge_commit_sha") or f"{1:040x}"
    actor = (event.get("sender") or {}).get("login", "octocat")
    return {
        "event_name": event_name,
        "event": dict(event),
        "ref": ref,
        "ref_name": ref.removeprefix("refs/heads/").removeprefix("refs/tags/").removeprefix("refs/pull/"),
        "ref_type": "tag" if ref.startswith("refs/tags/") else "branch",
        "base_ref": (pull.get("base") or {}).get("ref", ""),
        "head_ref": (pull.get("head") or {}).get("ref", ""),
        "sha": sha,
        "repository": repository,
        "repository_owner": repository.partition("/")[0],
        "actor": actor,
        "triggering_actor": actor,
        "run_id": "1658821493",
        "run_number": "3",
        "run_attempt": "1",
        "workflow": workflow,
        "workflow_ref": f"{repository}/{path}@{ref}",
        "workflow_sha": sha,
        "server_url": "https://github.com",
        "api_url": "https://api.github.com",
        "graphql_url": "https://api.github.com/graphql",
        "token": "ghs_0123456789abcdefghijklmnopqrstuvwxyz",
    }


def dispatch_inputs(workflow: Mapping[str, Any], event: Mapping[str, Any]) -> dict[str, Any]:
    """The `inputs` of a manual run: the event carries texts, the context has their types."""
    specs = on_event(workflow, "workflow_dispatch").get("inputs") or {}
    words = {"true": True, "false": False}
    given = dict(event.get("inputs") or {})
    for name, value in given.items():
        match (specs.get(name) or {}).get("type"):
            case "boolean":
                given[name] = words.get(text(value), value)
            case "number":
                given[name] = float(value)
    return typed_inputs(specs, given, "workflow_dispatch")


def typed_inputs(specs: Mapping[str, Any], given: Mapping[str, Any], where: str) -> dict[str, Any]:
    """Inputs with their defaults. Raises WorkflowError on one that is unknown, missing or of another type."""
    if unknown := given.keys() - specs.keys():
        raise WorkflowError(f"{where}: no input is called {', '.join(sorted(unknown))}")
    inputs: dict[str, Any] = {}
    for name, spec in specs.items():
        spec = spec or {}
        if name not in given and spec.get("required") and "default" not in spec:
            raise WorkflowError(f"{where}: the input {name} is required")
        type_ = spec.get("type", "string")
        value = given.get(name, spec.get("default", _EMPTY.get(type_, "")))
        expected = {"boolean": (bool,), "number": (int, float)}.get(type_)
        if expected and type(value) not in expected:
            raise WorkflowError(f"{where}: the input {name} is a {type_}, got {value!r}")
        if type_ == "choice" and value not in spec["options"]:
            raise WorkflowError(f"{where}: the input {name} is one of {spec['options']}, got {value!r}")
        inputs[name] = value if expected else text(value)
    return inputs
