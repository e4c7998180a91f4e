"""What a reviewer is shown of a plan, and what a plan may not delete unnoticed."""

from __future__ import annotations

import subprocess
from pathlib import Path
from typing import Any

import pytest

from ops.core.errors import UserError
from ops.delivery import plan_report, waivers
from ops.delivery.plan_report import COMMENT_LIMIT
from ops.terraform import plan_file

Json = dict[str, Any]


def change(address: str, *actions: str) -> Json:
    return {"address": address, "type": address.split(".")[0], "change": {"actions": list(actions)}}


def plan(*changes: Json, outputs: Json | None = None, modules: dict[str, str] | None = None) -> plan_file.Plan:
    return plan_file.read({"resource_changes": list(changes), "output_changes": outputs or {}}, modules or {})


def test_an_empty_plan_says_so_and_nothing_else():
    assert plan_report.of_plan("staging", plan(), "") == (
        "### Plan for staging\n\n**No changes.** What is applied matches the code.\n"
    )


def test_a_changed_output_alone_is_a_change():
    found = plan(outputs={"url": {"actions": ["update"]}, "same": {"actions": ["no-op"]}})
    assert "Outputs that change: `url`" in plan_report.of_plan("staging", found, "text")


def test_the_counts_come_first_then_the_modules_then_the_whole_plan_folded_away():
    text = plan_report.of_plan(
        "staging", plan(change("aws_vpc.vpc", "update"), modules={"aws_vpc.vpc": "vpc"}), "WHOLE"
    )
    parts = ["0 to create, 1 to update, 0 to replace, 0 to destroy", "| vpc | ~ `aws_vpc.vpc` |", "<details>", "WHOLE"]
    assert sorted(parts, key=text.index) == parts


def test_a_plan_of_500_resources_fits_into_a_comment_and_keeps_its_counts():
    changes = [change(f"aws_ssm_parameter.parameter_number_{number}", "create") for number in range(500)]
    text = plan_report.of_plan("staging", plan(*changes), "  + resource ```\n" * 20_000)
    assert len(text) < COMMENT_LIMIT
    assert "500 to create" in text
    assert "and 300 more" in text
    assert "Cut to fit a comment" in text
    assert text.rstrip().endswith("</details>")


def test_lost_data_is_called_out_above_everything_else():
    text = plan_report.of_plan("staging", plan(change("aws_db_instance.database", "delete", "create")), "")
    assert text.index("Data would be lost with `aws_db_instance.database`") < text.index("| Module |")


def test_a_failed_plan_shows_its_error_and_its_log():
    text = plan_report.of_failure("staging", "Error: no credentials", "init ok\nError: no credentials")
    assert "**The plan failed.**" in text
    assert text.count("Error: no credentials") == 2


@pytest.mark.parametrize("type_", ["aws_lb_target_group", "aws_subnet", "aws_vpc", "aws_lb", "aws_db_subnet_group"])
def test_what_serves_is_not_replaced_unnoticed(type_: str):
    for actions in (("delete", "create"), ("create", "delete")):
        found = plan(change(f"{type_}.it", *actions))
        assert [each.address for each in plan_file.serving(found.changes)] == [f"{type_}.it"]
        assert f"Requests would fail while `{type_}.it` would be replaced" in plan_report.of_plan("staging", found, "")
    for actions in (("create",), ("update",), ("delete",), ("no-op",)):
        assert plan_file.serving(plan(change(f"{type_}.it", *actions)).changes) == []


FILE = "environments/staging.waivers.toml"
WAIVER = '[[waiver]]\naddress = "aws_dynamodb_table.items"\nreason = "moved to another table"\n'


@pytest.fixture
def repository(tmp_path: Path) -> Path:
    (tmp_path / "environments").mkdir()
    (tmp_path / "README").touch()
    git(tmp_path, "init", "-q")
    commit(tmp_path)
    return tmp_path


def git(directory: Path, *arguments: str) -> str:
    who = ("-c", "user.name=t", "-c", "user.email=t@example.com")
    answer = subprocess.run(["git", *who, *arguments], cwd=directory, capture_output=True, text=True, check=True)
    return answer.stdout.strip()


def commit(directory: Path) -> str:
    git(directory, "add", ".")
    git(directory, "commit", "-q", "--allow-empty", "-m", "change")
    return git(directory, "rev-parse", "HEAD")


def test_a_waiver_counts_in_the_change_that_adds_it_and_never_again(repository: Path):
    base = git(repository, "rev-parse", "HEAD")
    (repository / FILE).write_text(WAIVER)
    merged = commit(repository)
    assert waivers.new(repository, FILE, base) == {"aws_dynamodb_table.items": "moved to another table"}
    assert waivers.new(repository, FILE, merged) == {}
    assert waivers.new(repository, FILE, None) == {"aws_dynamodb_table.items": "moved to another table"}
    (repository / FILE).write_text(WAIVER.replace("moved to another table", "moved once more, to a third"))
    assert waivers.new(repository, FILE, merged) == {"aws_dynamodb_table.items": "moved once more, to a third"}


def test_an_unknown_base_is_refused(repository: Path):
    with pytest.raises(UserError, match="--base 'nope' is no commit of this checkout"):
        waivers.new(repository, FILE, "nope")


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("[[waiver", "not TOML"),
        ('[waiver]\naddress = "a"\nreason = "long enough, this"', r"expected \[\[waiver\]\], with two brackets"),
        ('[[waiver]]\naddress = "a"', "waiver 1: expected address and reason and nothing else"),
        ('[[waiver]]\naddress = "a"\nreason = "short"', "a reason of at least 10 characters"),
        ('[[waivers]]\naddress = "a"\nreason = "long enough, this"', "unknown key 'waivers'"),
    ],
)
def test_a_waiver_without_address_or_reason_is_refused(text: str, message: str):
    with pytest.raises(UserError, match=message):
        waivers.parse(text, FILE)
