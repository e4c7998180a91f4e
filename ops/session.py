"""What the commands share: the settings of the chosen environment, the work directory, the display."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path

from environments.load import load_or_exit
from environments.settings import Settings
from ops.core import checkout_lock, github
from ops.core.aws import Aws
from ops.core.console import Display, Step
from ops.core.errors import UserError
from ops.core.paths import ROOT, Work
from ops.recovery import imports
from ops.state.bootstrap import apply_bootstrap
from ops.terraform import environment, synthesized
from ops.terraform.events import Changes
from ops.terraform.run import Terraform
from ops.terraform.synthesized import BOOTSTRAP, S3Backend
from rehearsal.aws import process
from rehearsal.aws.record import Record


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
    target: str = "emulator"
    as_json: bool = False
    display: Display = field(init=False)

    def __post_init__(self) -> None:
        self.display = Display(stderr=self.as_json)

    @property
    def name(self) -> str:
        return self.settings.environment

    @property
    def hint(self) -> str:
        """What a command that is told to a person needs beside --env, to reach the same target."""
        return " --target emulator" if self.target == "emulator" else ""

    @property
    def doctor(self) -> str:
        """What to run where the platform does not serve."""
        target = "" if self.target == "aws" else f" --target {self.target}"
        return f"`python -m ops doctor --env {self.name}{target}` looks for the cause"

    @property
    def backend(self) -> S3Backend:
        """Where the environment's state is."""
        return S3Backend.of(self.settings.backend)

    @property
    def bootstrap_state(self) -> Path:
        """Where the bootstrap stack's state is until its bucket exists."""
        if self.target == "emulator":
            return self.work.emulator / "bootstrap.tfstate"
        return self.work.directory / f"account-{self.settings.account_id}" / "bootstrap.tfstate"

    @cached_property
    def variables(self) -> dict[str, str]:
        """The environment for Terraform, in which it reaches the target; raises UserError where that cannot be."""
        if self.target == "emulator":
            return self.emulator_environment(process.require(self.work, self.settings.account_id))
        return environment.for_account(self.work)

    @cached_property
    def account(self) -> Aws:
        """The target, after a look that it is the settings' account; raises UserError."""
        aws = self.aws(self.variables)
        aws.require_account(self.settings.account_id)
        return aws

    def answer(self, document: Mapping[str, object]) -> None:
        """The result for machines: JSON if so asked, and its plain values as the outputs of a GitHub Actions step."""
        if self.as_json:
            print(json.dumps(document, indent=2))
        github.outputs({key: value for key, value in document.items() if isinstance(value, str | int | float)})

    def prepare_alone(self) -> checkout_lock.Held:
        """Hold the lock of this checkout while the emulator, the JSON and the backend directories are made."""
        return checkout_lock.prepare_alone(
            self.work.lock, lambda pid: self.display.line(f"another command (pid {pid}) prepares; waiting for it")
        )

    def emulator_environment(self, record: Record) -> dict[str, str]:
        """The environment for Terraform, with the database's password where RDS does not make it."""
        variables = environment.for_emulator(record.url, self.work)
        if self.settings.password_from_rds:
            return variables
        return {**variables, "TF_VAR_db_password": environment.db_password(self.work)}

    def start_emulator(self) -> Record:
        with self.display.step("emulator") as step:
            record = process.start(self.work, self.settings.account_id)
            step.note = f"{record.url}, account {record.account_id}, pid {record.pid}"
        return record

    def synthesize(self) -> None:
        with self.display.step("synthesize"):
            synthesized.synthesize()

    def bootstrap_emulator(self, variables: Mapping[str, str]) -> Changes:
        """The bootstrap stack in the emulated account."""
        with self.display.step(BOOTSTRAP) as step:
            terraform = self.terraform(BOOTSTRAP, variables, step)
            imports.remove_of_another(terraform.directory, self.place(variables))
            changes = apply_bootstrap(terraform, self.aws(variables), self.bootstrap_state)
            step.note = str(changes) if changes.any else "no changes"
        return changes

    def terraform(self, stack: str, variables: Mapping[str, str], step: Step) -> Terraform:
        return Terraform(synthesized.directory(stack), variables, self.work, step.progress)

    def aws(self, variables: Mapping[str, str]) -> Aws:
        return Aws(variables, self.settings.aws_region)

    def place(self, variables: Mapping[str, str]) -> str:
        """What these reach: the account, or one emulator."""
        return variables.get(environment.ENDPOINT, self.settings.account_id)

    def init(self, variables: Mapping[str, str]) -> None:
        imports.remove_of_another(synthesized.directory(self.name), self.place(variables))
        with self.display.step(f"{self.name}: init") as step:
            self.terraform(self.name, variables, step).init()
            backend = synthesized.backend(synthesized.directory(self.name))
            step.note = f"state in s3://{backend.bucket}/{backend.key}, lock in {backend.dynamodb_table}"


def load_settings(directory: Path = ROOT / "environments") -> tuple[Settings, ...]:
    """All environments; a bad file ends the program with its own messages and code 2."""
    return load_or_exit(directory)
