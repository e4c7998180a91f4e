"""What can go wrong around an apply, injected, and how it ends; each test prints what it did and what came of it."""

from __future__ import annotations

import json
import os
import re
import resource
import shutil
import signal
import subprocess
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest

import main
from environments.settings import Settings
from ops.core.errors import TerraformFailed
from ops.terraform import imports
from ops.terraform.run import Terraform
from rehearsal.aws import process
from tests.apply.census import census, expected
from tests.apply.conftest import Tell
from tests.apply.faults import (
    PLATFORM,
    SMALL,
    Account,
    completed,
    kill,
    start_apply,
    wait_until,
)
from tests.cloud import PASSWORD
from tests.support import ROOT, Json

pytestmark = pytest.mark.apply("faults")

KILLS = (4, 8, 10, 12, 14, 8, "aws_lb.load_balancer", 8, 8, -8)
"""When each apply is killed: after so many finished resources, so many before its end, or while this one is made."""
MANY = 16
"""Finished resources after which it is killed too: the one to be made may have been, by an apply that was killed."""


def sleeping(*names: str, seconds: float = 1) -> dict[str, Json]:
    """Resources that take so long to make, and are built into Terraform."""
    return {name: {"provisioner": {"local-exec": {"command": f"sleep {seconds}"}}} for name in names}


@dataclass
class Apply:
    """One that goes on, and how much it has to do."""

    process: subprocess.Popen[Any]
    to_do: int
    recovered: set[str]

    def comes_to(self, when: int | str, log: Path) -> Callable[[], bool]:
        """Whether it is at one of KILLS."""
        if isinstance(when, str):
            return lambda: f"{when}: Still creating..." in log.read_text() or completed(log) >= min(MANY, self.to_do)
        return lambda: completed(log) >= when % self.to_do


def recover_and_apply(account: Account, terraform: Terraform, log: Path) -> Apply:
    """As a person does after a kill; where everything was recorded, just the next apply."""
    log.unlink()
    process = account.start_ops("recover", "--older-than", "0", "--apply", "--yes", env=PLATFORM)
    while not log.exists() and process.poll() is None:
        time.sleep(0.02)
    if log.exists():
        blocks = json.loads((terraform.directory / imports.FILE).read_text())["import"]
        assert process.stdout is not None
        said = (re.search(r"(\d+) to add, (\d+) to change, (\d+) to destroy", line) for line in process.stdout)
        planned = next(each for each in said if each)
        return Apply(process, sum(int(each) for each in planned.groups()), {each["to"] for each in blocks})
    out, err = process.communicate()
    assert "nothing to recover" in out or "beside the state there is more" in err, f"{out}\n{err}"
    plan = account.work.plan("unrecorded")
    to_do = terraform.plan(plan).total
    return Apply(start_apply(terraform, log, str(plan)), to_do, set())


