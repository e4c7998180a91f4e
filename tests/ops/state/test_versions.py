"""The versions of a state: listing, finding and comparing them, keeping a copy, bringing an older one back."""

from __future__ import annotations

import hashlib
import io
import json
import re
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from botocore.exceptions import ClientError

from ops.checks.drift import Planned
from ops.commands import state as command
from ops.core.errors import CommandError, UserError
from ops.state import digest
from ops.state import versions as state_versions
from ops.terraform.events import Changes
from ops.terraform.steps import Steps
from ops.terraform.synthesized import S3Backend
from tests.ops.person import Person, Place
from tests.ops.places import step_outputs
from tests.support import Json


def resource(name: str, *instances: Json, **changes: object) -> Json:
    return {"mode": "managed", "type": "aws_ssm_parameter", "name": name, "instances": list(instances), **changes}


def parameter(name: str, value: str) -> Json:
    return resource(name, {"attributes": {"value": value}, "sensitive_attributes": []})


def document(serial: int, *resources: Json) -> Json:
    return {"version": 4, "serial": serial, "lineage": "one", "outputs": {}, "resources": list(resources)}


ONE = document(1, parameter("a", "1"))
TWO = document(2, parameter("a", "1"), parameter("b", "1"))
DAMAGED = {"cut off": b'{"serial": 3, "resour', "empty": b"", "a list": b"[]", "no serial": b"{}"}


def write(place: Place, *states: Json | bytes) -> list[str]:
    """Versions of the state, oldest first; their ids."""
    return [place.write(each) for each in states]


# History


def test_history_lists_the_newest_first_with_serial_size_and_resources(place: Place, ops: Person):
    first, second = write(place, ONE, TWO)
    # Its key begins with the state's: not a version of it.
    place.s3.put_object(Bucket=place.backend.bucket, Key=f"{place.backend.key}.bak", Body=b"{}")
    answer = ops("state", "history")
    assert answer.code == 0
    title, *rows = [line.strip() for line in answer.out.splitlines() if line]
    assert title == f"State of staging, s3://{place.backend.bucket}/{place.backend.key}:"
    assert [re.split(r"  +", row) for row in rows[:1]] == [["serial", "time", "size", "resources", "version id"]]
    time = r"\d{4}-\d\d-\d\d \d\d:\d\d:\d\dZ"
    assert re.fullmatch(rf"2 +{time} +{len(json.dumps(TWO))} B +2 +{second} \(current\)", rows[1])
    assert re.fullmatch(rf"1 +{time} +{len(json.dumps(ONE))} B +1 +{first}", rows[2])
    assert len(rows) == 3


def test_history_for_machines_is_json_alone(place: Place, ops: Person):
    first, second = write(place, ONE, TWO)
    answer = ops("state", "history", "--json")
    versions = answer.json["versions"]
    assert [{key: each[key] for key in ("id", "serial", "resources", "current")} for each in versions] == [
        {"id": second, "serial": 2, "resources": 2, "current": True},
        {"id": first, "serial": 1, "resources": 1, "current": False},
    ]
    assert versions[0]["size"] == len(json.dumps(TWO))
    assert versions[0]["time"].endswith("+00:00")
    assert "State of staging" in answer.err


def test_history_is_as_long_as_the_limit_and_reads_no_more(place: Place, ops: Person, monkeypatch: pytest.MonkeyPatch):
    write(place, *(document(serial) for serial in range(1, 5)))
    read: list[str] = []
    original = state_versions._document

    def counted(s3: Any, backend: S3Backend, version_id: str) -> Any:
        read.append(version_id)
        return original(s3, backend, version_id)

    monkeypatch.setattr(state_versions, "_document", counted)
    assert [each["serial"] for each in ops("state", "history", "--limit", "2", "--json").json["versions"]] == [4, 3]
    assert len(read) == 2
    assert len(ops("state", "history", "--json").json["versions"]) == 4
    assert ops("state", "history", "--limit", "0").code == 2


