"""A person at the command line of `python -m ops`, and an environment whose state is one test's alone."""

from __future__ import annotations

import dataclasses
import functools
import json
import uuid
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from environments.settings import Settings
from ops import __main__ as program
from ops import command_line
from ops.core.aws import Aws
from ops.core.emulator_record import Record
from ops.core.endpoint import EMULATOR_CREDENTIALS, ENDPOINT
from ops.core.paths import Work
from ops.session import Session
from ops.terraform.synthesized import S3Backend
from tests.support import Json

REGION = "us-east-2"


def own(settings: Settings) -> Settings:
    """These settings with a state of their own: nobody else's names, away from the applied stacks' region."""
    name = f"own-{uuid.uuid4()}"
    backend = dataclasses.replace(
        settings.backend, bucket=name, key="p/e/terraform.tfstate", region=REGION, dynamodb_table=name
    )
    return dataclasses.replace(settings, aws_region=REGION, backend=backend)


_make_client = Aws.client


@functools.cache
def _kept_client(endpoint: str, region: str, service: str) -> Any:
    return _make_client(Aws(EMULATOR_CREDENTIALS | {ENDPOINT: endpoint}, region), service)


def quick_client(self: Aws, service: str) -> Any:
    """Instead of Aws.client: a client takes 40 ms to make, and each command makes its own."""
    assert self.endpoint is not None
    return _kept_client(self.endpoint, self.region, service)


@dataclass
class Place:
    """Where a state and its lock are, as the AWS API has them."""

    aws: Aws
    backend: S3Backend
    dynamodb: Any = field(init=False)
    s3: Any = field(init=False)

    def __post_init__(self) -> None:
        self.dynamodb, self.s3 = quick_client(self.aws, "dynamodb"), quick_client(self.aws, "s3")

    def other_client(self, service: str, monkeypatch: pytest.MonkeyPatch) -> Any:
        """A client for the code under test alone, to be patched: the place keeps its own."""
        client = _make_client(self.aws, service)
        monkeypatch.setattr(self.aws, "client", lambda _service: client)
        return client

    def make_table(self) -> None:
        self.dynamodb.create_table(
            TableName=self.backend.dynamodb_table,
            KeySchema=[{"AttributeName": "LockID", "KeyType": "HASH"}],
            AttributeDefinitions=[{"AttributeName": "LockID", "AttributeType": "S"}],
            BillingMode="PAY_PER_REQUEST",
        )

    def make_bucket(self) -> None:
        bucket = self.backend.bucket
        self.s3.create_bucket(Bucket=bucket, CreateBucketConfiguration={"LocationConstraint": REGION})
        self.s3.put_bucket_versioning(Bucket=bucket, VersioningConfiguration={"Status": "Enabled"})

    def write(self, state: Json | bytes, **arguments: str) -> str:
        """A newer version of the state; its id."""
        body = state if isinstance(state, bytes) else json.dumps(state).encode()
        return self.s3.put_object(Bucket=self.backend.bucket, Key=self.backend.key, Body=body, **arguments)["VersionId"]

    def read(self, key: str | None = None) -> bytes:
        return self.s3.get_object(Bucket=self.backend.bucket, Key=key or self.backend.key)["Body"].read()

    def keys(self) -> set[str]:
        return {each["Key"] for each in self.s3.list_objects_v2(Bucket=self.backend.bucket).get("Contents", [])}

    def versions(self) -> int:
        """How many versions of the state there are."""
        return len(self.s3.list_object_versions(Bucket=self.backend.bucket, Prefix=self.backend.key)["Versions"])

    def digest(self) -> str | None:
        item = self._item(f"{self.backend.lock_id}-md5")
        return item["Digest"]["S"] if item else None

    def lock(self, age: timedelta = timedelta(), **changes: Any) -> Json:
        """Leave the lock that Terraform 1.11 writes, taken so long ago; its Info."""
        info = {
            "ID": str(uuid.uuid4()),
            "Operation": "OperationTypeApply",
            "Info": "",
            "Who": "ada@laptop",
            "Version": "1.11.4",
            # Go's nanoseconds.
            "Created": f"{datetime.now(UTC) - age:%Y-%m-%dT%H:%M:%S.%f}789Z",
            "Path": self.backend.lock_id,
            **changes,
        }
        self.leave(Info={"S": json.dumps(info)})
        return info

    def leave(self, **attributes: Any) -> None:
        """Put an item where a lock would be."""
        item = {"LockID": {"S": self.backend.lock_id}, **attributes}
        self.dynamodb.put_item(TableName=self.backend.dynamodb_table, Item=item)

    def lock_item(self) -> Json | None:
        return self._item(self.backend.lock_id)

    def _item(self, id_: str) -> Json | None:
        key = {"LockID": {"S": id_}}
        return self.dynamodb.get_item(TableName=self.backend.dynamodb_table, Key=key, ConsistentRead=True).get("Item")


@dataclass
class Answer:
    """What a command ended with."""

    code: int
    out: str
    err: str

    @property
    def json(self) -> Any:
        """Standard output, which must be JSON and nothing else."""
        return json.loads(self.out)


class Person:
    """Runs commands on the emulator and on settings of their own, without the repository's .work/."""

    def __init__(
        self,
        settings: Settings,
        work: Work,
        emulator: Record,
        monkeypatch: pytest.MonkeyPatch,
        capsys: pytest.CaptureFixture[str],
    ) -> None:
        work.emulator_record.parent.mkdir(parents=True, exist_ok=True)
        work.emulator_record.write_text(emulator.to_json(), encoding="utf-8")
        monkeypatch.setattr(command_line, "load_settings", lambda: (settings,))
        monkeypatch.setattr(command_line, "Session", functools.partial(Session, work=work))
        self.settings = settings
        self._capsys = capsys

    def __call__(self, *words: str) -> Answer:
        self._capsys.readouterr()
        target = [] if words[0] == "status" else ["--target", "emulator"]
        code = program.main([*words, "--env", self.settings.environment, *target])
        out, err = self._capsys.readouterr()
        return Answer(code, out, err)
