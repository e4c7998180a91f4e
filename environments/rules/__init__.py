"""What a value must be beyond its type. A rule yields the key at fault and what was got and expected."""

from __future__ import annotations

from collections.abc import Iterator

from environments.rules import account, database, names, network, operations, production, services, state
from environments.rules.finding import Finding, Rule
from environments.settings import Settings
from environments.shape import is_unset

RULES: tuple[Rule, ...] = (
    *account.RULES,
    *names.RULES,
    *network.RULES,
    *services.RULES,
    *database.RULES,
    *operations.RULES,
    *production.RULES,
    *state.RULES,
)


def findings(settings: Settings) -> Iterator[Finding]:
    """Apply every rule; one that needs a key that is missing or of the wrong type says nothing more."""
    for rule in RULES:
        yield from _as_far_as_set(rule, settings)


def _as_far_as_set(rule: Rule, settings: Settings) -> Iterator[Finding]:
    try:
        yield from rule(settings)
    except AttributeError as error:
        if not is_unset(error):
            raise
