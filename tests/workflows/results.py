"""What came of a workflow."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

_TAIL = 40


@dataclass
class StepResult:
    """One step; `conclusion` is the outcome after `continue-on-error`."""

    name: str
    id: str | None
    outcome: str = "skipped"
    conclusion: str = "skipped"
    outputs: dict[str, str] = field(default_factory=dict)
    log: str = ""
    steps: list[StepResult] = field(default_factory=list)  # those of a composite action


@dataclass
class JobResult:
    """One job, or one leg of its matrix; `result` is what `needs` sees."""

    name: str
    result: str = "skipped"
    steps: list[StepResult] = field(default_factory=list)
    summary: str = ""
    environment: str = ""
    environment_url: str = ""

    def step(self, name: str) -> StepResult:
        """The only step of that name or id, in composite actions too."""
        found = [each for each in _deep(self.steps) if name in (each.name, each.id)]
        assert len(found) == 1, f"{len(found)} steps are called {name!r} among {[x.name for x in _deep(self.steps)]}"
        return found[0]

    @property
    def log(self) -> str:
        return "\n".join(each.log for each in self.steps)

    def __str__(self) -> str:
        lines = [f"{self.name}: {self.result}"]
        for step in _deep(self.steps) if self.result == "failure" else ():
            lines.append(f"  {step.name}: {step.outcome}")
            if step.outcome == "failure" and not step.steps:
                lines += [f"    | {line}" for line in step.log.splitlines()[-_TAIL:]]
        return "\n".join(lines)


@dataclass
class RunResult:
    """One run. Jobs are named by id: `build`, `drift (staging)` in a matrix, `deploy / plan` in a called workflow."""

    jobs: dict[str, JobResult] = field(default_factory=dict)
    result: str = "success"
    leaks: list[str] = field(default_factory=list)  # where a secret was written, though GitHub would have masked it

    def __str__(self) -> str:
        return "\n".join(str(job) for job in self.jobs.values())

    __repr__ = __str__  # so that pytest shows it under a failed assertion


def _deep(steps: Sequence[StepResult]) -> Iterator[StepResult]:
    for step in steps:
        yield step
        yield from _deep(step.steps)