def test_all_versions_are_found_where_their_list_has_several_pages(place: Place, monkeypatch: pytest.MonkeyPatch):
    write(place, *(document(serial) for serial in range(1, 6)))
    s3 = place.other_client("s3", monkeypatch)
    paginator = s3.get_paginator("list_object_versions")
    monkeypatch.setattr(s3, "get_paginator", lambda _name: paginator)
    paginate = paginator.paginate
    monkeypatch.setattr(paginator, "paginate", lambda **given: paginate(**given, PaginationConfig={"PageSize": 2}))
    assert [each.serial for each in state_versions.history(place.aws, place.backend, 9)] == [5, 4, 3, 2, 1]


@pytest.mark.parametrize("what", DAMAGED)
def test_a_damaged_version_is_listed_as_unreadable(place: Place, ops: Person, what: str):
    write(place, ONE, DAMAGED[what])
    answer = ops("state", "history")
    assert answer.code == 0
    assert re.search(rf"\n  unreadable  .* {len(DAMAGED[what])} B +- +\S+ \(current\)\n", answer.out)
    newest, _ = ops("state", "history", "--json").json["versions"]
    assert (newest["serial"], newest["resources"], newest["size"]) == (None, None, len(DAMAGED[what]))


@pytest.mark.parametrize("changes", [{"serial": "3"}, {"serial": None}, {"resources": None}, {"resources": 1}], ids=str)
def test_json_that_is_no_state_is_damaged(place: Place, changes: Json):
    write(place, {**ONE, **changes})
    (version,) = state_versions.history(place.aws, place.backend, 9)
    assert (version.document, version.serial, version.resources) == (None, None, None)


def test_an_archived_version_is_listed_as_unreadable_and_refused(place: Place, ops: Person):
    archived = place.write(ONE, StorageClass="GLACIER")
    place.write(TWO)
    assert [each["serial"] for each in ops("state", "history", "--json").json["versions"]] == [2, None]
    answer = ops("state", "rollback", archived, "--yes", "--no-plan")
    assert answer.code == 2
    assert "archived to GLACIER after 30 days" in answer.err
    assert "aws s3api restore-object" in answer.err
    assert json.loads(place.read()) == TWO
    answer = ops("state", "diff", archived)
    assert answer.code == 2
    assert f"version {archived} cannot be read: it is damaged or archived" in answer.err


def test_another_error_of_s3_is_not_taken_for_an_archived_version(place: Place, monkeypatch: pytest.MonkeyPatch):
    place.write(ONE)
    s3 = place.other_client("s3", monkeypatch)

    def denied(**_: object) -> None:
        raise ClientError({"Error": {"Code": "AccessDenied", "Message": "no"}}, "GetObject")

    monkeypatch.setattr(s3, "get_object", denied)
    with pytest.raises(ClientError, match="AccessDenied"):
        state_versions.history(place.aws, place.backend, 1)


EVERY = [("history",), ("diff",), ("backup",), ("rollback", "1", "--yes", "--no-plan")]


@pytest.mark.parametrize("words", EVERY, ids=" ".join)
def test_without_a_bucket_every_command_tells_who_makes_it(nothing: Place, ops: Person, words: tuple[str, ...]):
    answer = ops("state", *words)
    assert (answer.code, answer.out) == (2, "")
    assert f"bucket {nothing.backend.bucket} does not exist: `python -m ops bootstrap` makes it" in answer.err


@pytest.mark.parametrize("words", EVERY, ids=" ".join)
def test_without_a_state_every_command_says_so(place: Place, ops: Person, words: tuple[str, ...]):
    answer = ops("state", *words)
    assert (answer.code, answer.out) == (2, "")
    assert re.search(r"no (state in|version '1' of) s3://", answer.err)


# Finding


