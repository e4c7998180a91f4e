"""What every command shares: what it was told, where it is aimed, what it prints."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path

from environments.settings import Settings
from ops.core import emulator_record, github
from ops.core.aws import Aws
from ops.core.console import Display
from ops.core.endpoint import ENDPOINT
from ops.core.paths import Work
from ops.terraform import environment
from ops.terraform.steps import Steps
from ops.terraform.synthesized import S3Backend


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
    def options(self) -> str:
        """Options with which a suggested command reaches the same environment and target."""
        return f"--env {self.name}" + ("" if self.target == "aws" else f" --target {self.target}")

    @property
    def doctor(self) -> str:
        """What to run where the platform does not serve."""
        return f"`python -m ops doctor {self.options}` looks for the cause"

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
        if self.target == "aws":
            return environment.for_account(self.work)
        record = emulator_record.require(self.work, self.settings.account_id)
        variables = environment.for_emulator(record.url, self.work)
        if self.settings.password_from_rds:
            return variables
        return {**variables, "TF_VAR_db_password": environment.db_password(self.work)}

    @cached_property
    def aws(self) -> Aws:
        """The target; raises UserError where it cannot be reached."""
        return Aws(self.variables, self.settings.aws_region)

    @cached_property
    def account(self) -> Aws:
        """The target, after a look that it is the settings' account; raises UserError."""
        aws = self.aws
        aws.require_account(self.settings.account_id)
        return aws

    def steps(self, stack: str = "") -> Steps:
        """Terraform on the target, for the environment's stack or another one."""
        place = self.variables.get(ENDPOINT, self.settings.account_id)
        return Steps(stack or self.name, self.variables, place, self.work, self.display)

    def answer(self, document: Mapping[str, object]) -> None:
        """The result for machines: JSON if so asked, and its plain values as the outputs of a GitHub Actions step."""
        if self.as_json:
            print(json.dumps(document, indent=2))
        github.outputs({key: value for key, value in document.items() if isinstance(value, str | int | float)})
