"""A copy of the embedded AWS has what the original had, and from then on they are two accounts."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

from ops.core import emulator_record as records
from ops.core.aws import Aws
from ops.core.emulator_record import Record, answers
from ops.core.paths import Work
from ops.terraform import environment
from rehearsal.aws import copies, process
from tests.apply.running import eventually


def names(work: Work, record: Record) -> list[str]:
    aws = Aws(environment.for_emulator(record.url, work), "us-east-1")
    return aws.client("dynamodb").list_tables()["TableNames"]


def make_table(work: Work, record: Record, name: str) -> None:
    Aws(environment.for_emulator(record.url, work), "us-east-1").client("dynamodb").create_table(
        TableName=name,
        KeySchema=[{"AttributeName": "id", "KeyType": "HASH"}],
        AttributeDefinitions=[{"AttributeName": "id", "AttributeType": "S"}],
        BillingMode="PAY_PER_REQUEST",
    )


def test_a_copy_starts_with_what_there_is_and_goes_its_own_way(tmp_path: Path) -> None:
    work, other = Work(tmp_path / "work"), Work(tmp_path / "other")
    original = process.start(work, "123456789012")
    try:
        make_table(work, original, "before")
        copy = copies.make(original, other.emulator_record, os.getpid())
        make_table(work, original, "here")
        make_table(other, copy, "there")
        assert names(work, original) == ["before", "here"]
        assert names(other, copy) == ["before", "there"]
        # Found, required and stopped like every other.
        assert records.require(other, "123456789012") == copy
        assert process.stop(other)
        assert not answers(copy)
        assert answers(original)
    finally:
        process.stop(work)


def test_a_copy_ends_with_the_process_it_was_made_for(tmp_path: Path) -> None:
    work, other = Work(tmp_path / "work"), Work(tmp_path / "other")
    original = process.start(work, "123456789012")
    try:
        owner = subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE)
        copy = copies.make(original, other.emulator_record, owner.pid)
        owner.communicate(b"\n")
        eventually(lambda: not answers(copy), 30, "the end of the copy")
        assert answers(original)
    finally:
        process.stop(work)
