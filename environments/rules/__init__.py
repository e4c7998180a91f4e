"""What a value must be beyond its type. A rule yields the key at fault and what was got and expected."""

from __future__ import annotations

from collections.abc import Iterator
from inspect import Parameter, signature

from environments.rules import account, database, names, network, operations, production, services, state
from environments.rules.finding import Finding, Rule, Services, Values

RULES: tuple[Rule, ...] = (
    *account.RULES,
    *names.RULES,
    *network.RULES,
    *services.RULES,
    *database.RULES,
    *operations.RULES,
    *production.RULES,
)


def findings(values: Values) -> Iterator[Finding]:
    """Apply every rule to the settings that could be read; one that needs another says nothing."""
    ecs: Services = values.get("ecs", {})
    for name, service in ecs.items():
        for key, text in _apply(services.RULES_OF_A_SERVICE, service):
            yield f"ecs.{name}.{key}", text
    yield from _apply(RULES, values)
    yield from _apply(state.RULES, {**values, **values.get("backend", {})})


def _apply(rules: tuple[Rule, ...], values: Values) -> Iterator[Finding]:
    for rule in rules:
        parameters = signature(rule).parameters
        if all(name in values for name, each in parameters.items() if each.default is Parameter.empty):
            yield from rule(**{name: values[name] for name in parameters if name in values})
