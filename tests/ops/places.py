"""An environment of its own on the session's emulator, for commands that run on an account."""

from __future__ import annotations

import json
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pytest

from environments.settings import Settings
from ops.core.aws import Aws
from ops.core.emulator_record import Record
from ops.core.files import write_atomically
from ops.core.paths import Work
from ops.delivery import deployed
from ops.session import Session

SIDECAR = "registry/sidecar:1"


@dataclass
class Place:
    """An environment whose cluster, state bucket and repositories nobody else uses."""

    session: Session
    aws: Aws

    @property
    def settings(self) -> Settings:
        return self.session.settings

    def write_state(self, outputs: dict[str, Any], sensitive: tuple[str, ...] = ()) -> None:
        """A state with these outputs, in a bucket made for it."""
        backend = self.session.backend
        s3 = self.aws.client("s3")
        s3.create_bucket(Bucket=backend.bucket, CreateBucketConfiguration={"LocationConstraint": self.aws.region})
        values = {
            key: {"value": value, "type": "string", "sensitive": key in sensitive} for key, value in outputs.items()
        }
        body = json.dumps({"version": 4, "serial": 1, "lineage": "l", "outputs": values, "resources": []})
        s3.put_object(Bucket=backend.bucket, Key=backend.key, Body=body.encode())

    def run_service(self, service: str, image: str) -> str:
        """A service on a revision with an image; the revision's ARN."""
        ecs, names = self.aws.client("ecs"), self.settings.names.service(service)
        ecs.create_cluster(clusterName=self.settings.names.cluster)
        arn = self.register(service, image)
        ecs.create_service(
            cluster=self.settings.names.cluster, serviceName=names.ecs_service, taskDefinition=arn, desiredCount=2
        )
        return arn

    def register(self, service: str, image: str) -> str:
        """One more revision; its ARN."""
        names = self.settings.names.service(service)
        container = {
            "name": names.container,
            "image": image,
            "memory": 256,
            "environment": [{"name": "PORT", "value": "8080"}],
            "secrets": [{"name": "DATABASE_URL", "valueFrom": "arn:aws:secretsmanager:us-east-2:1:secret:s"}],
        }
        before = {"name": "migrate", "image": image, "essential": False, "memory": 128}
        sidecar = {"name": "sidecar", "image": SIDECAR, "essential": False, "memory": 128}
        definition = self.aws.client("ecs").register_task_definition(
            family=names.task_family,
            networkMode="bridge",
            containerDefinitions=[container, before, sidecar],
            cpu="256",
            memory="512",
            tags=[{"key": "ManagedBy", "value": "terraform"}],
        )["taskDefinition"]
        return definition["taskDefinitionArn"]

    def description(self, service: str) -> dict[str, Any]:
        found = deployed.describe(self.aws, self.settings, service)
        assert found is not None
        return found

    def definition(self, arn: str) -> dict[str, Any]:
        return self.aws.client("ecs").describe_task_definition(taskDefinition=arn, include=["TAGS"])


def make_place(
    record: Record, shipped: Settings, work: Work, name: str, region: str = "us-east-2", **changes: Any
) -> Place:
    """The environment; changes are settings that differ from the shipped ones."""
    write_atomically(work.emulator_record, record.to_json())
    backend = replace(shipped.backend, bucket=f"state-{name}", key=f"{name}/terraform.tfstate", region=region)
    settings = replace(
        shipped,
        project=f"p-{name}",
        aws_region=region,
        backend=replace(backend, dynamodb_table=f"lock-{name}"),
        **changes,
    )
    session = Session(settings, work=work, target="emulator")
    return Place(session, session.account)


def step_outputs(path: Path) -> dict[str, str]:
    """What a command wrote for later steps, single lines only."""
    lines = path.read_text().splitlines() if path.exists() else []
    return dict(line.split("=", 1) for line in lines)


@pytest.fixture
def github_output(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The file of a GitHub Actions step's outputs."""
    path = tmp_path / "output"
    monkeypatch.setenv("GITHUB_OUTPUT", str(path))
    return path
