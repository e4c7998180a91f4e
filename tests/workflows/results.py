"""What came of a workflow."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

_TAIL = 40


@dataclass
class StepResult:
    """One step; `conclusion` is the outcome after `continue-on-error`."""

    name: str
    id: str | None
    kind: str  # "run" or "action"
    command: str  # the script as it ran, or what `uses` names
    outcome: str = "skipped"
    conclusion: str = "skipped"
    outputs: dict[str, str] = field(default_factory=dict)
    log: str = ""
    seconds: float = 0.0
    steps: list[StepResult] = field(default_factory=list)  # those of a composite action


@dataclass
class JobResult:
    """One job, or one leg of its matrix; `result` is what `needs` sees."""

    name: str
    definition: Mapping[str, Any]
    result: str = "skipped"
    steps: list[StepResult] = field(default_factory=list)
    outputs: dict[str, str] = field(default_factory=dict)
    withheld: list[str] = field(default_factory=list)  # outputs that GitHub drops because they hold a secret
    summary: str = ""
    environment: str = ""
    environment_url: str = ""
    concurrency: Any = None

    def step(self, name: str) -> StepResult:
        """The only step of that name or id, in composite actions too."""
        return _only(name, [each for each in _deep(self.steps) if name in (each.name, each.id)], _deep(self.steps))

    @property
    def log(self) -> str:
        return "\n".join(each.log for each in self.steps)

    def __str__(self) -> str:
        lines = [f"{self.name}: {self.result}"]
        for step in _deep(self.steps) if self.result in ("failure", "cancelled") else ():
            lines.append(f"  {step.name}: {step.outcome}")
            if step.outcome in ("failure", "cancelled") and not step.steps:
                lines += [f"    | {line}" for line in step.log.splitlines()[-_TAIL:]]
        return "\n".join(lines)


@dataclass
class RunResult:
    """One run. Jobs are named by id: `build`, `test (3.11)` in a matrix, `deploy / plan` in a called workflow."""

    jobs: dict[str, JobResult] = field(default_factory=dict)
    result: str = "success"
    leaks: list[str] = field(default_factory=list)  # where a secret was written, though GitHub would have masked it
    concurrency: Any = None

    def step(self, name: str) -> StepResult:
        """The only step of that name or id in all jobs."""
        steps = [step for job in self.jobs.values() for step in _deep(job.steps)]
        return _only(name, [each for each in steps if name in (each.name, each.id)], steps)

    def __str__(self) -> str:
        return "\n".join(str(job) for job in self.jobs.values())

    __repr__ = __str__  # so that pytest shows it under a failed assertion


def _deep(steps: Sequence[StepResult]) -> Iterator[StepResult]:
    for step in steps:
        yield step
        yield from _deep(step.steps)


def _only(name: str, found: Sequence[StepResult], all_: Any) -> StepResult:
    assert len(found) == 1, f"{len(found)} steps are called {name!r} among {[each.name for each in all_]}"
    return found[0]