def test_a_version_is_found_by_serial_and_by_the_beginning_of_its_id(place: Place):
    first, second = write(place, ONE, TWO)
    # With its first dash: digits alone would be a serial.
    for wanted in ("1", first, first[:9]):
        assert find(place, wanted).id == first
    assert find(place, "2").id == second
    assert find(place, second[:9]).document == TWO


def test_a_serial_of_several_contents_lists_their_ids(place: Place, ops: Person):
    # As after a rollback to serial 1 and another apply.
    first, _, other = write(place, ONE, TWO, document(1))
    with pytest.raises(UserError, match=r"2 versions match '1': give the id of one") as error:
        find(place, "1")
    assert f"({other}, {first})" in str(error.value)
    answer = ops("state", "rollback", "1", "--yes", "--no-plan")
    assert answer.code == 2
    assert first in answer.err
    assert place.versions() == 3


def test_a_serial_of_one_content_is_found_however_often_it_was_brought_back(place: Place):
    _, _, copy = write(place, ONE, TWO, ONE)
    assert find(place, "1").id == copy


def test_an_unknown_version_is_answered_with_where_to_look(place: Place, ops: Person):
    write(place, ONE)
    answer = ops("state", "rollback", "7", "--yes", "--no-plan")
    assert answer.code == 2
    assert f"no version '7' of s3://{place.backend.bucket}/{place.backend.key}: give a serial or an id" in answer.err
    assert "`state history` lists them" in answer.err


def test_a_number_is_never_taken_for_the_beginning_of_an_id(place: Place, monkeypatch: pytest.MonkeyPatch):
    """Serial 7 is archived, so that nobody can tell its serial; 7Kq... is another one's id."""
    write(place, ONE)
    (version,) = state_versions.history(place.aws, place.backend, 1)
    other = state_versions.Version("7Kq.version", version.modified, 1, True, ONE)
    monkeypatch.setattr(state_versions, "_versions", lambda *_: iter([other]))
    with pytest.raises(UserError, match="no version '7'"):
        find(place, "7")
    assert find(place, "7K") is other


def test_several_ids_with_one_beginning_are_listed(place: Place, monkeypatch: pytest.MonkeyPatch):
    write(place, ONE)
    (version,) = state_versions.history(place.aws, place.backend, 1)
    both = [state_versions.Version(f"ab{end}", version.modified, 1, False, None) for end in "xy"]
    monkeypatch.setattr(state_versions, "_versions", lambda *_: iter(both))
    with pytest.raises(UserError, match=r"2 versions match 'ab': give the id of one \(abx, aby\)"):
        find(place, "ab")


def find(place: Place, wanted: str) -> state_versions.Version:
    return state_versions.find(place.aws, place.backend, wanted)


# Comparing


def compared(old: list[Json], new: list[Json]) -> list[tuple[str, str, tuple[str, ...]]]:
    found = state_versions.compare(document(1, *old), document(2, *new))
    return [(each.change, each.address, each.details) for each in found]


def test_what_was_added_removed_and_changed_is_told_by_address():
    old = [parameter("gone", "1"), parameter("same", "1"), parameter("other", "1")]
    new = [parameter("other", "2"), parameter("same", "1"), parameter("added", "1")]
    assert compared(old, new) == [
        ("+", "aws_ssm_parameter.added", ()),
        ("-", "aws_ssm_parameter.gone", ()),
        ("~", "aws_ssm_parameter.other", ('value: "1" -> "2"',)),
    ]
    assert compared(old, old) == []


def test_instances_are_told_apart_by_their_keys():
    def keyed(*keys: str | int) -> list[Json]:
        return [resource("a", *({"index_key": key, "attributes": {}} for key in keys))]

    assert [address for _, address, _ in compared(keyed(), keyed(0, 1))] == [
        "aws_ssm_parameter.a[0]",
        "aws_ssm_parameter.a[1]",
    ]
    assert compared(keyed("öst", "b"), keyed("b")) == [("-", 'aws_ssm_parameter.a["öst"]', ())]


