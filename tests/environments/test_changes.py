"""What happens when a setting is changed on a platform that runs: a stated answer for every key."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import fields, is_dataclass
from typing import Any, get_type_hints

import pytest

from environments.changes import CHANGES, Answer, of
from environments.settings import EcsSettings, Settings
from tests.support import Output


def keys(cls: type = Settings, prefix: str = "") -> Iterator[str]:
    hints: dict[str, Any] = get_type_hints(cls)
    for name in (field.name for field in fields(cls)):
        if is_dataclass(hints[name]) and isinstance(hints[name], type):
            yield from keys(hints[name], f"{prefix}{name}.")
        else:
            yield prefix + name


def test_every_key_has_an_answer_and_every_answer_a_key() -> None:
    services = [field.name for field in fields(EcsSettings)]
    known = list(keys())
    assert [key for key in known if not of(key).what] == []
    of_any_service = {key.replace(f"ecs.{service}.", "ecs.*.") for key in known for service in services}
    assert {*CHANGES} <= of_any_service


def test_a_key_that_is_none_has_no_answer() -> None:
    with pytest.raises(KeyError):
        of("ecs.backend.ports")


@pytest.mark.parametrize("key", [key for key, change in CHANGES.items() if change.fixed])
def test_what_has_to_stay_as_deployed_is_in_the_stack(key: str, staging: Output) -> None:
    """A renamed address would let the comparison with what is deployed find nothing."""
    change = CHANGES[key]
    assert change.answer is Answer.FIXED
    for pattern, attribute in change.fixed:
        type_, _, name = pattern.partition(".")
        found = {
            address: block
            for address, block in staging.all(type_).items()
            if all(part in address for part in name.split("*"))
        }
        assert found, pattern
        assert all(attribute in block for block in found.values() if attribute)
