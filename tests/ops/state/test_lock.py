"""The state lock: who holds it, having it as Terraform would, and removing one whose holder is dead."""

from __future__ import annotations

import getpass
import json
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from botocore.exceptions import ClientError, EndpointConnectionError

from ops.commands import status
from ops.core.errors import CommandError, UserError
from ops.state import lock as state_lock
from tests.ops.person import Person, Place
from tests.ops.places import step_outputs


@pytest.fixture
def place(nothing: Place) -> Place:
    nothing.make_table()
    return nothing


def test_lock_names_the_holder_the_operation_and_the_age(place: Place, ops: Person):
    info = place.lock(timedelta(minutes=7.9))
    answer = ops("lock")
    assert answer.code == 0
    since = info["Created"][:19].replace("T", " ")
    assert f"staging: ada@laptop since {since}Z (7 min), OperationTypeApply, lock id {info['ID']}" in answer.out
    assert "`python -m ops unlock --env staging --target emulator` removes it" in answer.out
    assert place.lock_item()


def test_lock_tells_machines_the_same(place: Place, ops: Person, tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("GITHUB_OUTPUT", str(tmp_path / "outputs"))
    info = place.lock(timedelta(minutes=7.9))
    answer = ops("lock", "--json")
    assert answer.json == {
        "locked": True,
        "id": info["ID"],
        "who": "ada@laptop",
        "operation": "OperationTypeApply",
        # Python keeps microseconds.
        "created": f"{info['Created'][:26]}+00:00",
        "age_minutes": 7.9,
    }
    assert "ada@laptop" in answer.err
    outputs = step_outputs(tmp_path / "outputs")
    assert outputs == {key: str(value) for key, value in answer.json.items()}


def test_a_state_that_nobody_holds_is_free(place: Place, ops: Person):
    # Terraform keeps the digest of the state in the same table, for good.
    place.dynamodb.put_item(
        TableName=place.backend.dynamodb_table,
        Item={"LockID": {"S": f"{place.backend.lock_id}-md5"}, "Digest": {"S": "0" * 32}},
    )
    assert ops("lock").out == f"staging: free, in table {place.backend.dynamodb_table}\n"
    assert ops("lock", "--json").json == {"locked": False}
    answer = ops("unlock")
    assert (answer.code, answer.out) == (0, "staging: the state is not locked\n")
    assert place.digest()


def test_without_a_lock_table_the_state_is_free(nothing: Place, ops: Person):
    assert ops("lock", "--json").json == {"locked": False}
    answer = ops("unlock", "--json")
    assert (answer.code, answer.json) == (0, {"unlocked": False})


@pytest.mark.parametrize(("arguments", "minutes"), [((), 59.9), (("--older-than", "10"), 9.9)], ids=str)
def test_a_lock_younger_than_the_limit_stays_and_its_holder_is_named(
    place: Place, ops: Person, arguments: tuple[str, ...], minutes: float
):
    place.lock(timedelta(minutes=minutes))
    answer = ops("unlock", *arguments)
    assert answer.code == 1
    # Never "younger than 60 min: ... (60 min)".
    assert f"younger than {int(minutes) + 1} min: ada@laptop since " in answer.err
    assert f"({int(minutes)} min)" in answer.err
    assert place.lock_item()


@pytest.mark.parametrize(("arguments", "minutes"), [((), 60), (("--older-than", "10"), 10)], ids=str)
def test_a_lock_older_than_the_limit_is_removed(
    place: Place, ops: Person, arguments: tuple[str, ...], minutes: float, tmp_path: Path, monkeypatch: Any
):
    monkeypatch.setenv("GITHUB_OUTPUT", str(tmp_path / "outputs"))
    info = place.lock(timedelta(minutes=minutes, seconds=1))
    answer = ops("unlock", *arguments)
    assert answer.code == 0
    assert f"staging: unlocked; it was held by ada@laptop since {info['Created'][:10]}" in answer.out
    assert "may exist without being in the state" in answer.out
    assert place.lock_item() is None
    outputs = step_outputs(tmp_path / "outputs")
    assert outputs == {"unlocked": "True", "who": "ada@laptop", "id": info["ID"]}


def test_with_limit_0_a_lock_of_a_clock_that_is_ahead_is_removed_too(place: Place, ops: Person):
    place.lock(timedelta(minutes=-5))
    assert ops("lock", "--json").json["age_minutes"] == 0
    assert ops("unlock").code == 1
    assert ops("unlock", "--older-than", "0").code == 0
    assert place.lock_item() is None


def test_the_limit_is_longer_than_any_apply():
    assert state_lock.LIMIT_MINUTES >= 60


@pytest.mark.parametrize("value", ["-1", "soon"])
def test_a_limit_that_is_no_number_of_minutes_is_refused(place: Place, ops: Person, value: str):
    place.lock(timedelta(days=1))
    assert ops("unlock", "--older-than", value).code == 2
    assert place.lock_item()


def info_without(*keys: str, **changes: object) -> dict[str, str]:
    whole = {"ID": "1", "Who": "ada@laptop", "Operation": "apply", "Created": "2026-01-02T03:04:05Z", **changes}
    return {"S": json.dumps({key: value for key, value in whole.items() if key not in keys})}


UNKNOWN: dict[str, tuple[dict[str, Any], str]] = {
    "no Info": ({"Owner": {"S": "cron job"}}, "cron job"),
    "Info is a number": ({"Info": {"N": "7"}}, '"N": "7"'),
    "Info is binary": ({"Info": {"B": b"\x00\xff"}}, '"B": '),
    "Info is no JSON": ({"Info": {"S": "locked by hand"}}, "locked by hand"),
    "Info is a list": ({"Info": {"S": '["ada"]'}}, "ada"),
    "no ID": ({"Info": info_without("ID")}, "ada@laptop"),
    "no Who": ({"Info": info_without("Who")}, "2026-01-02T03:04:05Z"),
    "no Created": ({"Info": info_without("Created")}, "ada@laptop"),
    "Created without a zone": ({"Info": info_without(Created="2026-01-02T03:04:05")}, "03:04:05"),
    "Created is no time": ({"Info": info_without(Created="yesterday")}, "yesterday"),
    "Created is a number": ({"Info": info_without(Created=1767323045)}, "1767323045"),
    "Created has no UTC": ({"Info": info_without(Created="0001-01-01T00:00:00+23:00")}, "0001-01-01"),
}


@pytest.mark.parametrize("item", UNKNOWN)
def test_an_item_that_is_no_lock_of_terraform_is_shown_and_left_to_the_person(place: Place, item: str):
    attributes, shown = UNKNOWN[item]
    place.leave(**attributes)
    with pytest.raises(state_lock.UnknownLock) as error:
        state_lock.read(place.aws, place.backend)
    assert error.value.exit_code == 2
    message = str(error.value).replace("\\", "")
    assert (
        f"the item {place.backend.lock_id} in table {place.backend.dynamodb_table} is no lock of Terraform" in message
    )
    assert "its Info needs ID, Who, Operation and Created, got " in message
    assert shown in message


@pytest.mark.parametrize("command", [("lock",), ("unlock", "--older-than", "0")], ids=" ".join)
def test_commands_refuse_an_item_that_is_no_lock_of_terraform(place: Place, ops: Person, command: tuple[str, ...]):
    place.leave(Info={"S": "locked by hand"})
    answer = ops(*command)
    assert (answer.code, answer.out) == (2, "")
    assert answer.err.startswith(f"ops {command[0]}: the item {place.backend.lock_id} ")
    assert "locked by hand" in answer.err
    assert place.lock_item()


def test_status_shows_locks_of_every_kind(place: Place, ops: Person, tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    def stack(name: str, key: str) -> None:
        backend = {"bucket": place.backend.bucket, "key": key, "region": "us-east-2"}
        document = {"terraform": {"backend": {"s3": {**backend, "dynamodb_table": place.backend.dynamodb_table}}}}
        (tmp_path / "stacks" / name).mkdir(parents=True)
        (tmp_path / "stacks" / name / "cdk.tf.json").write_text(json.dumps(document))

    monkeypatch.setattr(status, "STACKS", tmp_path / "stacks")
    stack("a", place.backend.key)
    stack("b", "other")
    place.lock()
    assert "not applied  ada@laptop since " in ops("status").out
    assert "  b  not applied  free\n" in ops("status").out
    place.leave(Info={"S": "locked by hand"})
    answer = ops("status")
    assert answer.code == 0
    assert "  a  not applied  held by an item that is no lock of Terraform: `python -m ops lock" in answer.out


def test_a_lock_that_changed_hands_is_not_removed(place: Place):
    place.lock(timedelta(hours=2))
    dead = state_lock.read(place.aws, place.backend)
    assert dead is not None
    place.lock(Who="grace@laptop")
    with pytest.raises(CommandError, match="ada@laptop is gone by itself: nothing was removed"):
        state_lock.clear(place.aws, place.backend, dead)
    held = state_lock.read(place.aws, place.backend)
    assert held is not None
    assert held.who == "grace@laptop"


def test_a_lock_released_before_it_is_removed_is_said_to_be_gone(
    place: Place, ops: Person, monkeypatch: pytest.MonkeyPatch
):
    info = place.lock(timedelta(hours=2))
    lock = state_lock.read(place.aws, place.backend)
    place.dynamodb.delete_item(TableName=place.backend.dynamodb_table, Key={"LockID": {"S": place.backend.lock_id}})
    monkeypatch.setattr(state_lock, "read", lambda *_: lock)
    answer = ops("unlock")
    assert (answer.code, answer.out) == (1, "")
    assert f"the lock {info['ID']} of ada@laptop is gone by itself: nothing was removed" in answer.err


def test_a_held_lock_keeps_others_out_and_names_its_holder(place: Place, ops: Person):
    with state_lock.hold(place.aws, place.backend, "test"):
        with (
            pytest.raises(CommandError, match=f"the state is locked by {getpass.getuser()}@.*, test, ") as error,
            state_lock.hold(place.aws, place.backend, "another"),
        ):
            pytest.fail("two hold it")
        assert error.value.exit_code == 1
        assert ops("lock", "--json").json["operation"] == "test"
        # The refused one has not released it.
        assert place.lock_item()
    assert place.lock_item() is None


def test_a_lock_of_terraform_keeps_ops_out(place: Place):
    place.lock()
    with pytest.raises(CommandError, match="the state is locked by ada@laptop"), holding(place):
        pytest.fail("two hold it")
    assert place.lock_item()


@pytest.mark.parametrize("error", [ValueError("bad"), KeyboardInterrupt(), SystemExit(1)], ids=repr)
def test_the_lock_is_released_on_an_error_which_stays_the_error(place: Place, error: BaseException):
    with pytest.raises(type(error)) as raised, holding(place):
        raise error
    assert raised.value is error
    assert place.lock_item() is None


def test_a_lock_that_somebody_else_removed_is_no_error_and_a_later_one_stays(place: Place):
    with holding(place):
        lock = state_lock.read(place.aws, place.backend)
        assert lock is not None
        state_lock.clear(place.aws, place.backend, lock)
    assert place.lock_item() is None
    with holding(place):
        place.lock()
    held = state_lock.read(place.aws, place.backend)
    assert held is not None
    assert held.who == "ada@laptop"


def test_a_lock_released_between_the_try_and_the_look_is_said_so(place: Place, monkeypatch: pytest.MonkeyPatch):
    place.lock()
    monkeypatch.setattr(state_lock, "read", lambda *_: None)
    with pytest.raises(CommandError, match="the state was locked until a moment ago: repeat"), holding(place):
        pytest.fail("held")


def test_nothing_is_held_without_a_lock_table(nothing: Place):
    with (
        pytest.raises(UserError, match=f"lock table {nothing.backend.dynamodb_table} does not exist"),
        holding(nothing),
    ):
        pytest.fail("held")


def test_an_unknown_item_keeps_ops_out(place: Place):
    place.leave(Info={"S": "locked by hand"})
    with pytest.raises(state_lock.UnknownLock, match="locked by hand"), holding(place):
        pytest.fail("held")


def test_a_taking_that_botocore_repeats_is_not_mistaken_for_another_holder(
    place: Place, monkeypatch: pytest.MonkeyPatch
):
    def twice(put: Callable[..., Any]) -> Callable[..., Any]:
        return lambda **arguments: (put(**arguments), put(**arguments))

    doctor(place, monkeypatch, "put_item", twice)
    with holding(place):
        assert place.lock_item()
    assert place.lock_item() is None


DENIED = ClientError({"Error": {"Code": "AccessDeniedException", "Message": "no"}}, "DeleteItem")


@pytest.mark.parametrize("error", [DENIED, EndpointConnectionError(endpoint_url="http://127.0.0.1:1")], ids=str)
def test_a_lock_that_cannot_be_released_is_not_kept_quiet(
    place: Place, monkeypatch: pytest.MonkeyPatch, error: Exception
):
    def fail(**_: object) -> None:
        raise error

    doctor(place, monkeypatch, "delete_item", lambda _delete: fail)
    done = r"the test is done, but its lock .* could not be removed: "
    with pytest.raises(CommandError, match=done) as raised, holding(place):
        pass
    assert "`python -m ops unlock --older-than 0` with the same --env removes it" in str(raised.value)
    place.dynamodb.delete_item(TableName=place.backend.dynamodb_table, Key={"LockID": {"S": place.backend.lock_id}})
    # The error of the work says more.
    with pytest.raises(ZeroDivisionError), holding(place):
        raise ZeroDivisionError


def test_a_user_without_a_name_can_hold_the_lock(place: Place, monkeypatch: pytest.MonkeyPatch):
    def nameless() -> str:
        raise KeyError("getpwuid(): uid not found: 12345")

    monkeypatch.setattr(getpass, "getuser", nameless)
    monkeypatch.setattr(state_lock.os, "getuid", lambda: 12345)
    with holding(place):
        lock = state_lock.read(place.aws, place.backend)
    assert lock is not None
    assert lock.who.startswith("12345@")


def holding(place: Place) -> Any:
    return state_lock.hold(place.aws, place.backend, "test")


def doctor(
    place: Place, monkeypatch: pytest.MonkeyPatch, method: str, make: Callable[[Callable[..., Any]], object]
) -> None:
    """Have the code under test use a DynamoDB client of which one method is another."""
    client = place.other_client("dynamodb", monkeypatch)
    monkeypatch.setattr(client, method, make(getattr(client, method)))
