"""The command line: names, exit codes, refusals."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import click
import pytest
from botocore.exceptions import EndpointConnectionError

from environments.settings import Settings
from ops import __main__ as program
from ops import command_line
from ops.commands import destroy, plan
from ops.core.errors import CommandError, Interrupted, UserError
from ops.core.paths import ROOT, Work
from ops.session import Session
from rehearsal import door


def leaves(group: click.Group, path: tuple[str, ...] = ()) -> Iterator[tuple[tuple[str, ...], click.Command]]:
    """Every command with its words, those of groups too."""
    for name, command in group.commands.items():
        if isinstance(command, click.Group):
            yield from leaves(command, (*path, name))
        else:
            yield (*path, name), command


COMMANDS = dict(leaves(program.cli))


def needed(command: click.Command) -> list[str]:
    """Values for what a command cannot do without."""
    values: list[str] = []
    for parameter in command.params:
        if parameter.required:
            choices = getattr(parameter.type, "choices", ["1"])
            values += [choices[0]] if isinstance(parameter, click.Argument) else [parameter.opts[0], choices[0]]
    return values


@pytest.mark.parametrize("words", COMMANDS, ids=" ".join)
def test_every_command_refuses_an_unknown_environment(words: tuple[str, ...], capsys: pytest.CaptureFixture[str]):
    assert program.main([*words, *needed(COMMANDS[words]), "--env", "nope"]) == 2
    assert capsys.readouterr().err.startswith(f"ops {' '.join(words)}: no environment 'nope'")


@pytest.mark.parametrize("words", COMMANDS, ids=" ".join)
def test_every_command_has_a_help_that_fits_its_line(words: tuple[str, ...], capsys: pytest.CaptureFixture[str]):
    assert program.main([*words, "--help"]) == 0
    assert f"Usage: python -m ops {' '.join(words)} [OPTIONS]" in capsys.readouterr().out
    assert not COMMANDS[words].get_short_help_str(90).endswith("...")


REHEARSAL = {"up", "plan", "destroy", "down", "status", "logs"}


def test_every_command_on_an_account_takes_a_target_and_json():
    for words, command in COMMANDS.items():
        options = {option for parameter in command.params for option in parameter.opts}
        assert {"--target", "--json"} <= options or words[0] in REHEARSAL, words


@pytest.mark.parametrize("arguments", [["nope"], ["lock", "--nope"], ["build", "database"], ["deploy"]])
def test_wrong_usage_is_a_message_and_code_2(arguments: list[str], capsys: pytest.CaptureFixture[str]):
    assert program.main(arguments) == 2
    assert "Error: " in capsys.readouterr().err


@pytest.mark.parametrize(
    ("error", "code", "text"),
    [
        (UserError("what to do"), 2, "what to do"),
        (CommandError("failed"), 1, "failed"),
        (Interrupted("stopped"), 130, "stopped"),
        (KeyboardInterrupt(), 130, "interrupted"),
        (EndpointConnectionError(endpoint_url="http://127.0.0.1:1"), 1, "Could not connect"),
    ],
)
def test_errors_are_messages_exit_codes_and_in_the_summary_of_a_job(
    error: BaseException,
    code: int,
    text: str,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    tmp_path: Path,
):
    summary = tmp_path / "summary.md"
    monkeypatch.setenv("GITHUB_STEP_SUMMARY", str(summary))

    def run(_session: Session) -> None:
        """Fail."""
        raise error

    command = command_line.delivery(run, name="broken")
    monkeypatch.setattr(program, "cli", click.Group(commands=[command]))
    assert program.main(["broken"]) == code
    assert capsys.readouterr().err.startswith("ops broken: ")
    assert text in summary.read_text()


def test_up_without_terraform_says_so_before_it_starts_anything(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
):
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setattr(door, "start_emulator", lambda *_arguments: pytest.fail("started"))
    assert program.main(["up"]) == 2
    assert "terraform is not on PATH" in capsys.readouterr().err


@pytest.mark.parametrize("run", [plan.run, destroy.run])
def test_commands_need_a_running_emulator(
    run: Callable[[Session], None], settings: dict[str, Settings], tmp_path: Path
):
    with pytest.raises(UserError, match="the emulator is not running"):
        run(Session(settings["staging"], Work(tmp_path)))


def test_the_commands_load_neither_cdktf_nor_stacks_nor_what_few_of_them_need():
    program = (
        "import sys, ops.__main__; dict(ops.__main__.cli.commands);"
        "print({name.split('.')[0] for name in sys.modules}"
        " & {'cdktf', 'modules', 'stacks', 'jsii', 'moto', 'github', 'aiohttp'})"
    )
    answer = subprocess.run([sys.executable, "-c", program], cwd=ROOT, capture_output=True, text=True, check=True)
    assert answer.stdout.strip() == "set()"


def test_a_command_loads_no_other_and_unlocking_a_state_loads_no_emulator():
    program = (
        "import sys; from ops.__main__ import main; main(['unlock', '--help']);"
        "print([name for name in sys.modules if name.startswith(('ops.commands.', 'rehearsal'))])"
    )
    answer = subprocess.run([sys.executable, "-c", program], cwd=ROOT, capture_output=True, text=True, check=True)
    assert answer.stdout.splitlines()[-1] == "['ops.commands.unlock']"


def test_every_command_is_in_one_section():
    modules = {path.stem.replace("_", "-") for path in (ROOT / "ops/commands").glob("[!_]*.py")}
    assert sorted(program.cli.commands) == sorted(modules)
