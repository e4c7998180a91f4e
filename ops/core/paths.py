"""Where the commands keep what they make: under the git-ignored .work/ and cdktf.out/."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
STACKS = ROOT / "cdktf.out" / "stacks"
PLAN, PLAN_LOG = "plan.tfplan", "plan.log"
"""Where the pipeline keeps a plan and what was printed while it was made, in the stack's directory."""


@dataclass(frozen=True)
class Work:
    """The files of one work directory."""

    directory: Path = ROOT / ".work"

    @property
    def emulator(self) -> Path:
        """All that ends with the emulator's process."""
        return self.directory / "emulator"

    @property
    def emulator_record(self) -> Path:
        return self.emulator / "process.json"

    @property
    def terraform_rc(self) -> Path:
        return self.directory / "terraform.rc"

    @property
    def plugin_cache(self) -> Path:
        return self.directory / "plugins"

    @property
    def db_password(self) -> Path:
        return self.directory / "db_password"

    @property
    def lock(self) -> Path:
        return self.directory / "lock"

    def rehearsal(self, name: str) -> Path:
        """The files of the rehearsal of an environment."""
        return self.directory / "rehearsal" / name

    def rehearsal_status(self, name: str) -> Path:
        """What the rehearsal last wrote of what it runs."""
        return self.rehearsal(name) / "status.json"

    def log(self, step: str) -> Path:
        return self.directory / "logs" / f"{step}.log"

    def plan(self, name: str) -> Path:
        return self.directory / "plans" / f"{name}.tfplan"
