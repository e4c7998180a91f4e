"""Which action a listener takes: its rules by priority, the default action last."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any, cast


@cache
def _pattern(text: str, *, ignore_case: bool) -> re.Pattern[str]:
    parts = {"*": ".*", "?": "."}
    pattern = "".join(parts.get(character) or re.escape(character) for character in text)
    return re.compile(pattern, re.DOTALL | (re.IGNORECASE if ignore_case else 0))


def matches(pattern: str, text: str, *, ignore_case: bool = False) -> bool:
    """`*` is any number of characters, `?` exactly one; nothing else is special."""
    return _pattern(pattern, ignore_case=ignore_case).fullmatch(text) is not None


@dataclass(frozen=True)
class Request:
    """The parts that conditions look at; the path is without the query."""

    method: str
    host: str
    path: str


@dataclass(frozen=True)
class Rule:
    """One rule; all of its conditions must hold, and of each any one value."""

    priority: int | None
    """None: the default action."""
    conditions: Mapping[str, tuple[str, ...]]
    actions: tuple[dict[str, Any], ...]

    @property
    def rehearsed(self) -> bool:
        return set(self.conditions) <= {"path-pattern", "host-header", "http-request-method"}

    def accepts(self, request: Request) -> bool:
        """Never, where a condition is of a kind that is not rehearsed."""
        return self.rehearsed and all(
            any(_holds(field, value, request) for value in values) for field, values in self.conditions.items()
        )

    @property
    def target_groups(self) -> list[str]:
        """What it forwards to, as often as its weight says."""
        for action in self.actions:
            if action["Type"] != "forward":
                continue
            weighted = cast("list[dict[str, Any]]", action.get("ForwardConfig", {}).get("TargetGroups") or [])
            if weighted:
                return [each["TargetGroupArn"] for each in weighted for _ in range(each.get("Weight", 1))]
            return [action["TargetGroupArn"]]
        return []


def _holds(field: str, value: str, request: Request) -> bool:
    match field:
        case "path-pattern":
            return matches(value, request.path)
        case "host-header":
            return matches(value, request.host.partition(":")[0], ignore_case=True)
        case _:
            return value == request.method


def read(found: Mapping[str, Any]) -> Rule:
    """Read a rule of DescribeRules."""
    conditions: dict[str, tuple[str, ...]] = {}
    for condition in found["Conditions"]:
        # The older form has the values beside the field, the newer one in a <Field>Config.
        configs = [value for key, value in condition.items() if key.endswith("Config") and value]
        values = condition.get("Values") or [value for config in configs for value in config.get("Values", [])]
        conditions[condition["Field"]] = tuple(map(str, values))
    priority = None if found["IsDefault"] else int(found["Priority"])
    return Rule(priority, conditions, tuple(found["Actions"]))


def in_order(rules: Iterable[Rule]) -> tuple[Rule, ...]:
    """Lowest number first, the default last."""
    return tuple(sorted(rules, key=lambda rule: (rule.priority is None, rule.priority)))


def choose(rules: Iterable[Rule], request: Request) -> Rule | None:
    return next((rule for rule in in_order(rules) if rule.accepts(request)), None)