@pytest.mark.apply("killed")
def test_an_apply_that_is_killed_ten_times_is_recovered_each_time_and_ends_whole(
    account: Account, outdir: Path, tell: Tell
):
    shutil.copytree(outdir / "stacks" / PLATFORM, account.stacks / PLATFORM)
    document = json.loads((account.stacks / PLATFORM / "cdk.tf.json").read_text())
    terraform, plan, log = account.terraform(PLATFORM), account.work.plan("first"), account.work.log("staging-apply")
    terraform.init()
    to_do = terraform.plan(plan).total
    apply = Apply(start_apply(terraform, log, str(plan)), to_do, set())
    started, recovered = time.monotonic(), set[str]()
    for number, when in enumerate(KILLS, 1):
        wait_until(apply.comes_to(when, log), apply.process)
        kill(apply.process)
        at = f"kill {number} at {time.monotonic() - started:.0f} s, {when} of {apply.to_do} resources"
        assert account.lock(PLATFORM), "the dead apply let go of its lock"
        apply = recover_and_apply(account, terraform, log)
        recovered |= apply.recovered
        tell(f"{at}: {len(apply.recovered)} recovered")
    out, err = apply.process.communicate(timeout=1200)
    # 1 where it is left to the person to remove what EC2 gave a new security group.
    assert apply.process.returncode in (0, 1), f"{out}\n{err}"

    told = account.ops("recover", "--json", env=PLATFORM)
    assert told.json["imports"] == {}
    removed = account.remove(each["remove"] for each in told.json["strays"])
    told.check(1 if removed else 0)
    assert "nothing to recover" in account.ops("recover", env=PLATFORM).check(0).out
    assert not (terraform.directory / imports.FILE).exists()
    changes = terraform.plan(plan)
    assert not changes.any, terraform.show(plan)
    found = {kind: count for kind, count in census(account).items() if count or kind in document["resource"]}
    assert found == expected(document)
    assert not any(PASSWORD in text or quote(PASSWORD, safe="") in text for text in account.states(PLATFORM))
    kinds = {address.partition(".")[0] for address in recovered}
    tell(
        f"10 kills survived in {time.monotonic() - started:.0f} s: {len(recovered)} resources of {len(kinds)} types "
        f"were recovered, {removed} leftover rules removed as told, a plan shows no changes, nothing is doubled, "
        "no secret is in a state"
    )


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM], ids=lambda number: number.name)
def test_an_interrupted_apply_lets_go_of_its_lock_and_the_next_one_ends_it(
    small: Account, number: signal.Signals, tell: Tell
):
    names = [f"number_{each}" for each in range(6)]
    terraform, log = small.write({"terraform_data": sleeping(*names)}), small.work.log("interrupted")
    apply = start_apply(terraform, log, "-auto-approve", "-parallelism=2")
    wait_until(lambda: completed(log) >= 2, apply)
    assert small.lock()
    # As ops does it: to Terraform alone.
    os.kill(apply.pid, number)
    assert apply.wait(150) != 0
    assert small.lock() is None
    # Those under way are recorded as half made, and made anew.
    whole = sum("status" not in each for found in small.state()["resources"] for each in found["instances"])
    assert 2 <= whole < len(names)
    plan = small.work.plan("interrupted")
    terraform.apply(plan, terraform.plan(plan))
    assert not terraform.plan(plan).any
    tell(f"{number.name} with {whole} of {len(names)} made: lock released, the next apply made the rest")


def test_when_the_embedded_aws_dies_during_an_apply_the_person_is_told_that_all_of_it_is_gone(
    tmp_path: Path, settings: dict[str, Settings], tell: Tell
):
    account = Account(tmp_path, settings)
    try:
        later: Json = {"name": "/later", "type": "String", "value": "1", "depends_on": ["terraform_data.second"]}
        resources: Json = {"terraform_data": sleeping("first", "second", seconds=2)}
        # With the attempts that it makes otherwise, it gives up after 70 s.
        terraform = account.write(resources | {"aws_ssm_parameter": {"later": later}}, max_retries=1)
        plan = account.work.plan("dies")
        changes = terraform.plan(plan)
        dead: list[float] = []

        def die(done: int, _total: int, _what: str) -> None:
            if done and not dead:
                dead.append(time.monotonic())
                os.kill(account.record.pid, signal.SIGKILL)

        terraform.progress = die
        with pytest.raises(TerraformFailed) as failed:
            terraform.apply(plan, changes)
        seconds = time.monotonic() - dead[0]
        assert f"The embedded AWS on {account.record.url} ended, and with it its account and this state" in str(
            failed.value
        )
        assert "`make up` starts everything anew" in str(failed.value)
        for words in (("lock",), ("unlock",), ("state", "history"), ("recover",), ("outputs",)):
            assert "the emulator is not running, so nothing is deployed: `make up`" in account.ops(*words).check(2).err
        account.ops("status").check(0)

        account.start()
        terraform = account.terraform()
        terraform.init()
        assert account.lock() is None
        changes = terraform.plan(plan)
        assert changes.add == 3
        terraform.apply(plan, changes)
        assert not terraform.plan(plan).any
    finally:
        process.stop(account.work)
    tell(f"emulator killed: Terraform gave up after {seconds:.0f} s, a new one started empty, the next apply made all")


