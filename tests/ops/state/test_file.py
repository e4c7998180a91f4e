"""Reading the state in a bucket: as it is, not yet there, deleted, damaged, and with the digest of an older one."""

from __future__ import annotations

import hashlib
import json

import pytest

from ops.core.errors import UserError
from ops.state import file as state
from ops.state import versions
from ops.terraform.synthesized import S3Backend
from tests.ops.person import Person, Place
from tests.support import Json

STATE: Json = {"version": 4, "serial": 7, "resources": [], "outputs": {"a": {"value": "1", "sensitive": False}}}
DAMAGED = {"cut off": b'{"serial": 3, "resour', "empty": b"", "no serial": b"{}"}


def test_a_state_that_was_never_written_is_none(place: Place):
    assert state.document(place.aws, place.backend) is None
    assert state.outputs(place.aws, place.backend) == {}
    elsewhere = S3Backend("no-such-bucket-here", "k", "us-east-2", "t")
    assert state.document(place.aws, elsewhere) is None
    assert not state.deleted(place.aws, elsewhere)


def test_a_deleted_state_is_not_taken_for_one_that_was_never_written(place: Place, ops: Person):
    place.write(STATE)
    assert state.document(place.aws, place.backend) == STATE
    place.s3.delete_object(Bucket=place.backend.bucket, Key=place.backend.key)
    with pytest.raises(UserError, match=f"{place.backend.key} was deleted: `python -m ops state history` lists"):
        state.outputs(place.aws, place.backend)
    told = ops("state", "history", "--json")
    assert (told.code, told.json["deleted"]) == (0, True)
    assert "The state was deleted, none of these is current" in told.err
    assert [each["current"] for each in told.json["versions"]] == [False]
    # Written anew it is there, with the marker between its versions.
    place.write(STATE)
    assert state.document(place.aws, place.backend) == STATE
    assert ops("state", "history", "--json").json["deleted"] is False


def test_a_deleted_neighbour_whose_name_begins_so_does_not_count(place: Place):
    key = f"{place.backend.key}.backup"
    place.s3.put_object(Bucket=place.backend.bucket, Key=key, Body=b"{}")
    place.s3.delete_object(Bucket=place.backend.bucket, Key=key)
    assert not state.deleted(place.aws, place.backend)


@pytest.mark.parametrize("body", DAMAGED.values(), ids=DAMAGED)
def test_a_damaged_state_is_told_with_the_way_back(place: Place, body: bytes):
    place.write(body)
    with pytest.raises(UserError, match="is not a Terraform state, it is damaged: `python -m ops state history`"):
        state.outputs(place.aws, place.backend)


def test_a_deleted_state_is_rolled_back_to_one_of_its_versions(place: Place, ops: Person):
    place.write(STATE)
    place.write({**STATE, "serial": 8})
    place.s3.delete_object(Bucket=place.backend.bucket, Key=place.backend.key)
    answer = ops("state", "rollback", "8", "--yes", "--no-plan")
    assert answer.code == 0, answer.err
    assert "serial 8" in answer.out
    assert "in place of nothing: it was deleted" in answer.out
    assert json.loads(place.read())["serial"] == 8
    assert place.digest() == hashlib.md5(place.read()).hexdigest()


def test_data_and_what_waits_to_be_destroyed_are_no_resources_of_the_state():
    instance = {"attributes": {"id": "vpc-1", "cidr_block": "10.1.0.0/16"}}
    vpc = {"type": "aws_vpc", "name": "vpc"}
    deposed = {"attributes": {"id": "vpc-old"}, "deposed": "00000001"}
    document = {
        "resources": [
            {**vpc, "mode": "managed", "instances": [deposed, {**instance, "status": "tainted"}]},
            {**vpc, "mode": "data", "name": "other", "instances": [instance]},
        ]
    }
    assert state.recorded(document) == {"aws_vpc.vpc": state.Recorded(instance["attributes"], tainted=True)}
    # But nobody else's either.
    assert state.ids(document) == {"vpc-old", "vpc-1"}


def digest(place: Place, text: str) -> None:
    item = {"LockID": {"S": f"{place.backend.lock_id}-md5"}, "Digest": {"S": text}}
    place.dynamodb.put_item(TableName=place.backend.dynamodb_table, Item=item)


def test_a_digest_of_an_older_version_is_mended(place: Place):
    place.write(STATE)
    digest(place, "of the one before")
    assert versions.mend_digest(place.aws, place.backend)
    assert place.digest() == hashlib.md5(place.read()).hexdigest()
    assert not versions.mend_digest(place.aws, place.backend)


@pytest.mark.parametrize("body", [None, *DAMAGED.values()], ids=["deleted", *DAMAGED])
def test_the_digest_of_a_state_that_is_gone_stays_so_that_no_plan_takes_it_for_new(place: Place, body: bytes | None):
    place.write(STATE)
    digest(place, "of the good one")
    if body is None:
        place.s3.delete_object(Bucket=place.backend.bucket, Key=place.backend.key)
    else:
        place.write(body)
    assert not versions.mend_digest(place.aws, place.backend)
    assert place.digest() == "of the good one"


def test_a_state_without_a_digest_gets_none(place: Place):
    assert not versions.mend_digest(place.aws, place.backend)
    place.write(STATE)
    assert not versions.mend_digest(place.aws, place.backend)
    assert place.digest() is None
