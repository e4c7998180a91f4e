"""The stacks as main.py writes them: where they are, and the state backend each has in its JSON."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any, cast

from environments.settings import Backend
from ops.core.errors import CommandError, UserError
from ops.core.paths import ROOT, STACKS

BOOTSTRAP = "bootstrap"


@dataclass(frozen=True)
class S3Backend:
    """Where a stack's state and lock are."""

    bucket: str
    key: str
    region: str
    dynamodb_table: str

    @classmethod
    def of(cls, backend: Backend) -> S3Backend:
        """The one of an environment's settings."""
        return cls(backend.bucket, backend.key, backend.region, backend.dynamodb_table)

    @property
    def lock_id(self) -> str:
        """Key of the item that exists in the table while Terraform holds the lock."""
        return f"{self.bucket}/{self.key}"


def synthesize(outdir: Path | None = None) -> None:
    """Run main.py, into cdktf.out or another directory; raises UserError with its message if it refuses a file."""
    variables = {**os.environ, "CDKTF_OUTDIR": str(outdir)} if outdir else None
    answer = subprocess.run(
        [sys.executable, "main.py"], cwd=ROOT, env=variables, capture_output=True, text=True, check=False
    )
    if answer.returncode == UserError.exit_code:
        raise UserError(answer.stderr.strip())
    if answer.returncode != 0:
        raise CommandError(f"main.py ended with code {answer.returncode}:\n{answer.stderr.strip()}")


def directory(stack: str, stacks: Path = STACKS) -> Path:
    """The stack's directory; raises UserError if it has not been synthesized."""
    found = stacks / stack
    if not (found / "cdk.tf.json").is_file():
        raise UserError(f"{found / 'cdk.tf.json'} does not exist: `make synth` writes it")
    return found


def backend(stack_directory: Path) -> S3Backend:
    """The S3 backend in the stack's JSON."""
    document = cast("dict[str, Any]", json.loads((stack_directory / "cdk.tf.json").read_text(encoding="utf-8")))
    settings = document["terraform"]["backend"]["s3"]
    return S3Backend(settings["bucket"], settings["key"], settings["region"], settings["dynamodb_table"])