@pytest.mark.parametrize("damage", ["deleted", "corrupted"])
def test_a_state_that_is_gone_is_told_by_every_command_and_brought_back(small: Account, damage: str, tell: Tell):
    plan, backend, s3 = small.work.plan("gone"), small.backend(SMALL), small.client("s3")
    for names in (("first",), ("first", "second")):
        terraform = small.write({"terraform_data": sleeping(*names, seconds=0)})
        terraform.apply(plan, terraform.plan(plan))
    serial, place = small.state()["serial"], {"Bucket": backend.bucket, "Key": backend.key}
    if damage == "deleted":
        s3.delete_object(**place)
    else:
        s3.put_object(**place, Body=b'{"version": 4, "serial": 3, "resour')

    assert "free" in small.ops("lock").check(0).out
    history = small.ops("state", "history").check(0).out
    assert ("was deleted" if damage == "deleted" else "unreadable") in history
    for command in ("outputs", "recover"):
        told = small.ops(command).check(2).err
        assert "state rollback SERIAL" in told
        assert ("was deleted" if damage == "deleted" else "damaged") in told
    # Terraform waits 10 s for the object that its digest belongs to.
    told = small.ops("drift").check(1).err
    assert "state data in S3 does not have the expected content" in told
    assert "`state rollback SERIAL` makes one of them current again" in told

    told = small.ops("state", "rollback", str(serial), "--yes").check(0).out
    assert "A plan shows no changes." in told
    assert ("in place of nothing: it was deleted" in told) == (damage == "deleted")
    assert small.state()["serial"] == serial
    assert not terraform.plan(plan).any
    tell(f"state {damage}: told by four commands, `state rollback {serial}` brought it back, a plan shows no changes")


def test_of_two_applies_and_an_unlock_at_once_one_applies_and_its_lock_is_never_taken(small: Account, tell: Tell):
    tags = {"Name": "raced"}
    terraform = small.write(
        {"terraform_data": sleeping("a", "b", "c", seconds=2), "aws_eip": {"only": {"domain": "vpc", "tags": tags}}}
    )
    logs = [small.work.log(f"racing-{number}") for number in range(2)]
    applies = [start_apply(terraform, log, "-auto-approve") for log in logs]
    unlocks = []
    while any(apply.poll() is None for apply in applies):
        unlocks.append(small.ops("unlock"))
    codes = [apply.returncode for apply in applies]
    assert sorted(codes) == [0, 1]
    assert "Error acquiring the state lock" in logs[codes.index(1)].read_text()
    assert all("younger than 60 min" in each.err or "not locked" in each.out for each in unlocks)
    refused = sum(each.code for each in unlocks)
    assert refused
    assert small.lock() is None
    assert len(small.state()["resources"]) == 4
    mine = [{"Name": "tag:Name", "Values": ["raced"]}]
    assert len(small.client("ec2").describe_addresses(Filters=mine)["Addresses"]) == 1
    assert not terraform.plan(small.work.plan("raced")).any
    terraform.destroy()
    tell(f"two applies and {len(unlocks)} unlocks: one applied, {refused} unlocks refused, nothing is doubled")


def settings_with(days: int, directory: Path) -> Json:
    """The log groups of the platform, synthesized from tfvars that keep logs so many days."""
    shutil.copytree(ROOT / "environments", directory / "environments", ignore=shutil.ignore_patterns("*.py", "__*"))
    file = directory / "environments" / f"{PLATFORM}.tfvars"
    text = file.read_text()
    changed, count = re.subn(r"(?m)^(log_retention_days +=) 7$", rf"\g<1> {days}", text)
    assert count == 1
    file.write_text(changed)
    main.synthesize(directory / "environments", directory / "out")
    document = json.loads((directory / "out" / "stacks" / PLATFORM / "cdk.tf.json").read_text())
    groups: dict[str, Json] = document["resource"]["aws_cloudwatch_log_group"]
    return {
        address: {"name": f"/later{group['name']}", "retention_in_days": group["retention_in_days"]}
        for address, group in groups.items()
    }


