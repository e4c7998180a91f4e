"""What a person sees."""

from __future__ import annotations

import pytest

from ops.core.console import Display
from ops.core.errors import UserError


def test_tables_show_every_value_whole_and_as_it_is(capsys: pytest.CaptureFixture[str]):
    arn = f"arn:aws:secretsmanager:us-east-1:1:secret:[bold]{'x' * 200}"
    Display().table("Outputs:", [("a", arn), ("longer", "1")])
    assert capsys.readouterr().out == f"\nOutputs:\n  a       {arn}\n  longer  1\n"


def test_a_step_tells_its_time_and_that_it_failed(capsys: pytest.CaptureFixture[str]):
    display = Display()
    with display.step("fine") as step:
        step.note = "done"
    with pytest.raises(UserError), display.step("wrong"):
        raise UserError("no")
    first, second = capsys.readouterr().out.splitlines()
    assert first.split() == ["fine", "0.0", "s", "done"]
    assert second.split() == ["wrong", "0.0", "s", "failed"]
