"""`up`: the whole platform on the embedded AWS, from nothing or from whatever is there."""

from __future__ import annotations

import os
import time
from typing import Any

from ops import command_line
from ops.checks.offline import changes
from ops.core.errors import CommandError
from ops.recovery import imports, inventory
from ops.session import Session
from ops.terraform import synthesized
from ops.terraform.environment import EMULATOR_CREDENTIALS, ENDPOINT
from ops.terraform.run import find_terraform
from rehearsal import door


def run(session: Session) -> None:
    """Start the embedded AWS, apply an environment to it and run that; safe to repeat."""
    started, since = time.monotonic(), time.time()
    display, name = session.display, session.name
    find_terraform()
    door.find_tools()
    with session.prepare_alone():
        record = session.start_emulator()
        session.synthesize()
        variables = session.emulator_environment(record)
        session.bootstrap_emulator(variables)
        session.init(variables)
    for refused in changes.told(session.aws(variables), session.settings, synthesized.directory(name)):
        display.line(f"`make plan` and AWS would refuse this: {refused}")
    # Of its own, so that a second `up` neither overwrites nor applies it.
    plan = session.work.plan(f"{name}-{os.getpid()}")
    try:
        with display.step(f"{name}: plan") as step:
            planned = session.terraform(name, variables, step).plan(plan)
            step.note = str(planned) if planned.any else "no changes"
        if planned.any:
            with display.step(f"{name}: apply") as step:
                session.terraform(name, variables, step).apply(plan, planned)
                step.note = f"{planned.total} resources"
    finally:
        plan.unlink(missing_ok=True)
    imports.remove(synthesized.directory(name))
    with display.step(f"{name}: check") as step:
        backend = synthesized.backend(synthesized.directory(name))
        rows, missing = inventory.inspect(session.aws(variables), session.settings, backend)
        outputs = session.terraform(name, variables, step).output()
    display.table("What exists, asked from the AWS API:", rows)
    display.table("Outputs:", [(key, _shown(value)) for key, value in sorted(outputs.items())])
    if missing:
        raise CommandError(f"applied, but missing in the account: {', '.join(missing)}")
    cluster, region = session.settings.names.cluster, session.settings.aws_region
    setup = door.Setup(cluster, region, record.url, images=session.work.directory / "images")
    door.rehearse(display, session.work, name, setup, session.aws(variables), since)
    display.line(f"\n{name} is up after {time.monotonic() - started:.0f} s.")
    _what_next(session, record.url)


def _shown(value: Any) -> str:
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
