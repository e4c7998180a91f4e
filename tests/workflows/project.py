"""A copy of this repository whose pipeline runs against the session's embedded AWS, with stand-ins for actions."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from ops.core.files import write_atomically
from ops.core.paths import Work
from ops.terraform.environment import for_emulator
from rehearsal import process
from tests import checkout as checkouts
from tests import docker_stand_in
from tests.cloud import PASSWORD, Cloud
from tests.github_stand_in import GithubStandIn
from tests.workflows.repository import ActionFailed, Call, Environment, Reply, Repository
from tests.workflows.results import RunResult
from tests.workflows.runner import run_workflow

NAME = "owner/name"
PULL_REQUEST = 7
ROLES = "arn:aws:iam::875486186130:role"
WORKFLOW, DRIFT = ".github/workflows/ci-cd.yml", ".github/workflows/drift.yml"
MAKE = """#!/bin/sh
# The tests run in this very test run: they are written down and passed over.
case "$1" in check|test) echo "$1" >> "$MAKE_LOG";; *) exec {make} "$@";; esac
"""


@dataclass
class Project:
    """The repository, the people's way to change it and the events that GitHub makes of that."""

    checkout: Path
    cloud: Cloud
    github: GithubStandIn
    webhook: str
    configured: list[dict[str, str]] = field(default_factory=list[dict[str, str]])
    """Inputs of every use of configure-aws-credentials."""

    @property
    def work(self) -> Work:
        return Work(self.checkout / ".work")

    @property
    def images(self) -> Path:
        return self.checkout / ".work/images"

    @property
    def plan(self) -> process.Setup:
        """How this repository's rehearsal of staging runs."""
        settings = self.cloud.settings
        url = self.cloud.record.url
        return process.Setup(settings.names.cluster, settings.aws_region, url, self.checkout / "app", self.images)

    def commit(self, message: str) -> str:
        checkouts.commit(self.checkout, message)
        return self.git("rev-parse", "HEAD")

    def git(self, *arguments: str) -> str:
        return checkouts.git(self.checkout, *arguments)

    def edit(self, path: str, old: str, new: str) -> None:
        """Replace what stands there once, however its equals signs are aligned."""
        file = self.checkout / path
        aligned = re.sub(r"(\\ )+", " +", re.escape(old))
        text, count = re.subn(aligned, lambda _: new, file.read_text())
        assert count == 1, f"{path}: {count} times {old!r}"
        file.write_text(text)

    def ops(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        """A command, as a person in the checkout runs it."""
        command = [str(self.checkout / ".venv/bin/python"), "-m", "ops", *arguments]
        return subprocess.run(
            command, cwd=self.checkout, env=self._variables(), capture_output=True, text=True, check=False
        )

    def pull_request(self, base: str, *, user: str = "ann", fork: bool = False) -> RunResult:
        """The jobs of a pull request with what is committed now."""
        head = {"ref": "change", "repo": {"full_name": "someone/fork" if fork else NAME}}
        event = {
            "number": PULL_REQUEST,
            "pull_request": {
                "number": PULL_REQUEST,
                "base": {"ref": "main", "sha": base},
                "head": head,
                "user": {"login": user},
                "merge_commit_sha": self.git("rev-parse", "HEAD"),
            },
        }
        return self._run(WORKFLOW, "pull_request", event)

    def roles(self, after: int = 0) -> list[str]:
        """The roles that jobs signed in with, but for so many of the first."""
        return [each["role-to-assume"].removeprefix(f"{ROLES}/") for each in self.configured[after:]]

    def push(self) -> RunResult:
        """Main as it is now deploys; production is left out, the same steps for an environment that is not applied."""
        event = {"ref": "refs/heads/main", "after": self.git("rev-parse", "HEAD")}
        return self._run(WORKFLOW, "push", event, only=("build-and-deploy", "notify"))

    def nightly(self) -> RunResult:
        return self._run(DRIFT, "schedule", {})

    def _run(self, workflow: str, name: str, event: dict[str, Any], only: Iterable[str] | None = None) -> RunResult:
        event = {**event, "repository": {"full_name": NAME}}
        return run_workflow(workflow, name, event, self._repository(), only=only)

    def _repository(self) -> Repository:
        environments = {
            name: Environment(secrets={"DB_PASSWORD": PASSWORD}, vars={"AWS_APPLY_ROLE_ARN": f"{ROLES}/apply-{name}"})
            for name in ("staging", "production")
        }
        nothing = dict.fromkeys(
            (
                "actions/checkout",
                "actions/setup-python",
                "actions/setup-node",
                "actions/cache",
                "hashicorp/setup-terraform",
            ),
            lambda _call: None,
        )
        return Repository(
            checkout=self.checkout,
            env=self._variables(credentials=False),
            secrets={"NOTIFY_WEBHOOK_URL": self.webhook},
            vars={
                f"AWS_{what.upper()}_ROLE_ARN_{name.upper()}": f"{ROLES}/{what}-{name}"
                for what in ("plan", "drift")
                for name in environments
            },
            environments=environments,
            actions={
                **nothing,
                "aws-actions/configure-aws-credentials": self._credentials,
                "actions/upload-artifact": self._upload,
                "actions/download-artifact": self._download,
                "aws-actions/amazon-ecr-login": lambda _call: Reply(outputs={"registry": "registry"}),
            },
            github={"api_url": self.github.url, "token": "t0ken-of-the-job"},
        )

    def _credentials(self, call: Call) -> Reply:
        self.configured.append(dict(call.inputs))
        region = call.inputs["aws-region"]
        found = {key: value for key, value in for_emulator(self.cloud.record.url, self.work).items() if "AWS" in key}
        return Reply(env={**found, "AWS_REGION": region, "AWS_DEFAULT_REGION": region})

    def _upload(self, call: Call) -> None:
        """Moved and not copied: the jobs share a checkout here, on GitHub they do not."""
        target = self.checkout.parent / "artifacts" / call.inputs["name"]
        target.mkdir(parents=True, exist_ok=True)
        for name in call.inputs["path"].splitlines():
            file = call.workspace / name
            if not file.is_file():
                raise ActionFailed(f"No files were found with the provided path: {name}")
            shutil.move(file, target / file.name)

    def _download(self, call: Call) -> None:
        source = self.checkout.parent / "artifacts" / call.inputs["name"]
        if not source.is_dir():
            raise ActionFailed(f"Artifact not found for name: {call.inputs['name']}")
        shutil.copytree(source, call.workspace / call.inputs["path"], dirs_exist_ok=True)

    def _variables(self, *, credentials: bool = True) -> dict[str, str]:
        """Of this machine what a runner has too; the emulator in place of the account."""
        found = for_emulator(self.cloud.record.url, self.work)
        kept = {key: value for key, value in found.items() if credentials or not key.startswith("AWS_")}
        names = ("HOME", "LANG", "TF_CLI_CONFIG_FILE", *(key for key in kept if key.startswith("AWS_")))
        return {
            **{name: kept[name] for name in names if name in kept},
            "PATH": f"{self.checkout.parent / 'bin'}{os.pathsep}{os.environ['PATH']}",
            "OPS_TARGET": "emulator",
            "DOCKER_LOG": str(self.checkout.parent / "docker.json"),
            "DOCKER_IMAGES": str(self.images),
            "MAKE_LOG": str(self.checkout.parent / "make.log"),
        }

    def docker_calls(self) -> list[list[str]]:
        return docker_stand_in.calls(self.checkout.parent / "docker.json")


def make_project(directory: Path, cloud: Cloud, github: GithubStandIn, webhook: str) -> Project:
    """A clone whose rehearsal is the session's, with stand-ins for docker and make."""
    checkout = directory / "repository"
    project = Project(checkout, cloud, github, webhook)
    checkouts.clone(checkout)
    docker_stand_in.install(directory / "bin")
    make = directory / "bin/make"
    make.write_text(MAKE.format(make=shutil.which("make")))
    make.chmod(0o755)
    write_atomically(project.work.emulator_record, cloud.record.to_json())
    return project
