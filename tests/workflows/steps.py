"""The steps of one job: shells, stand-ins of remote actions, composite actions."""

from __future__ import annotations

import os
import shlex
import signal
import subprocess
import tempfile
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from tests.workflows.commands import CommandFiles, Masker, Said
from tests.workflows.events import typed_inputs
from tests.workflows.expressions import Scope
from tests.workflows.model import WorkflowError, load_action, text
from tests.workflows.repository import ActionFailed, Call, Reply, StandIn
from tests.workflows.results import JobResult, StepResult

_SHELLS = {
    None: "bash -e {0}",
    "bash": "bash --noprofile --norc -eo pipefail {0}",
    "sh": "sh -e {0}",
    "python": "python {0}",
}


@dataclass
class Frame:
    """A list of steps that see each other: a job's, or a composite action's."""

    prefix: str  # "" or "action.": which contexts GitHub lets it see
    scope: Scope
    defaults: Mapping[str, str] = field(default_factory=dict)
    env: Mapping[str, str] = field(default_factory=dict)  # of the step that uses the action
    steps: dict[str, dict[str, Any]] = field(default_factory=dict)
    status: str = "success"


@dataclass
class Job:
    """A job while it runs."""

    result: JobResult
    frame: Frame
    workspace: Path
    temp: Path
    base_env: Mapping[str, str]
    env: dict[str, str]
    masker: Masker
    actions: Mapping[str, StandIn]
    leaks: list[str]
    deadline: float
    path: list[str] = field(default_factory=list)
    cancelled: bool = False
    groups: list[int] = field(default_factory=list)

    def run(self, steps: list[dict[str, Any]]) -> None:
        """Run the job's steps, and end what they left in the background, as a runner does."""
        try:
            self.result.steps = [self._step(self.frame, step) for step in steps]
        finally:
            for group in self.groups:
                _signal(group, signal.SIGKILL)
        self.result.result = self.status(self.frame)

    def scope(self, frame: Frame, env: Mapping[str, str]) -> Scope:
        """What an expression of a step sees."""
        return frame.scope.having(steps=frame.steps, env=env, job={"status": self.status(self.frame)})

    def status(self, frame: Frame) -> str:
        """What `success()` looks at: in a composite action, its own steps only."""
        return "cancelled" if self.cancelled else frame.status

    def _step(self, frame: Frame, step: dict[str, Any]) -> StepResult:
        key = f"{frame.prefix}step"
        own = self.scope(frame, {**self.env, **frame.env}).texts(key, step.get("env"))
        env = {**self.env, **frame.env, **own}
        scope = self.scope(frame, env)
        what = str(step.get("run", step.get("uses")))
        name = text(scope.value(key, step.get("name"))) or f"Run {what.strip().splitlines()[0]}"
        result = StepResult(self.masker.mask(name), step.get("id"), "run" if "run" in step else "action", what)

        started = time.monotonic()
        if scope.holds(f"{key}.if", step.get("if"), status=self.status(frame)):
            if "run" in step:
                self._shell(frame, step, scope, result)
            else:
                self._action(frame, step, scope, own, result)
            forgiven = scope.value(key, step.get("continue-on-error", False))
            result.conclusion = "success" if forgiven and result.outcome == "failure" else result.outcome
        result.seconds = time.monotonic() - started

        if result.conclusion == "failure":
            frame.status = "failure"
        if result.id:
            frame.steps[result.id] = {
                "outputs": result.outputs,
                "outcome": result.outcome,
                "conclusion": result.conclusion,
            }
        return result

    def _shell(self, frame: Frame, step: dict[str, Any], scope: Scope, result: StepResult) -> None:
        key = f"{frame.prefix}step"
        settings = {**frame.defaults, **step}
        shell = settings.get("shell")
        template = _SHELLS.get(shell, shell or "")
        if "{0}" not in template:
            raise WorkflowError(f"{scope.where}: the executor does not know the shell {shell}")
        directory = Path(tempfile.mkdtemp(dir=self.temp))
        files = CommandFiles(directory)
        script = directory / "script"
        script.write_text(text(scope.value(key, step["run"])))
        result.command = self.masker.mask(script.read_text())

        env = self._environment(scope, files.variables)
        minutes = scope.value(key, step.get("timeout-minutes", float("inf")))
        code, raw = self._process(
            shlex.split(template.replace("{0}", str(script))),
            self.workspace / text(scope.value(key, settings.get("working-directory"))),
            env,
            time.monotonic() + float(minutes) * 60,
        )
        result.outcome = "failure" if code else "success"
        if code is None:
            result.outcome = "cancelled" if self.cancelled else "failure"
            raw += "\nThe time limit has passed."
        elif code:
            raw += f"\nProcess completed with exit code {code}."
        try:
            self._take(files.read(), raw, result)
        except WorkflowError as error:
            result.outcome = "failure"
            self._take(Said(), f"{raw}\nUnable to process file command: {error}", result)

    def _process(self, command: list[str], cwd: Path, env: dict[str, str], deadline: float) -> tuple[int | None, str]:
        """The exit code, or None when the time is up, and the output."""
        # A file and no pipe: what runs on in the background would keep a pipe open.
        with tempfile.TemporaryFile("w+", errors="replace") as output:
            if not cwd.is_dir():
                return 1, f"working-directory {cwd} does not exist"
            process = subprocess.Popen(
                command,
                cwd=cwd,
                env=env,
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )
            try:
                code = process.wait(timeout=_seconds_to(min(deadline, self.deadline)))
            except subprocess.TimeoutExpired:
                _signal(process.pid, signal.SIGKILL)
                process.wait()
                code = None
                if self.deadline < deadline:
                    self.cancelled, self.deadline = True, float("inf")
            self.groups += [process.pid] if _signal(process.pid, 0) else []
            output.seek(0)
            return code, output.read().rstrip("\n")

    def _environment(self, scope: Scope, files: Mapping[str, str]) -> dict[str, str]:
        """What a process gets: GitHub's variables win over the workflow's."""
        env = {**self.base_env, "CI": "true", **scope.contexts["env"]}
        env["PATH"] = os.pathsep.join([*self.path, env.get("PATH", os.defpath)])
        github = {k: text(v) for k, v in scope.contexts["github"].items() if k not in ("event", "token")}
        env |= {f"GITHUB_{name.upper()}": value for name, value in github.items()}
        env |= {f"RUNNER_{name.upper()}": value for name, value in scope.contexts["runner"].items()}
        return env | {"GITHUB_ACTIONS": "true", **files}

    def _action(
        self, frame: Frame, step: dict[str, Any], scope: Scope, own: Mapping[str, str], result: StepResult
    ) -> None:
        uses = step["uses"]
        inputs = scope.texts(f"{frame.prefix}step", step.get("with"))
        stand_in = self.actions.get(uses.partition("@")[0])
        if stand_in:
            call = Call(uses, inputs, self._environment(scope, {}), self.workspace, scope.contexts["github"])
            try:
                reply = stand_in(call) or Reply()
            except ActionFailed as failure:
                result.outcome, reply = "failure", Reply(log=str(failure))
            else:
                result.outcome = "success"
            for value in reply.mask:
                self.masker.add("a value that an action masks", value)
            said = Said(dict(reply.outputs), dict(reply.env), list(reply.path), reply.summary)
            self._take(said, reply.log, result)
        elif uses.startswith("./"):
            self._composite(frame, uses, inputs, scope, own, result)
        else:
            raise WorkflowError(f"{scope.where}: no stand-in is given for the action {uses}")

    def _composite(
        self,
        frame: Frame,
        uses: str,
        given: Mapping[str, str],
        scope: Scope,
        own: Mapping[str, str],
        result: StepResult,
    ) -> None:
        directory = self.workspace / uses
        action = load_action(directory)
        specs = scope.value("action.inputs", action.get("inputs") or {})
        # GitHub only warns of an input that is unknown or missing; a test wants to know.
        inputs = typed_inputs(specs, given, f"{scope.where}: {uses}")
        github = {**scope.contexts["github"], "action_path": str(directory)}
        inner = Frame("action.", scope.having(github=github, inputs=inputs), env={**frame.env, **own})
        result.steps = [self._step(inner, step) for step in action["runs"]["steps"]]
        outputs = {name: spec["value"] for name, spec in (action.get("outputs") or {}).items()}
        result.outputs = self.scope(inner, scope.contexts["env"]).texts("action.outputs", outputs)
        result.outcome = self.status(inner)
        result.log = "\n".join(each.log for each in result.steps)

    def _take(self, said: Said, raw: str, result: StepResult) -> None:
        """Let what a step said act on the job."""
        result.outputs = said.outputs
        self.env |= said.env
        self.path = [*reversed(said.path), *self.path]
        result.log, in_log = self.masker.log(raw)
        where = f"{self.result.name}: {result.name}"
        self.leaks += [f"{where}: log: {name}" for name in sorted(in_log)]
        self.leaks += [f"{where}: summary: {name}" for name in sorted(self.masker.found(said.summary))]
        self.result.summary += self.masker.mask(said.summary)


def _seconds_to(deadline: float) -> float | None:
    return None if deadline == float("inf") else max(deadline - time.monotonic(), 0)


def _signal(group: int, signal_: int) -> bool:
    """Whether there was a process left to get it."""
    try:
        os.killpg(group, signal_)
    except ProcessLookupError:
        return False
    return True
