"""Running Terraform: which one, what is told of a failure, and how Ctrl-C reaches it."""

from __future__ import annotations

import os
import signal
import threading
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from ops.core.endpoint import ENDPOINT
from ops.core.errors import Interrupted, TerraformFailed, UserError
from ops.core.paths import Work
from ops.terraform.events import Changes
from ops.terraform.run import Terraform, find_terraform

Script = Callable[[str], Path]


@pytest.fixture
def script(tmp_path: Path) -> Script:
    """A stand-in for terraform: a shell script of that name in a directory of its own."""

    def write(body: str) -> Path:
        path = tmp_path / "bin" / "terraform"
        path.parent.mkdir(exist_ok=True)
        path.write_text(f"#!/bin/sh\n{body}\n", encoding="utf-8")
        path.chmod(0o755)
        return path

    return write


@pytest.fixture
def run_script(script: Script, tmp_path: Path, work: Work) -> Callable[[str], Terraform]:
    stack = tmp_path / "staging"
    stack.mkdir()
    return lambda body: Terraform(stack, os.environ, work, binary=str(script(body)))


def test_a_missing_terraform_is_one_line_that_says_what_to_install(tmp_path: Path):
    with pytest.raises(UserError, match=r"terraform is not on PATH: install Terraform 1\.11") as error:
        find_terraform(str(tmp_path))
    assert "\n" not in str(error.value)


@pytest.mark.parametrize("version", ["1.10.5", "0.15.0", "1.5.0"])
def test_an_old_terraform_is_refused(script: Script, version: str):
    path = script(f"echo 'Terraform v{version}'")
    with pytest.raises(UserError, match=f"is Terraform v{version}; 1.11 or newer is needed"):
        find_terraform(str(path.parent))


@pytest.mark.parametrize("version", ["1.11.0", "1.12.0-rc1", "2.0.0"])
def test_a_new_terraform_is_taken(script: Script, version: str):
    path = script(f"echo 'Terraform v{version}'; echo 'on linux_amd64'")
    assert find_terraform(str(path.parent)) == str(path)


def test_something_else_named_terraform_is_refused(script: Script):
    with pytest.raises(UserError, match="does not tell its version"):
        find_terraform(str(script("exit 3").parent))


def test_plan_tells_what_it_would_do(run_script: Callable[[str], Terraform], tmp_path: Path):
    summary = '{"type":"change_summary","changes":{"add":2,"change":1,"remove":3,"operation":"plan"}}'
    changes = run_script(f"echo '{summary}'; exit 2").plan(tmp_path / "plans" / "a.tfplan")
    assert changes == Changes(2, 1, 3, any=True)
    assert str(changes) == "2 to add, 1 to change, 3 to destroy"


def test_plan_without_changes(run_script: Callable[[str], Terraform], tmp_path: Path):
    assert not run_script("exit 0").plan(tmp_path / "a.tfplan").any


def test_a_failure_gives_terraforms_own_errors_and_the_log(run_script: Callable[[str], Terraform], work: Work):
    lines = [
        '{"type":"diagnostic","diagnostic":{"severity":"warning","summary":"Deprecated","detail":"dynamodb_table"}}',
        '{"type":"diagnostic","diagnostic":{"severity":"error","summary":"Bad","address":"aws_lb.a","detail":"no"}}',
        "not json",
    ]
    terraform = run_script("\n".join(f"echo '{line}'" for line in lines) + "\nexit 1")
    with pytest.raises(TerraformFailed) as error:
        terraform.apply(Path("a.tfplan"))
    assert "Error: Bad (aws_lb.a)\n  no" in str(error.value)
    assert "Deprecated" not in str(error.value)
    assert str(work.log("staging-apply")) in str(error.value)
    assert work.log("staging-apply").read_text(encoding="utf-8").splitlines() == lines


def test_errors_of_init_come_without_their_box(run_script: Callable[[str], Terraform]):
    terraform = run_script("printf '%s\\n' 'Initializing' '╷' '│ Error: No bucket' '│ ' '│ Make one.' '╵'; exit 1")
    with pytest.raises(TerraformFailed, match=r"init failed in .*\nError: No bucket\n\nMake one\.\nlog: "):
        terraform.init()


def test_a_held_lock_says_to_wait(run_script: Callable[[str], Terraform], tmp_path: Path):
    line = '{"type":"diagnostic","diagnostic":{"severity":"error","summary":"Error acquiring the state lock"}}'
    with pytest.raises(TerraformFailed, match="wait until that is done, then repeat"):
        run_script(f"echo '{line}'; exit 1").plan(tmp_path / "a.tfplan")


