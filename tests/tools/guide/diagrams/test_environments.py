"""The page of environments says what differs, argument by argument."""

from __future__ import annotations

import json

from tools.guide.diagrams.environments import differences
from tools.guide.diagrams.stack import Stack


def test_environments_differ_by_arguments_not_by_names_and_tags() -> None:
    def stack(name: str, **arguments: object) -> Stack:
        common = {"name": f"p-{name}", "tags": {"Size": len(name)}, "family": f"p-{name}", "engine": "postgres"}
        return Stack(name, {"resource": {"aws_x": {"y": {**common, **arguments}}}})

    definitions = [json.dumps([{"name": "c", "env": [{"name": "N", "value": n}, {"name": "M"}]}]) for n in "12"]
    pair = [
        stack("dev", size=1, definition=definitions[0]),
        stack("live", size=2, definition=definitions[1], more=True),
    ]
    assert list(differences("aws_x.y", pair)) == [
        ("size", ["`1`", "`2`"]),
        ("definition.env.N.value", ["`1`", "`2`"]),
        ("more", ["not set", "`true`"]),
    ]


def test_a_resource_of_one_environment_only_is_told() -> None:
    pair = [Stack("dev", {"resource": {}}), Stack("live", {"resource": {"aws_x": {"y": {"size": 1}}}})]
    assert list(differences("aws_x.y", pair)) == [("", ["does not exist", "exists"])]
