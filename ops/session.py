"""What the commands share: the settings of the chosen environment, the work directory, the display."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from environments.load import load_or_exit
from environments.settings import Settings
from ops import environment, lock, synthesized
from ops.aws import Aws
from ops.bootstrap import apply_bootstrap
from ops.console import Display, Step
from ops.emulator import process
from ops.emulator.record import Record
from ops.errors import UserError
from ops.paths import ROOT, Work
from ops.synthesized import BOOTSTRAP
from ops.terraform import Terraform


def choose(name: str, known: tuple[Settings, ...]) -> Settings:
    """The settings of one environment; raises UserError with the names there are."""
    for settings in known:
        if settings.environment == name:
            return settings
    names = ", ".join(settings.environment for settings in known)
    raise UserError(f"no environment {name!r}; expected one of: {names} (one environments/<name>.tfvars each)")


@dataclass
class Session:
    """One run of a command."""

    settings: Settings
    work: Work = field(default_factory=Work)
    display: Display = field(default_factory=Display)
    yes: bool = False
    follow: bool = False
    target: str = "emulator"

    @property
    def name(self) -> str:
        return self.settings.environment

    def prepare_alone(self) -> lock.Held:
        """Hold the lock of this checkout while the emulator, the JSON and the backend directories are made."""
        return lock.prepare_alone(
            self.work.lock, lambda pid: self.display.line(f"another command (pid {pid}) prepares; waiting for it")
        )

    def emulator_environment(self, record: Record) -> dict[str, str]:
        """The environment for Terraform, with the database's password."""
        variables = environment.for_emulator(record.url, self.work)
        return {**variables, "TF_VAR_db_password": environment.db_password(self.work)}

    def start_emulator(self) -> Record:
        with self.display.step("emulator") as step:
            record = process.start(self.work, self.settings.account_id)
            step.note = f"{record.url}, account {record.account_id}, pid {record.pid}"
        return record

    def synthesize(self) -> None:
        with self.display.step("synthesize"):
            synthesized.synthesize()

    def bootstrap_emulator(self, variables: Mapping[str, str]) -> None:
        """The bootstrap stack in the emulated account."""
        with self.display.step(BOOTSTRAP) as step:
            terraform = self.terraform(BOOTSTRAP, variables, step)
            local_state = self.work.emulator / "bootstrap.tfstate"
            changes = apply_bootstrap(terraform, self.aws(variables), local_state)
            step.note = str(changes) if changes.any else "no changes"

    def terraform(self, stack: str, variables: Mapping[str, str], step: Step) -> Terraform:
        return Terraform(synthesized.directory(stack), variables, self.work, step.progress)

    def aws(self, variables: Mapping[str, str]) -> Aws:
        return Aws(variables, self.settings.aws_region)

    def init(self, variables: Mapping[str, str]) -> None:
        with self.display.step(f"{self.name}: init") as step:
            self.terraform(self.name, variables, step).init()
            backend = synthesized.backend(synthesized.directory(self.name))
            step.note = f"state in s3://{backend.bucket}/{backend.key}, lock in {backend.dynamodb_table}"


def load_settings(directory: Path = ROOT / "environments") -> tuple[Settings, ...]:
    """All environments; a bad file ends the program with its own messages and code 2."""
    return load_or_exit(directory)
