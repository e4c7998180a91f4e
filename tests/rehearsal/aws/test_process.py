"""Starting, finding and stopping the emulator; only ever that process."""

from __future__ import annotations

import json
import sys

import pytest

from ops.core import emulator_record as records
from ops.core.emulator_record import Record
from ops.core.errors import CommandError, UserError
from ops.core.paths import Work
from rehearsal.aws import process

ACCOUNT = "123456789012"


def test_an_emulator_that_cannot_start_says_why(work: Work, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(sys, "executable", "/bin/false")
    with pytest.raises(CommandError, match="its process ended with code 1"):
        process.start(work, ACCOUNT)
    assert not work.emulator_record.exists()


def test_start_use_again_and_stop(work: Work):
    record = process.start(work, ACCOUNT)
    try:
        assert process.start(work, ACCOUNT) == records.find(work) == record
        assert json.loads(work.emulator_record.read_text(encoding="utf-8"))["port"] == record.port
        with pytest.raises(UserError, match=r"plays account 123456789012, the settings say 999999999999"):
            process.start(work, "999999999999")
        with pytest.raises(UserError, match=r"`make down` stops it, `make up` starts one of the other account"):
            records.require(work, "999999999999")
    finally:
        assert process.stop(work) is True
    assert records.find(work) is None
    assert not records.answers(record)


def test_the_emulator_plays_the_settings_account(client, emulator: Record):
    assert client("sts").get_caller_identity()["Account"] == emulator.account_id
