"""`deploy-summary`: the pipeline's step 11, the job on one page."""

from __future__ import annotations

import json
import os
from typing import Any, cast

from environments.settings import SERVICES
from ops import command_line
from ops.core import github
from ops.core.errors import UserError
from ops.session import Session

Steps = dict[str, dict[str, Any]]
TIMED = {
    "backend_image": "build backend",
    "frontend_image": "build frontend",
    "apply": "apply",
    "deploy": "deploy",
    "wait": "wait",
    "health": "health check",
}
"""Steps of the workflow, by id, that tell how long they took."""


def run(session: Session) -> None:
    """Put the deployment on one page, the job's summary.

    Images, revisions, plan counts, durations, address. Reads what the earlier steps left: STEPS is the workflow's
    toJSON(steps), JOB_STATUS its job.status.
    """
    steps = _steps()
    rows = facts(session, steps)
    status = os.environ.get("JOB_STATUS", "unknown")
    lines = [f"## Deployment of {session.name}: {status}", "", "| | |", "|---|---|"]
    lines += [f"| {what} | {value} |" for what, value in rows]
    session.display.table(f"Deployment of {session.name}: {status}", rows)
    github.summary("\n".join(lines))
    session.answer({"status": status, **dict(rows)})


def facts(session: Session, steps: Steps) -> list[tuple[str, str]]:
    """The rows; what a step did not get to is left out."""
    outputs = {id_: cast("dict[str, str]", step.get("outputs") or {}) for id_, step in steps.items()}
    rows = [("environment", session.name), ("region", session.settings.aws_region)]
    commit = os.environ.get("GITHUB_SHA", "")[:7]
    rows += [("commit", commit)] if commit else []
    for service in SERVICES:
        built = outputs.get(f"{service}_image", {})
        if "image_tag" in built:
            rows.append((f"{service} image", f"{built['image_tag']}, {built.get('scan', 'not scanned')}"))
        if revision := outputs.get("deploy", {}).get(f"{service}_revision"):
            rows.append((f"{service} revision", revision))
    if changes := outputs.get("summary", {}).get("changes"):
        rows.append(("plan", changes))
    times = [f"{name} {outputs[id_]['seconds']} s" for id_, name in TIMED.items() if "seconds" in outputs.get(id_, {})]
    if times:
        rows.append(("durations", ", ".join(times)))
    if url := outputs.get("outputs", {}).get("url"):
        rows.append(("address", url))
    failed = [id_ for id_, step in steps.items() if step.get("outcome") == "failure"]
    if failed:
        rows.append(("failed steps", ", ".join(failed)))
    return rows


def _steps() -> Steps:
    text = os.environ.get("STEPS", "")
    try:
        found = json.loads(text)
        if not isinstance(found, dict):
            raise ValueError
    except ValueError:
        raise UserError("STEPS is not the JSON of a job's steps: set it to toJSON(steps) in the workflow") from None
    return cast("Steps", found)


command = command_line.delivery(run)
