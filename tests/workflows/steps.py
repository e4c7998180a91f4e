"""The steps of one job: shells, stand-ins of remote actions, composite actions."""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import tempfile
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from tests.workflows.commands import CommandFiles, Masker, Said
from tests.workflows.expressions import Scope
from tests.workflows.model import WorkflowError, load_action, text
from tests.workflows.repository import ActionFailed, Call, Reply, Repository
from tests.workflows.results import JobResult, StepResult

# Of what a job sees, a composite action sees its own inputs and steps instead, and none of these.
_HIDDEN = ("needs", "secrets", "vars")


@dataclass
class Frame:
    """A list of steps that see each other: a job's, or a composite action's."""

    scope: Scope
    steps: dict[str, dict[str, Any]] = field(default_factory=dict)
    status: str = "success"


@dataclass
class Job:
    """A job while it runs."""

    result: JobResult
    frame: Frame
    repository: Repository
    temp: Path
    env: dict[str, str]
    masker: Masker
    leaks: list[str]
    deadline: float
    path: list[str] = field(default_factory=list)
    groups: list[int] = field(default_factory=list)

    def run(self, steps: list[dict[str, Any]]) -> None:
        """Run the job's steps, and end what they left in the background, as a runner does.

        Raises WorkflowError on an action without a stand-in, and TimeoutExpired at the job's time limit.
        """
        try:
            self.result.steps = [self._step(self.frame, step) for step in steps]
        finally:
            for group in self.groups:
                with contextlib.suppress(ProcessLookupError):
                    os.killpg(group, signal.SIGKILL)
        self.result.result = self.frame.status

    def scope(self, frame: Frame, env: Mapping[str, str]) -> Scope:
        """What an expression of a step sees."""
        return frame.scope.having(steps=frame.steps, env=env, job={"status": frame.status})

    def _step(self, frame: Frame, step: dict[str, Any]) -> StepResult:
        env = {**self.env, **self.scope(frame, self.env).texts(step.get("env"))}
        scope = self.scope(frame, env)
        result = StepResult(step.get("name", ""), step.get("id"))
        if scope.holds(step.get("if"), status=frame.status):
            if "run" in step:
                self._shell(step["run"], scope, result)
            else:
                self._action(step, scope, result)
            forgiven = step.get("continue-on-error") and result.outcome == "failure"
            result.conclusion = "success" if forgiven else result.outcome
        if result.conclusion == "failure":
            frame.status = "failure"
        if result.id:
            frame.steps[result.id] = {
                "outputs": result.outputs,
                "outcome": result.outcome,
                "conclusion": result.conclusion,
            }
        return result

    def _shell(self, run: str, scope: Scope, result: StepResult) -> None:
        directory = Path(tempfile.mkdtemp(dir=self.temp))
        files = CommandFiles(directory)
        script = directory / "script"
        script.write_text(scope.value(run))
        # A file and no pipe: what runs on in the background would keep a pipe open.
        with tempfile.TemporaryFile("w+", errors="replace") as output:
            process = subprocess.Popen(
                ["bash", "--noprofile", "--norc", "-eo", "pipefail", script],
                cwd=self.repository.checkout,
                env={**self._environment(scope), **files.variables},
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )
            try:
                code = process.wait(timeout=max(self.deadline - time.monotonic(), 0))
            finally:
                # Only where some are left: the number of a group that has ended may become another's.
                with contextlib.suppress(ProcessLookupError):
                    os.killpg(process.pid, 0)
                    self.groups.append(process.pid)
            output.seek(0)
            log = output.read().rstrip("\n")
        result.outcome = "failure" if code else "success"
        self._take(files.read(), f"{log}\nProcess completed with exit code {code}." if code else log, result)

    def _environment(self, scope: Scope) -> dict[str, str]:
        """What a process gets: GitHub's variables win over the workflow's."""
        env = {**self.repository.env, "CI": "true", "GITHUB_ACTIONS": "true", **scope.contexts["env"]}
        env["PATH"] = os.pathsep.join([*self.path, env.get("PATH", os.defpath)])
        github = {k: text(v) for k, v in scope.contexts["github"].items() if k not in ("event", "token")}
        return env | {f"GITHUB_{name.upper()}": value for name, value in github.items()}

    def _action(self, step: dict[str, Any], scope: Scope, result: StepResult) -> None:
        uses, inputs = step["uses"], scope.texts(step.get("with"))
        if uses.startswith("./"):
            self._composite(load_action(self.repository.checkout / uses), inputs, scope, result)
            return
        stand_in = self.repository.actions.get(uses.partition("@")[0])
        if stand_in is None:
            raise WorkflowError(f"{scope.where}: no stand-in is given for the action {uses}")
        try:
            reply = stand_in(Call(inputs, self.repository.checkout)) or Reply()
        except ActionFailed as failure:
            result.outcome = "failure"
            self._take(Said(), str(failure), result)
        else:
            result.outcome = "success"
            self._take(Said(dict(reply.outputs), dict(reply.env)), "", result)

    def _composite(self, action: Mapping[str, Any], given: Mapping[str, str], scope: Scope, result: StepResult) -> None:
        visible = {name: value for name, value in scope.contexts.items() if name not in _HIDDEN}
        inner = Frame(Scope(scope.where, visible).having(inputs=with_defaults(action.get("inputs"), given)))
        result.steps = [self._step(inner, step) for step in action["runs"]["steps"]]
        result.outcome = inner.status
        result.log = "\n".join(each.log for each in result.steps)

    def _take(self, said: Said, log: str, result: StepResult) -> None:
        """Let what a step said act on the job."""
        result.outputs = said.outputs
        self.env |= said.env
        self.path = [*reversed(said.path), *self.path]
        result.log = self.masker.mask(log)
        self.result.summary += self.masker.mask(said.summary)
        for place, written in (("log", log), ("summary", said.summary)):
            found = self.masker.found(written)
            self.leaks += [f"{self.result.name}: {result.name}: {place}: {name}" for name in found]


def with_defaults(specs: Mapping[str, Any] | None, given: Mapping[str, Any]) -> dict[str, Any]:
    """Inputs of an action or a called workflow; that the required ones are given, actionlint sees."""
    return {name: given.get(name, spec.get("default", "")) for name, spec in (specs or {}).items()}
