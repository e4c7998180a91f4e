"""Listener rules: patterns, order, conditions, weights."""

from __future__ import annotations

from typing import Any

import pytest

from rehearsal.elb import rules
from rehearsal.elb.elbv2 import codes
from rehearsal.elb.rules import Request, Rule


@pytest.mark.parametrize(
    ("pattern", "path", "expected"),
    [
        ("/api/*", "/api/health", True),
        ("/api/*", "/api/", True),
        ("/api/*", "/api", False),
        ("/api/*", "/API/health", False),
        ("/*", "/", True),
        ("/item?", "/items", True),
        ("/item?", "/item", False),
        ("/a.c", "/abc", False),
        ("/[ab]", "/a", False),
        ("*.php", "/deep/index.php", True),
        ("/a*z", "/a\n/z", True),
    ],
)
def test_only_star_and_question_mark_are_special_in_a_path(pattern: str, path: str, expected: bool) -> None:
    assert rules.matches(pattern, path) is expected


def rule(priority: str, path: str = "", group: str = "g", **condition: Any) -> dict[str, Any]:
    conditions = [{"Field": "path-pattern", "PathPatternConfig": {"Values": [path]}}] if path else []
    return {
        "Priority": priority,
        "IsDefault": priority == "default",
        "Conditions": [*conditions, *([condition] if condition else [])],
        "Actions": [{"Type": "forward", "TargetGroupArn": group}],
    }


def chosen(found: list[dict[str, Any]], path: str, host: str = "example.com") -> list[str]:
    choice = rules.choose([rules.read(each) for each in found], Request("GET", host, path))
    return choice.target_groups if choice else []


def test_rules_are_asked_by_number_not_by_text_and_the_default_last() -> None:
    found = [rule("default", group="default"), rule("10", "/*", "page"), rule("9", "/api/*", "api")]
    assert chosen(found, "/api/items") == ["api"]
    assert chosen(found, "/") == ["page"]
    assert chosen(found[:1], "/") == ["default"]


def test_all_conditions_of_a_rule_must_hold_and_hosts_ignore_case_and_port() -> None:
    found = [rule("1", "/api/*", "admin", Field="host-header", HostHeaderConfig={"Values": ["Admin.*"]})]
    assert chosen(found, "/api/x", "admin.example.com:8000") == ["admin"]
    assert chosen(found, "/api/x", "www.example.com") == []


def test_a_condition_that_is_not_rehearsed_never_holds() -> None:
    read = rules.read(rule("1", "/*", Field="source-ip", SourceIpConfig={"Values": ["0.0.0.0/0"]}))
    assert not read.rehearsed
    assert not read.accepts(Request("GET", "h", "/"))


def test_weights_are_shares_of_the_requests() -> None:
    groups = [{"TargetGroupArn": "blue", "Weight": 3}, {"TargetGroupArn": "green", "Weight": 1}]
    weighted = Rule(1, {}, ({"Type": "forward", "ForwardConfig": {"TargetGroups": groups}},))
    assert weighted.target_groups == ["blue", "blue", "blue", "green"]


@pytest.mark.parametrize(
    ("matcher", "expected"), [("200", {200}), ("200,302", {200, 302}), ("200-202", {200, 201, 202})]
)
def test_matchers_are_lists_and_ranges(matcher: str, expected: set[int]) -> None:
    assert codes(matcher) == expected
