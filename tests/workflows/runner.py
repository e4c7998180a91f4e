"""Executes a workflow's jobs on this machine, for tests."""

from __future__ import annotations

import json
import tempfile
import time
from collections.abc import Collection, Mapping
from dataclasses import asdict, dataclass, field, replace
from graphlib import TopologicalSorter
from pathlib import Path
from typing import Any

from tests.workflows.commands import Masker
from tests.workflows.events import dispatch_inputs, github_context, typed_inputs
from tests.workflows.expressions import Scope
from tests.workflows.matrix import expand
from tests.workflows.model import WorkflowError, as_list, load_workflow, on_event, text
from tests.workflows.repository import Repository
from tests.workflows.results import JobResult, RunResult
from tests.workflows.steps import Frame, Job


@dataclass(frozen=True)
class Needed:
    """What `needs` shows of a job."""

    result: str
    outputs: Mapping[str, str] = field(default_factory=dict)


def run_workflow(
    path: str | Path,
    event_name: str,
    event: Mapping[str, Any],
    repository: Repository,
    *,
    only: Collection[str] | None = None,
    given: Mapping[str, Mapping[str, str]] | None = None,
) -> RunResult:
    """Run a workflow, whatever its `on` says. With `only`, the other jobs count as successful with the `given` outputs.

    Raises WorkflowError on what GitHub would refuse to run, and on an action, an environment or a key not known here.
    """
    workflow = load_workflow(repository.checkout / path)
    with tempfile.TemporaryDirectory() as temp:
        github = github_context(event_name, event, workflow.get("name", str(path)), str(path)) | repository.github
        github["event_path"] = str(Path(temp, "event.json"))
        Path(github["event_path"]).write_text(json.dumps(event))
        run = _Run(
            repository=repository,
            workflow=workflow,
            path=Path(path),
            github=github,
            inputs=dispatch_inputs(workflow, event) if event_name == "workflow_dispatch" else {},
            secrets={**repository.secrets, "GITHUB_TOKEN": github["token"]},
            inherits=True,
            prefix="",
            temp=Path(temp),
            result=RunResult(),
        )
        run.result.concurrency = run.scope(str(path)).value("concurrency", workflow.get("concurrency"))
        run.result.result = _overall(run.jobs(only, given or {}).values(), default="success")
        return run.result


