"""Applies the bootstrap stack, whose state belongs into the bucket that the stack itself makes.

First run: apply with a local state, then move the state into the bucket. Later runs use the bucket. A run that
was cut off anywhere is taken up from what it left: the local state, the bucket, the state object.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from enum import Enum
from pathlib import Path
from typing import Any, cast

from ops.core.aws import Aws
from ops.core.errors import CommandError, UserError
from ops.core.files import write_atomically
from ops.state import file as state
from ops.state.file import State
from ops.terraform import imports, synthesized
from ops.terraform.events import Changes
from ops.terraform.run import Terraform
from ops.terraform.steps import Steps, temporary_plan
from ops.terraform.synthesized import S3Backend

OVERRIDE = "backend_override.tf.json"


class Start(Enum):
    """Where a run begins."""

    LOCAL = "apply with the local state, then move it into the bucket"
    REMOTE = "apply with the state in the bucket"


@dataclass(frozen=True)
class Found:
    """What earlier runs left."""

    bucket: bool
    """It exists, and is not about to be imported."""
    local: State | None
    remote: State | None


def decide(found: Found, bucket: str, local_path: Path) -> Start:
    """Where to begin; raises UserError where the states contradict each other."""
    if found.remote is None or found.remote.resources == 0:
        if found.bucket and (found.local is None or found.local.resources == 0):
            raise UserError(
                f"bucket {bucket} exists, but no state records it: neither the bucket nor {local_path} holds one. "
                f"If an earlier state is elsewhere, copy it to {local_path}; else `python -m ops recover --bootstrap` "
                "finds the bucket and what else exists, or delete the bucket if it is empty; then repeat"
            )
        return Start.LOCAL
    if found.local is None or found.local.resources == 0 or found.local.content == found.remote.content:
        return Start.REMOTE
    raise UserError(
        f"two states: {local_path} ({found.local.resources} resources) and another one in bucket {bucket} "
        f"({found.remote.resources} resources). The one in the bucket is used by everybody: move the local one away "
        "and keep it, then repeat"
    )


def apply_bootstrap(
    terraform: Terraform,
    aws: Aws,
    local_path: Path,
    confirm: Callable[[Changes, Path], None] = lambda _changes, _plan: None,
) -> Changes:
    """Bring the bootstrap stack up to date and its state into the bucket; safe to repeat, also after a crash.

    confirm gets the plan before it is carried out and raises to stop it.
    """
    backend = synthesized.backend(terraform.directory)
    override = terraform.directory / OVERRIDE
    recorded = state.bucket_exists(aws, backend.bucket) and not imports.has(terraform.directory, "aws_s3_bucket")
    found = Found(recorded, state.local(local_path), state.remote(aws, backend))
    start = decide(found, backend.bucket, local_path)
    if start is Start.REMOTE:
        override.unlink(missing_ok=True)
        _forget(local_path)
        terraform.init()
        return _apply(terraform, confirm)
    local_path.parent.mkdir(parents=True, exist_ok=True)
    document = {"terraform": {"backend": {"local": {"path": str(local_path.resolve())}}}}
    write_atomically(override, json.dumps(document, indent=2) + "\n")
    try:
        terraform.init()
        changes = _apply(terraform, confirm)
    finally:
        # Left behind it would turn every later command in this directory to the local state.
        override.unlink(missing_ok=True)
    terraform.init()
    terraform.push_state(local_path)
    written, moved = state.local(local_path), state.remote(aws, backend)
    if written is None or moved is None or moved.content != written.content:
        raise CommandError(
            f"the state did not arrive in s3://{backend.bucket}/{backend.key}; it is still in {local_path}"
        )
    _forget(local_path)
    return changes


def apply_in_one_step(steps: Steps, aws: Aws, local_path: Path) -> Changes:
    """Bring the bootstrap stack up to date without a question, shown as one step."""
    with steps.display.step(steps.stack) as step:
        imports.remove_of_another(steps.directory, steps.place)
        changes = apply_bootstrap(steps.terraform(step), aws, local_path)
        step.note = str(changes) if changes.any else "no changes"
    return changes


def document(aws: Aws, backend: S3Backend, local_path: Path) -> dict[str, Any] | None:
    """All of the bootstrap stack's state: the local one until it is in the bucket; None where there is none."""
    found = state.local(local_path)
    if found is not None and found.resources:
        return cast("dict[str, Any]", json.loads(local_path.read_text(encoding="utf-8")))
    return state.document(aws, backend)


def _apply(terraform: Terraform, confirm: Callable[[Changes, Path], None]) -> Changes:
    with temporary_plan(terraform.work, synthesized.BOOTSTRAP) as plan:
        changes = terraform.plan(plan)
        if changes.any:
            confirm(changes, plan)
            terraform.apply(plan, changes)
    imports.remove(terraform.directory)
    return changes


def _forget(local_path: Path) -> None:
    for path in (local_path, local_path.with_name(f"{local_path.name}.backup")):
        path.unlink(missing_ok=True)
