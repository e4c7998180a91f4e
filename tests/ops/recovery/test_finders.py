"""Every type has a finder, and one call finds what it asks for."""

from __future__ import annotations

from typing import Any

import pytest

from ops.recovery.finders import FINDERS, by_call
from ops.recovery.finding import Object, Wanted
from ops.terraform.resource_types import TYPES, Call


def test_every_type_has_a_finder_or_a_reason_why_it_needs_none():
    left = {type_ for type_, known in TYPES.items() if known.left_to_apply}
    assert FINDERS.keys() | left == TYPES.keys()
    assert FINDERS.keys() & left == set()


class Client:
    """Answers one operation."""

    def __init__(self, answer: dict[str, Any]) -> None:
        self._answer = answer

    def get_thing(self, **arguments: str) -> dict[str, Any]:
        assert arguments == {"ThingName": "mine"}
        return self._answer


@pytest.mark.parametrize(
    ("part", "answer", "found"),
    [
        ("", {"Thing": "x"}, [Object("mine", "name")]),
        ("Status", {"Status": "Enabled"}, [Object("mine", "name")]),
        # Set, and without settings of its own.
        ("Status", {"Status": {}}, [Object("mine", "name")]),
        ("Status", {"Other": "x"}, []),
    ],
)
def test_one_call_finds_what_it_asks_for_if_the_answer_has_the_part(
    part: str, answer: dict[str, Any], found: list[Object]
):
    config = {"thing_name": "mine"}
    wanted = Wanted("aws_thing.a", config, "us-east-1", "1", {}, lambda _: Client(answer), str, lambda _type: [])
    finder = by_call(Call("things", "get_thing", "ThingName", "thing_name", part))
    assert list(finder.find(wanted)) == found
