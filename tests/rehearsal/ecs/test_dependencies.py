"""Containers start after those that they depend on."""

from __future__ import annotations

import pytest

from rehearsal.ecs.dependencies import start_order
from rehearsal.ecs.task_definition import Container, Dependency, NotRunnable


def container(name: str, *depends_on: str) -> Container:
    dependencies = tuple(Dependency(each, "SUCCESS") for each in depends_on)
    return Container(name, "image", True, (), {}, {}, (), None, None, "ecs", 30, dependencies)


def test_containers_start_after_those_that_they_depend_on() -> None:
    order = start_order([container("api", "migrate", "proxy"), container("migrate", "proxy"), container("proxy")])
    assert order == ["proxy", "migrate", "api"]


def test_containers_that_wait_for_each_other_are_refused() -> None:
    with pytest.raises(NotRunnable, match=r"containers wait for each other: (one for two for one|two for one for two)"):
        start_order([container("one", "two"), container("two", "one")])
