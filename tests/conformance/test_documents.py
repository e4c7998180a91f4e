"""What the documents claim is held by tests that exist, about things that exist."""

from __future__ import annotations

import re

import pytest
import yaml

from tests.conformance.names import missing
from tests.support import ROOT

CHAPTERS = (
    "index",
    "architecture",
    "network",
    "security",
    "threat-model",
    "application",
    "pipeline",
    "best-practices",
    "deployment-checklist",
    "decisions",
)


def test_every_claim_of_the_threat_model_names_a_test_that_exists() -> None:
    text = (ROOT / "docs/threat-model.md").read_text()
    rows = [line.split("|")[1:-1] for line in text.splitlines() if line.startswith("|")][2:]
    sources = "".join(path.read_text() for path in (ROOT / "tests").rglob("test_*.py"))
    assert len(rows) >= 12
    for row in rows:
        names = re.findall(r"`([^`]+)`", row[-1])
        assert names, row
        for name in names:
            assert f"def {name}(" in sources or (ROOT / name).is_file(), name


@pytest.mark.parametrize("chapter", CHAPTERS)
def test_every_name_in_a_chapter_is_one_of_the_project(chapter: str) -> None:
    text = (ROOT / f"docs/{chapter}.md").read_text()
    assert sorted(set(missing(text))) == []


def test_every_name_in_the_deviations_is_one_of_the_project_but_for_the_guides_own() -> None:
    lines = (ROOT / "docs/deviations.md").read_text().splitlines()
    # | number | the guide's words | why not | the project's | held by |
    text = "\n".join("|".join(line.split("|")[4:]) if re.match(r"\| \d+ \|", line) else line for line in lines)
    assert sorted(set(missing(text))) == []


def test_the_pipelines_chapter_tells_every_step_of_a_plan_and_of_a_deployment() -> None:
    chapter = (ROOT / "docs/pipeline.md").read_text()
    jobs = yaml.safe_load((ROOT / ".github/workflows/deploy.yml").read_text())["jobs"]
    deploy = [step for job in jobs.values() for step in job["steps"]]
    plan = yaml.safe_load((ROOT / ".github/actions/plan/action.yml").read_text())["runs"]["steps"]
    assert [step["name"] for step in (*deploy, *plan) if step["name"] not in chapter] == []


@pytest.mark.parametrize(
    "name",
    [
        "`test_nothing_holds_this`",
        "`modules/lambda.py`",
        "`environments/testing.tfvars`",
        "`lambda.py`",
        "`aws_db_instance.main`",
        "`aws_lb_listener.*_tcp`",
        "`nat_gatewayz`",
        "`nat_gateways = 7`",
        "`deregistration_delay = 31`",
        "`ops mend`",
        "`ops state mend`",
        "`ops wait --patience 3`",
        "`make coffee`",
        "```sh\n.venv/bin/python -m ops mend\n```",
    ],
)
def test_a_name_that_the_project_does_not_have_is_found(name: str) -> None:
    assert list(missing(name)) != []
