"""Executes a workflow's jobs on this machine, for tests."""

from __future__ import annotations

import itertools
import json
import tempfile
import time
from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace
from graphlib import TopologicalSorter
from pathlib import Path
from typing import Any

from tests.workflows.commands import Masker
from tests.workflows.expressions import Scope
from tests.workflows.model import WorkflowError, as_list, load_workflow, text
from tests.workflows.repository import Repository
from tests.workflows.results import JobResult, RunResult
from tests.workflows.steps import Frame, Job, with_defaults


def run_workflow(
    path: str, event_name: str, event: Mapping[str, Any], repository: Repository, *, only: Collection[str] | None = None
) -> RunResult:
    """Run a workflow, whatever its `on` says. With `only`, the other jobs count as successful.

    Raises WorkflowError on an expression that GitHub refuses, and on an action, an environment or a key not known here.
    """
    with tempfile.TemporaryDirectory() as temp:
        event_path = Path(temp, "event.json")
        event_path.write_text(json.dumps(event))
        github = {**github_context(event_name, event), "event_path": str(event_path), **repository.github}
        secrets = {**repository.secrets, "GITHUB_TOKEN": github["token"]}
        workflow = load_workflow(repository.checkout / path)
        run = _Run(repository, workflow, github, {}, secrets, "", Path(temp), RunResult())
        run.result.result = _overall(run.jobs(only), default="success")
        return run.result


def github_context(event_name: str, event: Mapping[str, Any]) -> dict[str, Any]:
    """What GitHub derives from an event, as far as it is used; a pull request runs on a merge commit."""
    return {
        "event_name": event_name,
        "event": dict(event),
        "sha": event.get("after") or event.get("pull_request", {}).get("merge_commit_sha") or f"{1:040x}",
        "repository": event.get("repository", {}).get("full_name", "octo-org/octo-repo"),
        "run_id": "1658821493",
        "server_url": "https://github.com",
        "api_url": "https://api.github.com",
        "token": "ghs_0123456789abcdefghijklmnopqrstuvwxyz",
    }


@dataclass(frozen=True)
class _Run:
    """A workflow that runs, called or not."""

    repository: Repository
    workflow: Mapping[str, Any]
    github: Mapping[str, Any]
    inputs: Mapping[str, Any]
    secrets: Mapping[str, str]
    prefix: str
    temp: Path
    result: RunResult

    def jobs(self, only: Collection[str] | None = None) -> Collection[str]:
        """Run the jobs, each after those it needs, and return their results."""
        jobs = self.workflow["jobs"]
        needs = {job_id: as_list(job.get("needs")) for job_id, job in jobs.items()}
        done: dict[str, str] = {}
        for job_id in TopologicalSorter(needs).static_order():
            if only is None or job_id in only:
                done[job_id] = self._job(job_id, jobs[job_id], {each: done[each] for each in needs[job_id]})
            else:
                done[job_id] = "success"
        return done.values()

    def _job(self, job_id: str, job: dict[str, Any], before: Mapping[str, str]) -> str:
        name = self.prefix + job_id
        scope = Scope(f"job {name}").having(
            github=self.github,
            vars=self.repository.vars,
            inputs=self.inputs,
            needs={each: {"result": result} for each, result in before.items()},
        )
        status = next((each for each in ("failure", "skipped") if each in before.values()), "success")
        if not scope.holds(job.get("if"), status=status):
            self.result.jobs[name] = JobResult(name)
            return "skipped"
        axes = job.get("strategy", {}).get("matrix", {})
        legs = [dict(zip(axes, values, strict=True)) for values in itertools.product(*axes.values())]
        results: list[str] = []
        for matrix in legs:
            label = f"{name} ({', '.join(map(str, matrix.values()))})" if matrix else name
            result = self.result.jobs[label] = JobResult(label)
            leg = scope.having(matrix=matrix, secrets=self.secrets)
            if "uses" in job:
                self._call(job, leg, result)
            else:
                self._steps(job, leg, result)
            results.append(result.result)
        return _overall(results, default="skipped")

    def _steps(self, job: dict[str, Any], scope: Scope, result: JobResult) -> None:
        environment = job.get("environment") or {}
        if environment:
            result.environment = scope.value(environment["name"])
            scope = self._of_environment(result.environment, scope)
        running = Job(
            result=result,
            frame=Frame(scope.having(runner={"os": "Linux"})),
            repository=self.repository,
            temp=Path(tempfile.mkdtemp(dir=self.temp)),
            env=scope.texts(job.get("env")),
            masker=Masker(scope.contexts["secrets"]),
            leaks=self.result.leaks,
            deadline=time.monotonic() + 60 * job.get("timeout-minutes", 360),
        )
        running.run(job["steps"])
        if "url" in environment:
            after = running.scope(running.frame, running.env)
            result.environment_url = text(after.value(environment["url"]))

    def _of_environment(self, name: str, scope: Scope) -> Scope:
        """With the secrets and variables of a GitHub environment, which win."""
        if name not in self.repository.environments:
            raise WorkflowError(f"{scope.where}: no environment is called {name}")
        environment = self.repository.environments[name]
        # A called workflow sees the secrets of an environment only under the names it was passed.
        own = {k: v for k, v in environment.secrets.items() if not self.prefix or k in self.secrets}
        return scope.having(secrets={**self.secrets, **own}, vars={**self.repository.vars, **environment.vars})

    def _call(self, job: dict[str, Any], scope: Scope, result: JobResult) -> None:
        """Run a called workflow's jobs as `caller / job`."""
        workflow = load_workflow(self.repository.checkout / job["uses"])
        called = replace(
            self,
            workflow=workflow,
            inputs=with_defaults(workflow["on"]["workflow_call"].get("inputs"), scope.value(job.get("with") or {})),
            secrets={**scope.texts(job.get("secrets")), "GITHUB_TOKEN": self.secrets["GITHUB_TOKEN"]},
            prefix=f"{result.name} / ",
        )
        result.result = _overall(called.jobs(), default="skipped")


def _overall(results: Collection[str], *, default: str) -> str:
    return next((each for each in ("failure", "success") if each in results), default)
