"""An embedded AWS of a test's own with a person beside it, and what can happen to both."""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psutil
from botocore import xform_name

from environments.settings import Settings
from ops.core.aws import Aws
from ops.core.paths import Work
from ops.state import lock
from ops.terraform import environment
from ops.terraform.run import Terraform
from ops.terraform.synthesized import S3Backend
from rehearsal.aws import process
from tests.cloud import PASSWORD
from tests.support import ROOT, Json

PLATFORM, SMALL = "staging", "production"
"""The environment that is applied whole, and the one of which only the state's place is used."""


@dataclass
class Answer:
    """What a command ended with."""

    code: int
    out: str
    err: str

    @property
    def json(self) -> Any:
        return json.loads(self.out)

    def check(self, code: int) -> Answer:
        """Itself, if the command ended so, with a message and without a traceback."""
        assert self.code == code, f"code {self.code}, expected {code}\n{self.out}\n{self.err}"
        assert "Traceback" not in self.err
        return self


class Account:
    """An account with the state bucket and the lock tables, and a checkout to work in it from."""

    def __init__(self, directory: Path, settings: dict[str, Settings]) -> None:
        self.work, self.stacks, self.settings = Work(directory / "work"), directory / "stacks", settings
        self.start()

    def start(self) -> None:
        """A new emulator with nothing but where states are kept."""
        self.record = process.start(self.work, self.settings[PLATFORM].account_id)
        url = environment.for_emulator(self.record.url, self.work)
        self.variables = {**url, "TF_VAR_db_password": PASSWORD}
        self.aws = Aws(self.variables, self.settings[PLATFORM].aws_region)
        bucket = self.backend(PLATFORM).bucket
        self.client("s3").create_bucket(Bucket=bucket)
        self.client("s3").put_bucket_versioning(Bucket=bucket, VersioningConfiguration={"Status": "Enabled"})
        for name in (PLATFORM, SMALL):
            self.client("dynamodb").create_table(
                TableName=self.backend(name).dynamodb_table,
                KeySchema=[{"AttributeName": "LockID", "KeyType": "HASH"}],
                AttributeDefinitions=[{"AttributeName": "LockID", "AttributeType": "S"}],
                BillingMode="PAY_PER_REQUEST",
            )

    def client(self, service: str) -> Any:
        return self.aws.client(service)

    def backend(self, name: str) -> S3Backend:
        return S3Backend.of(self.settings[name].backend)

    def terraform(self, name: str = SMALL) -> Terraform:
        return Terraform(self.stacks / name, self.variables, self.work)

    def write(self, resource: Json, name: str = SMALL, **retries: int) -> Terraform:
        """A small stack where an environment's would be, ready to be planned."""
        settings, backend = self.settings[name], self.backend(name)
        where = {"bucket": backend.bucket, "key": backend.key, "region": backend.region}
        where |= {"dynamodb_table": backend.dynamodb_table, **retries}
        document: Json = {"terraform": {"backend": {"s3": where}}}
        if any(kind.startswith("aws_") for kind in resource):
            document["terraform"]["required_providers"] = {"aws": {"source": "hashicorp/aws"}}
        tags = {"Environment": name, "ManagedBy": "terraform"}
        provider: Json = {"region": settings.aws_region, "default_tags": [{"tags": tags}], **retries}
        document["provider"] = {"aws": [provider | {"allowed_account_ids": [settings.account_id]}]}
        if "required_providers" not in document["terraform"]:
            del document["provider"]
        self.put(name, document | {"resource": resource})
        terraform = self.terraform(name)
        terraform.init()
        return terraform

    def put(self, name: str, document: Json) -> None:
        """The JSON of a stack, as a synthesis would leave it."""
        directory = self.stacks / name
        directory.mkdir(parents=True, exist_ok=True)
        (directory / "cdk.tf.json").write_text(json.dumps(document))

    def forget(self, name: str = SMALL) -> None:
        """Nothing was ever applied."""
        backend, s3, dynamodb = self.backend(name), self.client("s3"), self.client("dynamodb")
        found = s3.list_object_versions(Bucket=backend.bucket, Prefix=backend.key)
        for each in (*found.get("Versions", []), *found.get("DeleteMarkers", [])):
            s3.delete_object(Bucket=backend.bucket, Key=each["Key"], VersionId=each["VersionId"])
        for item in (backend.lock_id, f"{backend.lock_id}-md5"):
            dynamodb.delete_item(TableName=backend.dynamodb_table, Key={"LockID": {"S": item}})
        shutil.rmtree(self.stacks / name, ignore_errors=True)

    def state(self, name: str = SMALL) -> Json:
        backend = self.backend(name)
        return json.loads(self.client("s3").get_object(Bucket=backend.bucket, Key=backend.key)["Body"].read())

    def states(self, name: str) -> Iterator[str]:
        """Every version of the state."""
        s3, backend = self.client("s3"), self.backend(name)
        for each in s3.list_object_versions(Bucket=backend.bucket, Prefix=backend.key)["Versions"]:
            found = s3.get_object(Bucket=backend.bucket, Key=backend.key, VersionId=each["VersionId"])
            yield found["Body"].read().decode()

    def lock(self, name: str = SMALL) -> lock.StateLock | None:
        return lock.read(self.aws, self.backend(name))

    def ops(self, *words: str, env: str = SMALL, **changes: Any) -> Answer:
        running = self.start_ops(*words, env=env, **changes)
        out, err = running.communicate(timeout=1200)
        return Answer(running.returncode, out, err)

    def start_ops(
        self, *words: str, env: str = SMALL, work: Path | None = None, **changes: Any
    ) -> subprocess.Popen[str]:
        """A command of `python -m ops`, in a session of its own."""
        target = [] if words[0] == "status" else ["--target", "emulator"]
        command = [sys.executable, "-m", "tests.apply.operator", str(work or self.work.directory), str(self.stacks)]
        return subprocess.Popen(
            [*command, *words, "--env", env, *target],
            cwd=ROOT,
            env={**os.environ, "TF_VAR_db_password": PASSWORD, "PYTHONUNBUFFERED": "1"},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            start_new_session=True,
            **changes,
        )

    def remove(self, commands: Iterable[str]) -> int:
        """Carry out what a person is told to: `aws ...` commands; how many there were."""
        told = list(commands)
        for command in told:
            aws, region, region_name, service, operation, *rest = command.split()
            assert (aws, region) == ("aws", "--region")
            client = Aws(self.variables, region_name).client(service)
            method = operation.replace("-", "_")
            members = client.meta.service_model.operation_model(client.meta.method_to_api_mapping[method]).input_shape
            shapes = {xform_name(name, "-"): (name, shape) for name, shape in members.members.items()}
            arguments: Json = {}
            for option, value in zip(rest[::2], rest[1::2], strict=True):
                name, shape = shapes[option.removeprefix("--")]
                arguments[name] = [value] if shape.type_name == "list" else value
            getattr(client, method)(**arguments)
        return len(told)