def test_addresses_have_their_module_and_data_sources_are_marked():
    data = resource("a", {"attributes": {}}, mode="data", module="module.net[0]")
    assert compared([], [data, parameter("a", "1")]) == [
        ("+", "aws_ssm_parameter.a", ()),
        ("+", "module.net[0].data.aws_ssm_parameter.a", ()),
    ]


def test_a_deposed_instance_does_not_hide_its_replacement():
    current, old = {"attributes": {"value": "2"}}, {"attributes": {"value": "1"}, "deposed": "0af1"}
    assert compared([resource("a", old, current)], [resource("a", current)]) == [
        ("-", "aws_ssm_parameter.a (deposed 0af1)", ())
    ]


def test_an_instance_that_became_tainted_is_a_change():
    whole, tainted = resource("a", {"attributes": {}}), resource("a", {"attributes": {}, "status": "tainted"})
    assert compared([whole], [tainted]) == [("~", "aws_ssm_parameter.a", ("status: complete -> tainted",))]


@pytest.mark.parametrize("marked", [(True, True), (True, False), (False, True)], ids=["both", "old", "new"])
def test_what_either_version_calls_sensitive_is_never_shown(marked: tuple[bool, bool]):
    def secret(value: str, is_marked: bool) -> Json:
        attributes = {"value": value, "block": [{"password": value, "user": "u"}], "tier": value[:1]}
        paths = [
            [{"type": "get_attr", "value": "value"}],
            [
                {"type": "get_attr", "value": "block"},
                {"type": "index", "value": {"value": 0, "type": "number"}},
                {"type": "get_attr", "value": "password"},
            ],
        ]
        return resource("a", {"attributes": attributes, "sensitive_attributes": paths if is_marked else []})

    ((_, _, details),) = compared([secret("hunter2", marked[0])], [secret("correct horse", marked[1])])
    assert details == ("block: (sensitive)", 'tier: "h" -> "c"', "value: (sensitive)")


def test_long_values_are_cut_and_missing_ones_are_null():
    old = resource("a", {"attributes": {"policy": "x" * 200}})
    new = resource("a", {"attributes": {"policy": None, "tags": {"ü": "1"}}})
    ((_, _, (policy, tags)),) = compared([old], [new])
    assert policy == f'policy: "{"x" * 76}... -> null'
    assert tags == 'tags: null -> {"ü": "1"}'


def test_long_values_are_shown_around_their_first_difference():
    arn = f"arn:aws:ecs:{'x' * 200}:task-definition/backend:"
    old, new = (resource("a", {"attributes": {"arn": f"{arn}{revision}", "size": 1}}) for revision in "12")
    ((_, _, (text,)),) = compared([old], [new])
    assert text == 'arn: ...finition/backend:1" -> ...finition/backend:2"'


@pytest.mark.parametrize("value", ["", [], {}])
def test_an_attribute_that_nobody_set_is_the_same_before_and_after_terraform_looked_at_it(value: object):
    old, new = (resource("a", {"attributes": {"tags": each}}) for each in (None, value))
    assert compared([old], [new]) == []
    assert compared([old], [resource("a", {"attributes": {"tags": False}})]) != []


def test_instances_without_attributes_can_be_compared():
    assert compared([resource("a", {"attributes": None})], [resource("a", {})]) == []


# The command `state diff`


def test_diff_compares_the_last_two_or_one_with_the_current_or_two(place: Place, ops: Person):
    third = document(3, parameter("b", "2"))
    first, second, newest = write(place, ONE, TWO, third)
    answer = ops("state", "diff", "--json")
    assert answer.json == {
        "from": second,
        "to": newest,
        "added": [],
        "removed": ["aws_ssm_parameter.a"],
        "changed": ["aws_ssm_parameter.b"],
    }
    lines = answer.err.splitlines()
    assert re.fullmatch(r"From serial 2 \(.*Z\) to serial 3 \(.*Z\):", lines[0])
    assert lines[1:] == ["  - aws_ssm_parameter.a", "  ~ aws_ssm_parameter.b", '      value: "1" -> "2"']
    answer = ops("state", "diff", "1", "--json").json
    assert (answer["from"], answer["to"], answer["added"]) == (first, newest, ["aws_ssm_parameter.b"])
    answer = ops("state", "diff", "2", "1", "--json").json
    assert (answer["from"], answer["to"], answer["removed"]) == (second, first, ["aws_ssm_parameter.b"])
    assert "  the same resources" in ops("state", "diff", "3").out


