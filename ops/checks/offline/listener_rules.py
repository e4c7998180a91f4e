"""The load balancer's rules: each can be reached, and each health path goes to the group that checks it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import combinations

from ops.checks.offline.findings import Finding, fail
from ops.checks.offline.path_patterns import covers, takes
from ops.checks.offline.subjects import Environment
from ops.terraform.synthesized import Json, Stack, referred


@dataclass(frozen=True)
class Rule:
    """What a listener does with a request: the lowest priority number that matches wins."""

    address: str
    priority: int
    patterns: tuple[str, ...]
    """A path that one of them matches."""
    further: bool
    """Whether it asks for more than the path, so that it takes only some of these requests."""
    group: str
    """Address of the target group it forwards to; "" for another action."""


def rules_are_in_order(environment: Environment) -> Iterator[Finding]:
    stack = environment.stack
    for listener, settings in stack.all("aws_lb_listener").items():
        rules = rules_of(stack, listener)
        out_of_order = [*_same_priority(rules), *_shadowed(rules)]
        yield from out_of_order
        # In a wrong order a path goes astray as a matter of course: said once is enough.
        if not out_of_order and (rules or _group(settings["default_action"])):
            yield from _astray(stack, listener, [*rules, _default(listener, settings)])


def rules_of(stack: Stack, listener: str) -> list[Rule]:
    """The rules in the order in which the listener asks them."""
    found = [
        _rule(address, rule)
        for address, rule in stack.all("aws_lb_listener_rule").items()
        if referred(rule["listener_arn"]) == listener
    ]
    return sorted(found, key=lambda rule: rule.priority)


def _same_priority(rules: Sequence[Rule]) -> Iterator[Finding]:
    for first, second in combinations(rules, 2):
        if first.priority == second.priority:
            yield fail(
                second.address,
                f"priority is {second.priority}, as of {first.address}, expected another: AWS refuses the second",
            )


def _shadowed(rules: Sequence[Rule]) -> Iterator[Finding]:
    for first, second in combinations(rules, 2):
        if first.further or first.priority == second.priority or not second.patterns:
            continue
        if all(any(covers(wide, narrow) for wide in first.patterns) for narrow in second.patterns):
            yield fail(
                second.address,
                f"no request reaches it: {first.address} takes {_paths(first)} at priority {first.priority}, before "
                f"{_paths(second)} at {second.priority}; give this rule a lower number",
            )


def _astray(stack: Stack, listener: str, rules: Sequence[Rule]) -> Iterator[Finding]:
    for service in stack.all("aws_ecs_service").values():
        for block in service.get("load_balancer", []):
            group = referred(block["target_group_arn"])
            path = stack.at(group)["health_check"]["path"]
            rule = next(each for each in rules if _may_take(each, path))
            if rule.group != group:
                yield fail(
                    group,
                    f"health_check path is {path}, which {listener} sends to {rule.group or 'no group'} "
                    f"({rule.address}), expected {group}: another program's health is checked than the one served",
                )


def _may_take(rule: Rule, path: str) -> bool:
    return not rule.further and any(takes(pattern, path) for pattern in rule.patterns)


def _rule(address: str, rule: Json) -> Rule:
    paths = [each["path_pattern"]["values"] for each in rule["condition"] if each.get("path_pattern")]
    further = len(paths) != len(rule["condition"]) or len(paths) != 1
    patterns = tuple(paths[0]) if len(paths) == 1 else ()
    return Rule(address, int(rule["priority"]), patterns, further, _group(rule["action"]))


def _default(listener: str, settings: Json) -> Rule:
    return Rule(f"{listener} default_action", 2**16, ("*",), False, _group(settings["default_action"]))


def _group(actions: Sequence[Json]) -> str:
    return next((referred(each["target_group_arn"]) for each in actions if each.get("target_group_arn")), "")


def _paths(rule: Rule) -> str:
    return " and ".join(rule.patterns)
