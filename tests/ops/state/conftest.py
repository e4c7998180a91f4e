"""An environment whose state is one test's alone, and a person who types commands."""

from __future__ import annotations

import pytest

from environments.settings import Settings
from ops.core.aws import Aws
from ops.core.emulator_record import Record
from ops.core.paths import Work
from ops.terraform.synthesized import S3Backend
from tests.ops.person import Person, Place, own, quick_client


@pytest.fixture
def mine(settings: dict[str, Settings]) -> Settings:
    return own(settings["staging"])


@pytest.fixture
def nothing(aws: Aws, mine: Settings, monkeypatch: pytest.MonkeyPatch) -> Place:
    """Neither bucket nor table."""
    monkeypatch.setattr(Aws, "client", quick_client)
    return Place(aws, S3Backend.of(mine.backend))


@pytest.fixture
def place(nothing: Place) -> Place:
    nothing.make_bucket()
    nothing.make_table()
    return nothing


@pytest.fixture
def ops(
    mine: Settings,
    work: Work,
    emulator: Record,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> Person:
    return Person(mine, work, emulator, monkeypatch, capsys)
