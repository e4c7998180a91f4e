"""The emulator of the test run."""

from __future__ import annotations

from collections.abc import Callable, Generator
from dataclasses import dataclass
from typing import Any

import pytest

from ops import environment
from ops.aws import Aws
from ops.emulator import process
from ops.paths import Work

ACCOUNT_ID = "875486186130"


@dataclass(frozen=True)
class Emulator:
    """A running emulator, and the environment in which Terraform and boto3 reach only it."""

    port: int
    url: str
    account_id: str
    env: dict[str, str]
    work: Work

    def aws(self, region: str = "us-east-1") -> Aws:
        return Aws(self.env, region)


@pytest.fixture(scope="session")
def emulator(tmp_path_factory: pytest.TempPathFactory) -> Generator[Emulator]:
    work = Work(tmp_path_factory.mktemp("emulator"))
    record = process.start(work, ACCOUNT_ID)
    try:
        env = environment.for_emulator(record.url, work)
        yield Emulator(record.port, record.url, record.account_id, env, work)
    finally:
        process.stop(work)


@pytest.fixture
def client(emulator: Emulator) -> Callable[[str], Any]:
    """A boto3 client of the emulator, by service name."""
    return emulator.aws().client
