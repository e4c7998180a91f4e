"""The reference is what the code says now."""

from __future__ import annotations

import re

import pytest

from environments.draft import read_draft
from environments.settings import Settings
from ops.checks.live.causes.table import CAUSES
from tests.ops.test_command_line import COMMANDS
from tests.support import ROOT, Output
from tools.guide.reference import (
    commands,
    modules,
    pages,
    sources,
)
from tools.guide.reference import settings as settings_page
from tools.guide.reference.effects import Effect, Measurement, compare


@pytest.fixture(scope="module")
def made(settings: dict[str, Settings]) -> dict[str, str]:
    return pages.pages(tuple(settings.values()))


def test_the_committed_pages_are_those_that_the_code_makes(made: dict[str, str]) -> None:
    stale = [name for name, text in made.items() if (ROOT / "docs" / name).read_text() != text]
    assert stale == [], "run `make reference` and review the difference"


def test_every_key_of_the_files_has_its_section(made: dict[str, str]) -> None:
    headings = "".join(re.findall(r"^### .*$", made["reference/settings.md"], re.MULTILINE))
    lines = read_draft(ROOT / "environments" / "staging.tfvars").lines
    keys = {key for key in lines if "[" not in key} - {"ecs", "ecs.backend", "ecs.frontend"}
    assert {"vpc_cidr", "ecs.frontend.port", "backend.bucket"} < keys
    assert [key for key in keys if f"`{key.removeprefix('backend.')}`" not in headings] == []


@pytest.mark.parametrize(
    ("key", "what", "address"),
    [
        ("nat_gateways", "Adds or removes", "aws_nat_gateway.vpc_nat_*"),
        ("ecs.backend.repository", "Destroys and makes again in bootstrap", "aws_ecr_repository.prodready_infra_api"),
        ("log_retention_days", "Changes", "aws_s3_bucket_lifecycle_configuration.access_logs_lifecycle"),
        ("dynamodb_table", "Changes in bootstrap", "aws_dynamodb_table.state_lock_staging"),
    ],
)
def test_what_a_setting_touches_is_told_by_address(made: dict[str, str], key: str, what: str, address: str) -> None:
    section = made["reference/settings.md"].partition(f"### `{key}`")[2].partition("\n### ")[0]
    (row,) = [line for line in section.splitlines() if line.startswith(f"| {what} |")]
    assert f"`{address}`" in row


def test_an_address_that_follows_the_value_is_told_from_one_that_comes_and_goes() -> None:
    before = {"a.same": 1, "a.other": 1, "b.named_1": 1, "c.gone": 1}
    after = {"a.same": 1, "a.other": 2, "b.named_2": 1, "d.new": 1}
    assert compare(before, after) == Effect(("a.other",), ("b.named_1",), ("c.gone", "d.new"))


def test_limits_are_the_words_of_the_rules(made: dict[str, str]) -> None:
    text = made["reference/settings.md"]
    for limit in ("20 to 65536 GiB", "0 to 35 days; at least 1 day in production", "true in production"):
        assert f"| Allowed | {limit} |" in text


def test_a_key_that_touches_nothing_is_an_error(settings: dict[str, Settings], monkeypatch: pytest.MonkeyPatch) -> None:
    environments = tuple(settings.values())
    monkeypatch.setattr(Measurement, "effects", lambda _self, _keys: {})
    with pytest.raises(ValueError, match="environment: no other value for it changes a stack"):
        settings_page.page(environments, Measurement(environments, environments[-1]))


def test_a_key_that_is_not_described_is_an_error(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sources, "fields", lambda _cls: [sources.Field("environment", "str", default="", doc="")])
    with pytest.raises(ValueError, match=r"environments/settings.py: Settings.environment is not described"):
        list(settings_page.entries())


def test_every_command_and_every_option_is_there() -> None:
    text = commands.page()
    for words, command in COMMANDS.items():
        section = text.partition(f"### {' '.join(words)}\n")[2].partition("\n### ")[0]
        assert f".venv/bin/python -m ops {' '.join(words)}" in section
        for parameter in command.params:
            assert parameter.param_type_name == "argument" or f"`{parameter.opts[0]}" in section, parameter.name


def test_every_public_class_of_the_modules_is_there() -> None:
    text = modules.page()
    for path in (ROOT / "modules").rglob("*.py"):
        for cls in sources.classes(sources.parse(path)):
            assert f"### {cls.name}\n" in text


def test_every_output_of_every_stack_is_there(made: dict[str, str], stacks: dict[str, Output]) -> None:
    for name in ("bootstrap", "staging"):
        for output in stacks[name].at("output"):
            assert f"| `{output}` |" in made["reference/outputs.md"]


def test_every_cause_of_the_doctor_has_its_section(made: dict[str, str]) -> None:
    for cause in CAUSES:
        section = made["troubleshooting.md"].partition(f"## {cause.title}\n")[2].partition("\n## ")[0]
        rows = (("Symptom", cause.symptom), ("Evidence", cause.evidence), ("Fix", cause.fix))
        assert [f"| {what} | {text} |" in section for what, text in rows] == [True, True, True]