@pytest.mark.parametrize(
    ("variables", "told"), [({ENDPOINT: "http://127.0.0.1:1"}, "`make up`"), ({}, "`python -m ops bootstrap`")], ids=str
)
def test_a_lock_table_that_does_not_exist_is_not_taken_for_a_held_lock(
    script: Script, tmp_path: Path, work: Work, variables: dict[str, str], told: str
):
    line = (
        '{"type":"diagnostic","diagnostic":{"severity":"error","summary":"Error acquiring the state lock",'
        '"detail":"ResourceNotFoundException: Requested resource not found"}}'
    )
    terraform = Terraform(tmp_path, variables, work, binary=str(script(f"echo '{line}'; exit 1")))
    with pytest.raises(TerraformFailed, match=f"does not exist yet: {told} makes one") as error:
        terraform.plan(tmp_path / "a.tfplan")
    assert "holder" not in str(error.value)


@pytest.mark.parametrize(
    ("summary", "told"),
    [
        ("state data in S3 does not have the expected content", "`state rollback SERIAL` makes one of them current"),
        ("Cannot import non-existent remote object", "An import block of `python -m ops recover` is out of date"),
    ],
)
def test_errors_of_a_state_that_a_command_mends_name_that_command(
    run_script: Callable[[str], Terraform], tmp_path: Path, summary: str, told: str
):
    line = f'{{"type":"diagnostic","diagnostic":{{"severity":"error","summary":"{summary}"}}}}'
    with pytest.raises(TerraformFailed, match=told):
        run_script(f"echo '{line}'; exit 1").plan(tmp_path / "a.tfplan")


@pytest.mark.parametrize(("variables", "told"), [({ENDPOINT: "http://127.0.0.1:1"}, True), ({}, False)], ids=str)
def test_only_an_emulator_that_refuses_is_said_to_be_gone(
    script: Script, tmp_path: Path, work: Work, variables: dict[str, str], told: bool
):
    text = "dial tcp 127.0.0.1:1: connect: connection refused"
    line = f'{{"type":"diagnostic","diagnostic":{{"severity":"error","summary":"{text}"}}}}'
    terraform = Terraform(tmp_path, variables, work, binary=str(script(f"echo '{line}'; exit 1")))
    with pytest.raises(TerraformFailed) as error:
        terraform.apply(Path("a.tfplan"))
    assert ("`make up` starts everything anew" in str(error.value)) is told


def test_imports_are_counted_apart_since_most_change_nothing(run_script: Callable[[str], Terraform], tmp_path: Path):
    counts = '{"add":2,"change":1,"import":7,"remove":0,"operation":"plan"}'
    summary = f'{{"type":"change_summary","changes":{counts}}}'
    changes = run_script(f"echo '{summary}'; exit 2").plan(tmp_path / "p")
    assert changes == Changes(2, 1, 0, any=True, imports=7)
    assert str(changes) == "7 to import, 2 to add, 1 to change, 0 to destroy"
    assert changes.total == 3


def test_sensitive_outputs_are_left_out(run_script: Callable[[str], Terraform]):
    outputs = '{"a":{"sensitive":false,"value":"x"},"b":{"sensitive":true,"value":"secret"}}'
    assert run_script(f"echo '{outputs}'").output() == {"a": "x"}


def test_progress_counts_completed_resources(script: Script, tmp_path: Path, work: Work):
    def event(kind: str, address: str) -> str:
        return f'echo \'{{"type":"{kind}","hook":{{"resource":{{"addr":"{address}"}}}}}}\''

    body = "\n".join([event("apply_start", "a"), event("apply_complete", "a"), event("apply_errored", "b"), "exit 0"])
    seen: list[tuple[int, int, str]] = []
    terraform = Terraform(tmp_path, {}, work, lambda *step: seen.append(step), binary=str(script(body)))
    terraform.apply(Path("a.tfplan"), Changes(add=2))
    assert seen == [(0, 2, "a"), (1, 2, "a"), (1, 2, "b")]


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_ctrl_c_reaches_terraform_once_and_is_waited_for(
    run_script: Callable[[str], Terraform], work: Work, tmp_path: Path, number: signal.Signals
):
    ready, log, twice = tmp_path / "ready", tmp_path / "signals", tmp_path / "twice"
    terraform = run_script(
        f"trap 'echo INT >> {log}' INT; trap 'echo TERM >> {log}' TERM; touch {ready}\n"
        f"while [ ! -s {log} ] || [ ! -e {twice} ]; do sleep 0.05; done; echo unlocked >> {log}"
    )
    before = signal.getsignal(signal.SIGINT)

    def interrupt_twice() -> None:
        while not ready.exists():
            time.sleep(0.02)
        for _ in range(2):
            os.kill(os.getpid(), number)
            time.sleep(0.15)
        twice.touch()

    thread = threading.Thread(target=interrupt_twice)
    thread.start()
    with pytest.raises(Interrupted, match="released its lock") as error:
        terraform.apply(Path("a.tfplan"))
    thread.join()
    assert error.value.exit_code == 130
    assert log.read_text(encoding="utf-8").split() == ["INT", "unlocked"]
    assert signal.getsignal(signal.SIGINT) is before