def test_diff_of_a_single_version_says_that_there_is_none_to_compare_with(place: Place, ops: Person):
    write(place, ONE)
    answer = ops("state", "diff")
    assert answer.code == 2
    assert "has one version only" in answer.err


# The command `state backup`


def test_a_backup_is_the_object_beside_the_state_named_by_time_and_serial(
    place: Place, ops: Person, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setenv("GITHUB_OUTPUT", str(tmp_path / "outputs"))
    write(place, ONE, TWO)
    answer = ops("state", "backup", "--json")
    uri = answer.json["backup"]
    assert f"staging: copied to {uri}" in answer.err
    match = re.fullmatch(rf"s3://{place.backend.bucket}/(p/e/backups/\d{{8}}T\d{{6}}Z-serial-2\.tfstate)", uri)
    assert match, uri
    assert place.read(match[1]) == place.read()
    head = place.s3.head_object(Bucket=place.backend.bucket, Key=match[1])
    assert head["ServerSideEncryption"] == "AES256"
    # A backup is no version of the state.
    assert len(ops("state", "history", "--json").json["versions"]) == 2
    assert step_outputs(tmp_path / "outputs")["backup"] == uri


def test_a_damaged_state_is_backed_up_as_it_is(place: Place, ops: Person):
    write(place, ONE, DAMAGED["cut off"])
    uri = ops("state", "backup", "--json").json["backup"]
    assert uri.endswith("Z-damaged.tfstate")
    assert place.read(uri.removeprefix(f"s3://{place.backend.bucket}/")) == DAMAGED["cut off"]


# The command `state rollback`


def roll(ops: Person, version: str, *more: str) -> Any:
    return ops("state", "rollback", version, "--yes", "--no-plan", *more)


def md5(body: bytes) -> str:
    return hashlib.md5(body, usedforsecurity=False).hexdigest()


def test_a_rollback_makes_the_older_one_current_with_its_digest_and_keeps_a_backup(
    place: Place, ops: Person, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setenv("GITHUB_OUTPUT", str(tmp_path / "outputs"))
    first, _ = write(place, ONE, TWO)
    before = place.read()
    answer = roll(ops, "1", "--json")
    assert answer.code == 0
    assert answer.json["serial"] == 1
    assert answer.json["version"] == first
    backup = answer.json["backup"].removeprefix(f"s3://{place.backend.bucket}/")
    assert re.search(
        r"staging: serial 1 of .*Z in place of serial 2 of .*Z\. The state before is kept as s3://", answer.err
    )
    assert "`python -m ops state rollback 2 --env staging --target emulator` goes forward again" in answer.err
    assert place.read() == json.dumps(ONE).encode()
    assert place.digest() == md5(place.read())
    assert place.s3.head_object(Bucket=place.backend.bucket, Key=place.backend.key)["ServerSideEncryption"] == "AES256"
    assert place.read(backup) == before
    assert place.lock_item() is None
    assert step_outputs(tmp_path / "outputs") == {key: str(value) for key, value in answer.json.items()}


def test_a_rollback_goes_back_and_forth_by_serial(place: Place, ops: Person):
    write(place, ONE, TWO)
    for serial, expected in (("1", ONE), ("2", TWO), ("1", ONE)):
        assert roll(ops, serial).code == 0
        assert json.loads(place.read()) == expected
        assert place.digest() == md5(place.read())


def test_a_rollback_to_the_previous_version_undoes_the_last_write_and_then_itself(place: Place, ops: Person):
    write(place, ONE, TWO)
    for expected in (ONE, TWO):
        assert roll(ops, "previous").code == 0
        assert json.loads(place.read()) == expected


def test_a_rollback_while_locked_names_the_holder_and_changes_nothing(place: Place, ops: Person):
    write(place, ONE, TWO)
    place.lock()
    lock, before = place.lock_item(), place.read()
    answer = roll(ops, "1", "--json")
    assert (answer.code, answer.out) == (1, "")
    assert "the state is locked by ada@laptop since " in answer.err
    assert (place.read(), place.versions(), place.digest()) == (before, 2, None)
    assert place.keys() == {place.backend.key}
    assert place.lock_item() == lock


def test_a_rollback_holds_the_lock_while_it_writes(place: Place, ops: Person, monkeypatch: pytest.MonkeyPatch):
    write(place, ONE, TWO)
    seen: list[object] = []
    for name in ("backup", "restore"):
        original = getattr(state_versions, name)

        def watched(*arguments: Any, original: Callable[..., Any] = original) -> Any:
            item = place.lock_item()
            seen.append(json.loads(item["Info"]["S"])["Operation"] if item else None)
            return original(*arguments)

        monkeypatch.setattr(state_versions, name, watched)
    assert roll(ops, "1").code == 0
    assert seen == ["rollback of the state"] * 2


def test_without_yes_and_without_a_terminal_nothing_is_changed(
    place: Place, ops: Person, monkeypatch: pytest.MonkeyPatch
):
    write(place, ONE, TWO)
    monkeypatch.setattr(sys, "stdin", io.StringIO("yes\n"))
    answer = ops("state", "rollback", "1", "--no-plan")
    assert (answer.code, answer.out) == (2, "")
    assert "in place of serial 2 of " in answer.err
    assert "not done; add --yes to do it" in answer.err
    assert place.versions() == 2
    assert place.keys() == {place.backend.key}


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


@pytest.mark.parametrize(("typed", "code", "serial"), [("yes\n", 0, 1), ("y\n", 1, 2), ("no\n", 1, 2), ("", 130, 2)])
def test_a_person_is_asked_and_only_yes_does_it(
    place: Place, ops: Person, monkeypatch: pytest.MonkeyPatch, typed: str, code: int, serial: int
):
    write(place, ONE, TWO)
    monkeypatch.setattr(sys, "stdin", Terminal(typed))
    answer = ops("state", "rollback", "1", "--no-plan", "--json")
    assert answer.code == code
    assert re.search(r"staging: serial 1 of .* in place of serial 2 of .*\? Only 'yes' is accepted", answer.err)
    assert answer.json["serial"] == 1 if code == 0 else not answer.out.strip()
    assert json.loads(place.read())["serial"] == serial
    assert ("nothing was changed" in answer.err) is (code == 1)


def test_a_state_that_was_written_while_the_person_was_asked_is_left_alone(
    place: Place, ops: Person, monkeypatch: pytest.MonkeyPatch
):
    write(place, ONE, TWO)
    third = document(3)

    class Slow(Terminal):
        def readline(self, *_: Any) -> str:
            place.write(third)
            return "yes\n"

    monkeypatch.setattr(sys, "stdin", Slow())
    answer = ops("state", "rollback", "1", "--no-plan")
    assert answer.code == 1
    assert "staging: the state was written meanwhile; nothing was changed: repeat" in answer.err
    assert json.loads(place.read()) == third
    assert place.keys() == {place.backend.key}
    assert place.lock_item() is None


def test_a_damaged_version_is_refused_and_the_lock_released(place: Place, ops: Person):
    _, damaged, _ = write(place, ONE, DAMAGED["cut off"], TWO)
    answer = roll(ops, damaged)
    assert answer.code == 2
    assert f"version {damaged} cannot be read: it is damaged, or it was archived" in answer.err
    assert json.loads(place.read()) == TWO
    assert place.digest() is None
    assert place.lock_item() is None


def test_a_damaged_state_is_replaced_and_kept(place: Place, ops: Person):
    write(place, ONE, DAMAGED["cut off"])
    answer = roll(ops, "1", "--json")
    assert answer.code == 0
    assert "in place of serial unreadable" in answer.err
    assert "goes forward again" not in answer.err
    assert json.loads(place.read()) == ONE
    assert place.read(answer.json["backup"].partition(f"{place.backend.bucket}/")[2]) == DAMAGED["cut off"]


def test_a_deleted_state_is_brought_back(place: Place, ops: Person):
    write(place, ONE, TWO)
    place.s3.delete_object(Bucket=place.backend.bucket, Key=place.backend.key)
    assert not any(each["current"] for each in ops("state", "history", "--json").json["versions"])
    assert roll(ops, "2").code == 0
    assert json.loads(place.read()) == TWO
    assert place.digest() == md5(place.read())


def test_a_rollback_that_was_cut_off_before_the_digest_is_mended_by_repeating_it(
    place: Place, ops: Person, monkeypatch: pytest.MonkeyPatch
):
    write(place, ONE, TWO)
    with monkeypatch.context() as crash:

        def cut_off(*_arguments: Any, **_named: Any) -> None:
            raise KeyboardInterrupt

        crash.setattr(digest.hashlib, "md5", cut_off)
        assert roll(ops, "1").code == 130
    assert json.loads(place.read()) == ONE
    assert place.digest() is None
    assert place.lock_item() is None
    assert roll(ops, "1").code == 0
    assert place.digest() == md5(place.read())
    # It is current already: there was nothing to copy.
    assert place.versions() == 3


def test_a_state_that_somebody_writes_without_the_lock_keeps_its_digest(place: Place, monkeypatch: pytest.MonkeyPatch):
    write(place, ONE, TWO)
    copy = state_versions._copy

    def and_another(*arguments: Any) -> None:
        copy(*arguments)
        place.write(document(9))

    monkeypatch.setattr(state_versions, "_copy", and_another)
    with pytest.raises(CommandError, match="was written by somebody else meanwhile: look at it"):
        state_versions.restore(place.aws, place.backend, find(place, "1"))
    assert place.digest() is None


@pytest.mark.parametrize(
    ("changes", "shown", "told"),
    [
        (Changes(add=1, any=True), "# aws_ssm_parameter.b will be created", "1 to add, 0 to change, 0 to destroy"),
        (Changes(), "A plan shows no changes.", "no changes"),
    ],
    ids=["changes", "none"],
)
def test_the_plan_that_follows_is_shown_to_the_person_and_told_to_machines(
    place: Place, ops: Person, monkeypatch: pytest.MonkeyPatch, changes: Changes, shown: str, told: str
):
    write(place, ONE, TWO)

    def plan_now(steps: Steps, *_: object) -> Planned:
        # Terraform takes the lock itself.
        assert place.lock_item() is None
        assert json.loads(place.read()) == ONE
        with steps.display.step("staging: plan"):
            return Planned(changes, "# aws_ssm_parameter.b will be created" if changes.any else "")

    monkeypatch.setattr(command, "plan_now", plan_now)
    answer = ops("state", "rollback", "1", "--yes", "--json")
    assert answer.code == 0
    assert answer.json["plan"] == told
    assert shown in answer.err
    assert "staging: plan" in answer.err


def test_a_plan_that_fails_does_not_hide_that_the_state_was_rolled_back(
    place: Place, ops: Person, monkeypatch: pytest.MonkeyPatch
):
    write(place, ONE, TWO)

    def fail(*_: object) -> None:
        raise CommandError("terraform plan failed")

    monkeypatch.setattr(command, "plan_now", fail)
    answer = ops("state", "rollback", "1", "--yes")
    assert answer.code == 1
    assert "The state before is kept as s3://" in answer.out
    assert "ops state rollback: terraform plan failed" in answer.err