def start_apply(terraform: Terraform, log: Path, *arguments: str) -> subprocess.Popen[bytes]:
    """`terraform apply -json` into a log, in a session of its own."""
    log.parent.mkdir(parents=True, exist_ok=True)
    with log.open("wb") as output:
        return subprocess.Popen(
            [terraform.binary, f"-chdir={terraform.directory}", "apply", "-json", *arguments],
            env=terraform.environment,
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=output,
            start_new_session=True,
        )


def completed(log: Path) -> int:
    """How many resources an apply has finished."""
    return log.read_text().count('"type":"apply_complete"') if log.exists() else 0


def wait_until(condition: Callable[[], object], running: subprocess.Popen[Any], seconds: float = 900) -> None:
    """Wait for it while the process runs."""
    deadline = time.monotonic() + seconds
    while not condition():
        if running.poll() is not None and not condition():
            out, err = running.communicate() if running.stdout else ("", "")
            raise AssertionError(f"ended with code {running.returncode} before it came to that\n{out}\n{err}")
        assert time.monotonic() < deadline
        time.sleep(0.02)


def kill(running: subprocess.Popen[Any]) -> None:
    """What the end of the machine does: the process, what it started and their providers are gone at once."""
    groups = [running.pid, *children(running.pid)]
    for group in groups:
        os.killpg(group, signal.SIGKILL)
    running.wait()


def children(pid: int) -> list[int]:
    """Processes that it started, each in a session of its own."""
    found = [each.pid for each in psutil.Process(pid).children()]
    return [each for each in found if os.getpgid(each) == each]
