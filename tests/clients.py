"""Clients of the session's emulator, in a region of their own: the account is shared with the applied stacks."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from ops.core.aws import Aws
from ops.core.emulator_record import Record
from ops.core.paths import Work
from ops.terraform import environment


@pytest.fixture
def work(tmp_path: Path) -> Work:
    return Work(tmp_path / "work")


@pytest.fixture(scope="session")
def aws(emulator: Record, tmp_path_factory: pytest.TempPathFactory) -> Aws:
    return Aws(environment.for_emulator(emulator.url, Work(tmp_path_factory.mktemp("ops"))), "us-east-2")


@pytest.fixture(scope="session")
def client(aws: Aws) -> Callable[[str], Any]:
    """A boto3 client, by service name."""
    return aws.client
