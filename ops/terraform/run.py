"""Runs stock Terraform in a synthesized stack's directory."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
from collections.abc import Mapping
from pathlib import Path
from typing import Any, cast

from ops.core.endpoint import ENDPOINT
from ops.core.errors import TerraformFailed, UserError
from ops.core.paths import Work
from ops.terraform.events import (
    Changes,
    Events,
    Progress,
    ignore_progress,
    plain_errors,
)
from ops.terraform.process import run

MINIMUM = (1, 11)
"""Write-only arguments, which keep the database password out of plan and state, came with 1.11."""
INSTALL = "install Terraform 1.11 or newer and put it on PATH (https://developer.hashicorp.com/terraform/install)"
CHANGES_PENDING = 2
LOCKED = "Error acquiring the state lock"
NO_TABLE = "ResourceNotFoundException"
OTHER_CONTENT = "state data in S3 does not have the expected content"
STALE_IMPORT = "Cannot import non-existent remote object"
REFUSED = "connection refused"


def find_terraform(path: str | None = None) -> str:
    """The terraform on PATH; raises UserError if there is none or it is too old."""
    binary = shutil.which("terraform", path=path)
    if binary is None:
        raise UserError(f"terraform is not on PATH: {INSTALL}")
    answer = subprocess.run([binary, "version"], capture_output=True, text=True, check=False)
    version = re.search(r"Terraform v(\d+)\.(\d+)\.\S+", answer.stdout)
    if version is None:
        raise UserError(f"{binary} does not tell its version: {INSTALL}")
    if (int(version[1]), int(version[2])) < MINIMUM:
        raise UserError(f"{binary} is {version[0]}; 1.11 or newer is needed: {INSTALL}")
    return binary


class Terraform:
    """Terraform in one directory, with one environment; its data stay in the directory's .terraform."""

    def __init__(
        self,
        directory: Path,
        environment: Mapping[str, str],
        work: Work,
        progress: Progress = ignore_progress,
        binary: str | None = None,
    ) -> None:
        self.directory = directory
        self.environment = dict(environment)
        self.work = work
        self.progress = progress
        self.binary = binary or find_terraform()

    def init(self, *, backend: bool = True) -> None:
        """Prepare the directory for the backend of its JSON; the state of a backend used before stays where it is.

        Without the backend, only what validate needs.
        """
        # -reconfigure: the same JSON was perhaps last used with another account, or with a local backend.
        self._plain("init", "-no-color", "-reconfigure" if backend else "-backend=false")

    def validate(self) -> None:
        self._plain("validate", "-no-color")

    def plan(self, out: Path, *, destroy: bool = False, lock: bool = True) -> Changes:
        """Write a plan file and tell what it would do.

        Without a lock the state may change meanwhile: Terraform refuses to apply a plan of an older state.
        """
        out.parent.mkdir(parents=True, exist_ok=True)
        arguments = ["-detailed-exitcode", f"-out={out}", *(["-destroy"] if destroy else [])]
        arguments += [] if lock else ["-lock=false"]
        events, code = self._json("plan", *arguments, accepted=(0, CHANGES_PENDING))
        events.summary.any = code == CHANGES_PENDING
        return events.summary

    def apply(self, plan: Path, changes: Changes | None = None) -> None:
        """Carry a plan file out."""
        self._json("apply", str(plan), total=changes.total if changes else 0)

    def destroy(self) -> Changes:
        """Destroy everything in the state."""
        events, _ = self._json("destroy", "-auto-approve")
        return events.summary

    def output(self) -> dict[str, Any]:
        """The outputs' values, without the sensitive ones."""
        outputs = cast("dict[str, dict[str, Any]]", json.loads(self._text("output", "-json")))
        return {name: output["value"] for name, output in outputs.items() if not output["sensitive"]}

    def show(self, plan: Path) -> str:
        """A plan as a person reads it."""
        return self._text("show", "-no-color", str(plan))

    def show_json(self, plan: Path | None = None) -> dict[str, Any]:
        """The plan file, or else the state."""
        return cast("dict[str, Any]", json.loads(self._text("show", "-json", *([str(plan)] if plan else []))))

    def state_list(self) -> list[str]:
        """The addresses in the state."""
        return self._text("state", "list").split()

    def untaint(self, address: str) -> None:
        """Record that a resource is whole, though its creation ended with an error."""
        self._plain("untaint", "-no-color", address)

    def push_state(self, path: Path) -> None:
        """Copy a state file into the backend; refused if another one is there."""
        self._plain("state", "push", str(path))

    def _command(self, *arguments: str) -> list[str]:
        return [self.binary, f"-chdir={self.directory}", *arguments]

    def _log(self, command: str) -> Path:
        return self.work.log(f"{self.directory.name}-{command}")

    def _json(
        self, command: str, *arguments: str, total: int = 0, accepted: tuple[int, ...] = (0,)
    ) -> tuple[Events, int]:
        events = Events(self.progress, total)
        log = self._log(command)
        code = run(self._command(command, "-json", *arguments), self.environment, log, events.read)
        if code not in accepted:
            text = "\n".join(events.errors) or plain_errors(log.read_text(encoding="utf-8"))
            raise self._failed(command, text, log)
        return events, code

    def _plain(self, command: str, *arguments: str) -> None:
        log = self._log(command)
        code = run(self._command(command, *arguments), self.environment, log, lambda _line: None)
        if code != 0:
            raise self._failed(command, plain_errors(log.read_text(encoding="utf-8")), log)

    def _text(self, *arguments: str) -> str:
        answer = subprocess.run(
            self._command(*arguments), env=self.environment, capture_output=True, text=True, check=False
        )
        if answer.returncode != 0:
            log = self._log(arguments[0])
            log.parent.mkdir(parents=True, exist_ok=True)
            log.write_text(answer.stderr, encoding="utf-8")
            raise self._failed(arguments[0], plain_errors(answer.stderr), log)
        return answer.stdout

    def _failed(self, command: str, text: str, log: Path) -> TerraformFailed:
        if LOCKED in text and NO_TABLE in text:
            bootstrap = "`make up`" if ENDPOINT in self.environment else "`python -m ops bootstrap`"
            text += f"\nThe lock table of this state does not exist yet: {bootstrap} makes one for each environment."
        elif LOCKED in text:
            text += "\nThis state is being worked on by the holder above: wait until that is done, then repeat."
        if OTHER_CONTENT in text:
            text += (
                "\nThe state's object was deleted, damaged or replaced by hand. `python -m ops state history` lists "
                "its versions, `state rollback SERIAL` makes one of them current again."
            )
        if STALE_IMPORT in text:
            text += "\nAn import block of `python -m ops recover` is out of date: that command looks again."
        if REFUSED in text and (url := self.environment.get(ENDPOINT)):
            text += (
                f"\nThe embedded AWS on {url} ended, and with it its account and this state: there is nothing to "
                "recover or to push. `make up` starts everything anew."
            )
        return TerraformFailed(f"terraform {command} failed in {self.directory}\n{text}\nlog: {log}")
