"""`up`: the whole platform on the embedded AWS, from nothing or from whatever is there."""

from __future__ import annotations

import time

from ops import command_line
from ops.checks.offline import changes
from ops.core.endpoint import EMULATOR_CREDENTIALS, ENDPOINT
from ops.session import Session
from ops.state.bootstrap import apply_in_one_step
from ops.terraform import imports
from ops.terraform.run import find_terraform
from ops.terraform.steps import alone, synthesize
from ops.terraform.synthesized import BOOTSTRAP
from rehearsal import door


def run(session: Session) -> None:
    """Start the embedded AWS, apply an environment to it and run that; safe to repeat."""
    started, since = time.monotonic(), time.time()
    display, name = session.display, session.name
    find_terraform()
    door.find_tools()
    with alone(session.work, display):
        record = door.start_emulator(session.settings.account_id, session.work, display)
        synthesize(display)
        apply_in_one_step(session.steps(BOOTSTRAP), session.aws, session.bootstrap_state)
        steps = session.steps()
        steps.init()
    for refused in changes.told(session.aws, session.settings, steps.directory):
        display.line(f"`make plan` and AWS would refuse this: {refused}")
    with steps.planned() as (_, plan, planned):
        if planned.any:
            steps.apply(plan, planned)
    imports.remove(steps.directory)
    outputs = steps.output()
    display.table("Outputs:", [(key, _shown(value)) for key, value in sorted(outputs.items())])
    setup = door.Setup(
        session.settings.names.cluster,
        session.settings.aws_region,
        record.url,
        images=session.work.directory / "images",
    )
    door.rehearse(display, session.work, name, setup, session.aws, since)
    display.line(f"\n{name} is up after {time.monotonic() - started:.0f} s.")
    _what_next(session, record.url)


def _shown(value: object) -> str:
    return value if isinstance(value, str) else repr(value)


def _what_next(session: Session, url: str) -> None:
    """How to go on from here."""
    environment = f"ENV={session.name} " if session.name != "staging" else ""
    other = "production" if session.name == "staging" else "staging"
    credentials = " ".join(f"{key}={value}" for key, value in EMULATOR_CREDENTIALS.items())
    cluster = session.settings.names.cluster
    commands = (
        ("make logs", "what the tasks write, as it comes; `make status` shows which run"),
        (f"{environment}make plan", f"what would change, after an edit of environments/{session.name}.tfvars"),
        (f"ENV={other} make up", "the other environment, beside this one"),
        (f"{environment}make destroy", f"take {session.name} down again"),
        ("make down", "stop all that runs and the embedded AWS: it keeps everything in memory, so all of it is gone"),
    )
    for text in (
        "\nTry next:",
        *(f"  {command:<26}{text}" for command, text in commands),
        "\nLook around on the embedded AWS with the aws CLI or boto3:",
        f"  export {ENDPOINT}={url} {credentials} AWS_REGION={session.settings.aws_region}",
        f"  aws ecs describe-clusters --clusters {cluster}",
    ):
        session.display.line(text)


command = command_line.rehearsal(run)
