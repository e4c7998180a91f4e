"""A rule names in its parameters the settings that it judges."""

from __future__ import annotations

from typing import Any, get_type_hints

import pytest

from environments.rules import RULES, findings, services, state
from environments.rules.finding import Rule
from environments.settings import Backend, ServiceSettings, Settings

OF_ENVIRONMENT = {*get_type_hints(Settings)} - {"backend"}
OF_SERVICE = {*get_type_hints(ServiceSettings)}
OF_STATE = OF_ENVIRONMENT | {*get_type_hints(Backend)}


@pytest.mark.parametrize(
    ("rules", "known"),
    [(RULES, OF_ENVIRONMENT), (services.RULES_OF_A_SERVICE, OF_SERVICE), (state.RULES, OF_STATE)],
    ids=["environment", "service", "state"],
)
def test_every_parameter_of_a_rule_is_a_setting(rules: tuple[Rule, ...], known: set[str]) -> None:
    """A misspelt one would never be there, and the rule never apply."""
    parameters: dict[str, Any] = {name: rule for rule in rules for name in get_type_hints(rule) if name != "return"}
    assert {*parameters} <= known


def test_no_key_of_the_state_hides_one_of_the_environment() -> None:
    assert OF_ENVIRONMENT.isdisjoint(get_type_hints(Backend))


def test_a_rule_says_nothing_while_one_of_its_settings_could_not_be_read() -> None:
    assert [key for key, _ in findings({"project": "A"})] == ["project"]
    assert [key for key, _ in findings({"ecs": {"backend": {"cpu": 1}}})] == ["ecs.backend.cpu"]
    assert [*findings({"ecs": {"backend": {"memory": 1}}})] == []