@dataclass(frozen=True)
class _Run:
    """A workflow that runs, called or not."""

    repository: Repository
    workflow: Mapping[str, Any]
    path: Path
    github: dict[str, Any]
    inputs: Mapping[str, Any]
    secrets: Mapping[str, str]
    inherits: bool
    prefix: str
    temp: Path
    result: RunResult

    def scope(self, where: str) -> Scope:
        contexts = {"github": self.github, "vars": dict(self.repository.vars), "inputs": dict(self.inputs)}
        return Scope(where, self.repository.checkout, contexts)

    def jobs(self, only: Collection[str] | None, given: Mapping[str, Mapping[str, str]]) -> dict[str, Needed]:
        """Run the jobs, each after those it needs."""
        jobs = self.workflow["jobs"]
        if unknown := {*(only or ()), *given} - jobs.keys():
            raise WorkflowError(f"{self.path}: no job is called {', '.join(sorted(unknown))}")
        needs = {job_id: as_list(job.get("needs")) for job_id, job in jobs.items()}
        done: dict[str, Needed] = {}
        for job_id in TopologicalSorter(needs).static_order():
            if only is not None and job_id not in only:
                done[job_id] = Needed("success", given.get(job_id, {}))
                continue
            before = {done[each].result for each in _ancestors(job_id, needs)}
            status = next((each for each in ("cancelled", "failure", "skipped") if each in before), "success")
            needed = {each: asdict(done[each]) for each in needs[job_id]}
            done[job_id] = self._job(job_id, jobs[job_id], needed, status)
        return done

    def _job(self, job_id: str, job: dict[str, Any], needed: Mapping[str, Any], status: str) -> Needed:
        name = self.prefix + job_id
        scope = self.scope(f"{self.path}: jobs.{job_id}").having(needs=needed)
        if not scope.holds("job.if", job.get("if"), status=status):
            self.result.jobs[name] = JobResult(name, job)
            return Needed("skipped")
        strategy = scope.value("job.strategy", job.get("strategy") or {})
        legs = list(expand(strategy.get("matrix"), scope.where))
        ran: list[Needed] = []
        for index, matrix in enumerate(legs):
            label = f"{name} ({', '.join(map(str, matrix.values()))})" if matrix else name
            place = {"fail-fast": strategy.get("fail-fast", True), "job-index": index, "job-total": len(legs)}
            leg = scope.having(matrix=matrix, strategy=place)
            result = JobResult(label, job, concurrency=leg.value("job.concurrency", job.get("concurrency")))
            self.result.jobs[label] = result
            if place["fail-fast"] and any(each.result == "failure" for each in ran):
                result.result = "cancelled"
            elif "uses" in job:
                self._call(job, leg, result)
            else:
                self._steps(job_id, job, leg, result)
            if result.result == "failure" and leg.value("job.continue-on-error", job.get("continue-on-error", False)):
                ran.append(Needed("success", result.outputs))
            else:
                ran.append(Needed(result.result, result.outputs))
        # Of the legs that set an output, the last one to end wins.
        outputs = {key: value for each in ran for key, value in each.outputs.items() if value}
        return Needed(_overall(ran, default="skipped"), outputs)

    def _steps(self, job_id: str, job: dict[str, Any], scope: Scope, result: JobResult) -> None:
        secrets, vars_ = self._of_environment(job, scope, result)
        workspace = self.repository.workspace(result.name) if self.repository.workspace else self.repository.checkout
        temp = Path(tempfile.mkdtemp(dir=self.temp))
        scope = replace(scope, workspace=workspace).having(
            github={**self.github, "job": job_id, "workspace": str(workspace)},
            vars=vars_,
            secrets=secrets,
            runner={"os": "Linux", "arch": "X64", "name": "local", "temp": str(temp)},
        )
        env = {**scope.texts("env", self.workflow.get("env")), **scope.texts("job.env", job.get("env"))}
        defaults = {
            **(self.workflow.get("defaults") or {}).get("run", {}),
            **scope.having(env=env).value("job.defaults", (job.get("defaults") or {}).get("run", {})),
        }
        minutes = float(scope.value("job.timeout-minutes", job.get("timeout-minutes", 360)))
        running = Job(
            result=result,
            frame=Frame("", scope, defaults),
            workspace=workspace,
            temp=temp,
            base_env=self.repository.env,
            env=env,
            masker=Masker(secrets),
            actions=self.repository.actions,
            leaks=self.result.leaks,
            deadline=time.monotonic() + minutes * 60,
        )
        running.run(job["steps"])
        after = running.scope(running.frame, running.env)
        if isinstance(job.get("environment"), dict):
            result.environment_url = text(after.value("job.environment.url", job["environment"].get("url")))
        outputs = after.texts("job.outputs", job.get("outputs"))
        result.withheld = [key for key, value in outputs.items() if running.masker.found(value)]
        result.outputs = {key: value for key, value in outputs.items() if key not in result.withheld}

    def _of_environment(
        self, job: dict[str, Any], scope: Scope, result: JobResult
    ) -> tuple[dict[str, str], dict[str, str]]:
        """The secrets and variables of a job: its environment's win."""
        raw = job.get("environment")
        name = scope.value("job.environment", raw["name"] if isinstance(raw, dict) else raw)
        if not name:
            return dict(self.secrets), dict(self.repository.vars)
        if name not in self.repository.environments:
            raise WorkflowError(f"{scope.where}: no environment is called {name}")
        result.environment = name
        environment = self.repository.environments[name]
        # A called workflow that inherits no secrets sees those of an environment only under the names it was passed.
        own = {k: v for k, v in environment.secrets.items() if self.inherits or k in self.secrets}
        return {**self.secrets, **own}, {**self.repository.vars, **environment.vars}

    def _call(self, job: dict[str, Any], scope: Scope, result: JobResult) -> None:
        """Run a called workflow's jobs as `caller / job`."""
        if not job["uses"].startswith("./"):
            raise WorkflowError(f"{scope.where}: only workflows of this checkout can be called, not {job['uses']}")
        path = Path(job["uses"])
        workflow = load_workflow(self.repository.checkout / path)
        on = on_event(workflow, "workflow_call")
        specs = scope.value("inputs", on.get("inputs") or {})
        inputs = typed_inputs(specs, scope.value("job.with", job.get("with") or {}), scope.where)
        called = replace(
            self,
            workflow=workflow,
            path=path,
            inputs=inputs,
            secrets=self._passed(job.get("secrets"), on.get("secrets") or {}, scope),
            inherits=self.inherits and job.get("secrets") == "inherit",
            prefix=f"{result.name} / ",
        )
        done = called.jobs(None, {})
        jobs = {job_id: asdict(each) for job_id, each in done.items()}
        outputs = {name: spec["value"] for name, spec in (on.get("outputs") or {}).items()}
        result.outputs = called.scope(str(path)).having(jobs=jobs).texts("outputs", outputs)
        result.result = _overall(done.values(), default="skipped")

    def _passed(self, raw: Any, declared: Mapping[str, Any], scope: Scope) -> Mapping[str, str]:
        if raw == "inherit":
            return self.secrets
        passed = scope.having(secrets=dict(self.secrets)).texts("job.secrets", raw)
        if unknown := passed.keys() - declared.keys():
            raise WorkflowError(f"{scope.where}: the called workflow has no secret {', '.join(sorted(unknown))}")
        missing = [name for name, spec in declared.items() if (spec or {}).get("required") and name not in passed]
        if missing:
            raise WorkflowError(f"{scope.where}: the called workflow needs the secret {', '.join(missing)}")
        return {**passed, "GITHUB_TOKEN": self.secrets["GITHUB_TOKEN"]}


def _ancestors(job_id: str, needs: Mapping[str, list[str]]) -> set[str]:
    """`success()` of a job looks at all that came before, not only at what it needs itself."""
    return {each for needed in needs[job_id] for each in ({needed} | _ancestors(needed, needs))}


def _overall(jobs: Collection[Needed], *, default: str) -> str:
    results = {each.result for each in jobs}
    return next((each for each in ("failure", "cancelled", "success") if each in results), default)