def test_settings_that_change_during_an_apply_wait_for_the_next_plan(small: Account, tmp_path: Path, tell: Tell):
    before, after = (settings_with(days, tmp_path / str(days)) for days in (7, 14))
    wait: Json = sleeping("first", seconds=0) | sleeping("last", seconds=4)
    terraform = small.write({"aws_cloudwatch_log_group": before, "terraform_data": wait})
    plan, log = small.work.plan("changed"), small.work.log("changed")
    terraform.plan(plan)
    apply = start_apply(terraform, log, str(plan))
    wait_until(lambda: completed(log) >= 1, apply)
    document = json.loads((terraform.directory / "cdk.tf.json").read_text())
    small.put(SMALL, document | {"resource": {"aws_cloudwatch_log_group": after, "terraform_data": wait}})
    assert apply.poll() is None
    assert apply.wait(300) == 0

    def kept() -> set[int]:
        found = small.client("logs").describe_log_groups(logGroupNamePrefix="/later")["logGroups"]
        assert len(found) == len(before)
        return {each["retentionInDays"] for each in found}

    assert kept() == {7}
    changes = terraform.plan(plan)
    assert (changes.add, changes.change, changes.remove) == (0, len(before), 0)
    terraform.apply(plan, changes)
    assert kept() == {14}
    terraform.destroy()
    tell(f"tfvars changed during an apply: what was planned was applied, the next plan had {len(before)} changes")


class TinyDisk:
    """A work folder on 64 KiB; where nothing may be mounted, one whose processes may write nothing to a file."""

    PAGE = 4096

    def __init__(self, directory: Path) -> None:
        self.directory = directory
        directory.mkdir()
        mount = ["mount", "-t", "tmpfs", "-o", "size=64k", "tmpfs", str(directory)]
        self.mounted = subprocess.run(mount, capture_output=True, check=False).returncode == 0

    def start_over(self, record: Path) -> None:
        """Nothing in it but the emulator's record."""
        for each in self.directory.iterdir():
            shutil.rmtree(each) if each.is_dir() else each.unlink()
        (self.directory / "emulator").mkdir()
        shutil.copy(record, self.directory / "emulator" / record.name)

    def fill(self, pages_left: int) -> dict[str, Any]:
        """Arguments for the processes that are to find it full."""
        if not self.mounted:
            return {"preexec_fn": lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))}
        free = os.statvfs(self.directory).f_bavail
        (self.directory / "filler").write_bytes(b"x" * self.PAGE * (free - pages_left))
        return {}

    def written(self) -> dict[str, bytes]:
        """What a command left, but for logs."""
        found = (each for each in self.directory.rglob("*") if each.is_file() and each.suffix != ".log")
        return {each.name: each.read_bytes() for each in found if each.name != "filler"}

    def unmount(self) -> None:
        if self.mounted:
            subprocess.run(["umount", str(self.directory)], check=True)


@pytest.fixture
def disk(tmp_path: Path) -> Iterator[TinyDisk]:
    disk = TinyDisk(tmp_path / "disk")
    yield disk
    disk.unmount()


def test_on_a_full_disk_a_command_ends_with_one_message_and_the_next_one_works(
    small: Account, disk: TinyDisk, tell: Tell
):
    small.write({"terraform_data": sleeping("first", seconds=0)})
    moments = (0, 1, 2, 4) if disk.mounted else (0,)
    left: list[dict[str, bytes]] = []
    for pages in moments:
        disk.start_over(small.work.emulator_record)
        refused = small.ops("drift", work=disk.directory, **disk.fill(pages)).check(1)
        (message,) = [line for line in refused.err.splitlines() if not line.startswith("the log ")]
        assert re.fullmatch(
            r"ops drift: this machine refused: \[Errno \d+\] (No space left on device|File too large)", message
        )
        left.append(disk.written())
    disk.start_over(small.work.emulator_record)
    # A drift, since nothing was applied: the plan worked.
    assert "has drifted: 1 to add" in small.ops("drift", work=disk.directory).check(1).err
    whole = disk.written()
    for each in left:
        # Of the lock file only that it is held counts.
        assert {name: text for name, text in each.items() if name != "lock" and whole.get(name) != text} == {}
    assert small.lock() is None
    tell(f"disk full at {len(moments)} moments: one message and code 1 each, nothing half-written, the next run works")
