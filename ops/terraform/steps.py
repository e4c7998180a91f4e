"""Terraform's steps on one stack, each shown to a person as a line with the time it took."""

from __future__ import annotations

import os
from collections.abc import Generator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from ops.core import checkout_lock
from ops.core.console import Display, Step
from ops.core.paths import Work
from ops.terraform import imports, synthesized
from ops.terraform.events import Changes
from ops.terraform.run import Terraform


def alone(work: Work, display: Display) -> checkout_lock.Held:
    """Hold the lock of this checkout while the emulator, the JSON and the backend directories are made."""
    return checkout_lock.prepare_alone(
        work.lock, lambda pid: display.line(f"another command (pid {pid}) prepares; waiting for it")
    )


def synthesize(display: Display) -> None:
    """Write the JSON of every stack; raises UserError, CommandError."""
    with display.step("synthesize"):
        synthesized.synthesize()


@contextmanager
def temporary_plan(work: Work, stack: str) -> Generator[Path]:
    """A path for a plan file, which is removed at the end.

    Each process has its own, so that a second command neither overwrites nor applies it.
    """
    path = work.plan(f"{stack}-{os.getpid()}")
    try:
        yield path
    finally:
        path.unlink(missing_ok=True)


@dataclass(frozen=True)
class Steps:
    """Terraform on one stack; what it prints is in the log that a failure names."""

    stack: str
    variables: Mapping[str, str]
    """The environment for Terraform."""
    place: str
    """What the variables reach: an account's id, or an emulator's URL."""
    work: Work
    display: Display

    @property
    def directory(self) -> Path:
        return synthesized.directory(self.stack)

    def prepare(self) -> None:
        """Synthesize and init."""
        with alone(self.work, self.display):
            synthesize(self.display)
            self.init()

    def init(self) -> None:
        imports.remove_of_another(self.directory, self.place)
        with self.display.step(f"{self.stack}: init") as step:
            self.terraform(step).init()
            backend = synthesized.backend(self.directory)
            step.note = f"state in s3://{backend.bucket}/{backend.key}, lock in {backend.dynamodb_table}"

    @contextmanager
    def planned(self, *, destroy: bool = False, lock: bool = True) -> Generator[tuple[Terraform, Path, Changes]]:
        """A plan file as long as the body lasts, and what it would do."""
        with temporary_plan(self.work, self.stack) as plan:
            with self.display.step(f"{self.stack}: plan{' destroy' if destroy else ''}") as step:
                terraform = self.terraform(step)
                changes = terraform.plan(plan, destroy=destroy, lock=lock)
                nothing = "nothing exists" if destroy else "no changes"
                step.note = str(changes) if changes.any else nothing
            yield terraform, plan, changes

    def apply(self, plan: Path, changes: Changes, verb: str = "apply") -> None:
        """Carry a plan file out."""
        with self.display.step(f"{self.stack}: {verb}") as step:
            self.terraform(step).apply(plan, changes)
            step.note = f"{changes.total} resources"

    def untaint(self, address: str) -> None:
        with self.display.step(f"{self.stack}: untaint") as step:
            self.terraform(step).untaint(address)
            step.note = address

    def output(self) -> dict[str, object]:
        """The outputs' values, without the sensitive ones."""
        with self.display.step(f"{self.stack}: outputs") as step:
            return self.terraform(step).output()

    def terraform(self, step: Step) -> Terraform:
        """Terraform that shows in the step how far it is."""
        return Terraform(self.directory, self.variables, self.work, step.progress)
