"""The example of a third service: the change as the recipe has it, applied to a clone and synthesized."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from tests import checkout
from tests.support import Output, read_stack


@pytest.fixture(scope="module")
def changed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The stacks of a clone with the change."""
    clone = tmp_path_factory.mktemp("third") / "clone"
    checkout.clone(clone)
    checkout.git(clone, "apply", "docs/examples/third-service.diff")
    subprocess.run([clone / ".venv/bin/python", "main.py"], cwd=clone, check=True)
    return clone / "cdktf.out"


@pytest.mark.parametrize("name", ["staging", "production"])
def test_the_change_adds_a_service_and_takes_nothing(name: str, changed: Path, stacks: dict[str, Output]) -> None:
    before, after = stacks[name].addresses(), read_stack(changed, name).addresses()
    assert before - after == set()
    assert {"aws_ecs_service.reports_service", "aws_lb_listener_rule.load_balancer_reports"} < after - before
    assert [each for each in after - before if "reports" not in each and "8081" not in each] == []


def test_the_account_gets_its_image_repository(changed: Path) -> None:
    assert "prodready_infra_reports" in read_stack(changed, "bootstrap").all("aws_ecr_repository")


def test_it_is_asked_before_the_page(changed: Path) -> None:
    rules = read_stack(changed, "staging").all("aws_lb_listener_rule").values()
    asked = sorted((rule["priority"], rule["condition"][0]["path_pattern"]["values"]) for rule in rules)
    assert asked == [(1, ["/api/*"]), (2, ["/reports/*"]), (3, ["/*"])]
