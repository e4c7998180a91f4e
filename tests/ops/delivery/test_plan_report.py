"""What a reviewer is shown of a plan."""

from __future__ import annotations

import pytest

from ops.delivery import plan_report
from ops.delivery.plan_report import COMMENT_LIMIT
from tests.ops.plans import change, plan


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
def test_what_would_be_cut_off_is_called_out(type_: str):
    for actions in (("delete", "create"), ("create", "delete")):
        found = plan(change(f"{type_}.it", *actions))
        assert f"Requests would fail while `{type_}.it` would be replaced" in plan_report.of_plan("staging", found, "")
