"""The executor does what GitHub does, as far as the platform's workflows use it."""

from __future__ import annotations

import os
import time
from collections.abc import Callable
from pathlib import Path
from subprocess import TimeoutExpired
from textwrap import dedent, indent
from typing import Any

import pytest

from tests.workflows.commands import parse
from tests.workflows.model import WorkflowError
from tests.workflows.repository import ActionFailed, Call, Environment, Reply, Repository
from tests.workflows.results import RunResult
from tests.workflows.runner import run_workflow

Run = Callable[..., RunResult]


@pytest.fixture
def run(tmp_path: Path) -> Run:
    """Run the jobs of a workflow in a repository of the given secrets, variables, actions."""

    def run_(jobs: str, *, event: dict[str, Any] | None = None, only: list[str] | None = None, **given: Any):
        head = "on: push\ndefaults: {run: {shell: bash}}\njobs:\n"
        write(tmp_path, "workflows/ci.yml", head + indent(dedent(jobs), "  "))
        repository = Repository(tmp_path, {"PATH": os.environ["PATH"]}, **given)
        return run_workflow(".github/workflows/ci.yml", "push", event or {}, repository, only=only)

    return run_


def write(root: Path, name: str, content: str) -> None:
    path = root / ".github" / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(dedent(content))


def job(steps: str, head: str = "", name: str = "a") -> str:
    """A job of steps."""
    body = f"runs-on: ubuntu-latest\n{dedent(head)}\nsteps:\n{indent(dedent(steps), '  ')}"
    return f"{name}:\n{indent(body, '  ')}\n"


def logs(result: RunResult, name: str = "a") -> list[str]:
    return [each.log for each in result.jobs[name].steps]


def test_a_step_sees_the_nearest_env_and_what_a_former_step_added(run: Run, tmp_path: Path) -> None:
    result = run(
        job(
            """
            - run: echo "$B $C"
              env: {C: "step ${{ env.B }}"}
            - run: printf 'B=added\\nD<<END\\none\\ntwo\\nEND\\n' >> "$GITHUB_ENV"; echo "$PWD" >> "$GITHUB_PATH"
            - run: echo "$B $D $PATH"
            """,
            head="env: {B: job, C: job}",
        )
    )
    first, _, last = logs(result)
    assert first == "job step job"
    assert last.startswith(f"added one\ntwo {tmp_path}:")


def test_a_process_gets_githubs_variables_and_none_of_this_machines(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("AWS_PROFILE", "TF_VAR_x", "GITHUB_SHA"):
        monkeypatch.setenv(name, "ambient")
    event = {"after": "c0ffee", "repository": {"full_name": "acme/shop"}}
    log = run(job("- run: env; cat $GITHUB_EVENT_PATH"), event=event).jobs["a"].log
    assert "ambient" not in log
    expected = {"GITHUB_ACTIONS=true", "CI=true", "GITHUB_SHA=c0ffee", "GITHUB_REPOSITORY=acme/shop"}
    assert expected - {*log.splitlines()} == set()
    assert '"after": "c0ffee"' in log
    assert "GITHUB_TOKEN" not in log


def test_outputs_reach_later_steps(run: Run) -> None:
    steps = """
    - id: made
      run: |
        echo tag=v1 >> "$GITHUB_OUTPUT"
        { echo 'list<<EOF'; echo a=b; echo c; echo EOF; } >> "$GITHUB_OUTPUT"
    - run: echo '${{ steps.made.outputs.tag }} ${{ steps.made.outputs.list }}'
    """
    result = run(job(steps))
    assert result.jobs["a"].step("made").outputs == {"tag": "v1", "list": "a=b\nc"}
    assert logs(result)[1] == "v1 a=b\nc"


def test_the_first_sign_of_a_line_decides_its_form() -> None:
    assert parse("a=b<<c\nd<<X\ne=f\nX\n\n") == {"a": "b<<c", "d": "e=f"}


@pytest.mark.parametrize("content", ["no sign", "=value", "name<<END\nnever ended"])
def test_a_file_that_github_could_not_read_is_an_error(content: str) -> None:
    with pytest.raises(WorkflowError, match=r"Invalid format|Matching delimiter not found 'END'"):
        parse(content)


FAILING = """
- {id: fails, run: exit 3}
- {id: next, run: echo no}
- {id: onfailure, if: failure(), run: echo yes}
- {id: always, if: "${{ always() && steps.fails.outcome == 'failure' }}", run: echo yes}
- {id: uncancelled, if: "${{ !cancelled() }}", run: echo yes}
- {id: alone, if: "steps.fails.outcome == 'failure'", run: echo no}
"""


def test_after_a_failure_only_steps_that_ask_for_it_run(run: Run) -> None:
    result = run(job(FAILING))
    assert {each.id: each.outcome for each in result.jobs["a"].steps} == {
        **{"fails": "failure", "next": "skipped", "alone": "skipped"},
        **dict.fromkeys(("onfailure", "always", "uncancelled"), "success"),
    }
    assert result.result == result.jobs["a"].result == "failure"
    assert "Process completed with exit code 3" in str(result)


def test_a_step_may_fail_without_failing_its_job(run: Run) -> None:
    result = run(job("- {id: x, run: exit 1, continue-on-error: true}\n- run: echo on"))
    step = result.jobs["a"].step("x")
    assert (step.outcome, step.conclusion, result.result) == ("failure", "success", "success")


def test_a_failure_before_a_pipe_fails_the_step(run: Run) -> None:
    assert run(job("- run: false | true")).result == "failure"


def test_jobs_after_a_failure_are_skipped_unless_they_ask(run: Run) -> None:
    result = run(
        job("- run: echo no", "needs: b", name="c")
        + job("- run: exit 1")
        + job("- run: echo no", "needs: a", "b")
        + job("- run: echo ${{ needs.a.result }} ${{ needs.b.result }}", "needs: [a, b]\nif: always()", "report")
    )
    results = {name: each.result for name, each in result.jobs.items()}
    assert results == {"a": "failure", "b": "skipped", "c": "skipped", "report": "success"}
    assert logs(result, "report") == ["failure skipped"]


def test_with_only_some_jobs_the_others_count_as_successful(run: Run) -> None:
    jobs = job("- run: exit 1") + job("- run: echo ${{ needs.a.result }}", "needs: a", "b")
    result = run(jobs, only=["b"])
    assert list(result.jobs) == ["b"]
    assert logs(result, "b") == ["success"]


def test_what_a_step_left_in_the_background_ends_with_its_job(run: Run, tmp_path: Path) -> None:
    steps = """
    - run: (while sleep 0.01; do echo >> beats; done) &
    - run: until test -s beats; do sleep 0.01; done
    """
    assert run(job(steps)).result == "success"
    beats = (tmp_path / "beats").read_text()
    time.sleep(0.1)
    assert (tmp_path / "beats").read_text() == beats


def test_a_job_ends_at_its_time_limit(run: Run) -> None:
    with pytest.raises(TimeoutExpired):
        run(job("- run: sleep 9", "timeout-minutes: 0.001"))


ACTION = """
inputs:
  who: {required: true}
  greeting: {default: hello}
runs:
  using: composite
  steps:
    - {id: say, shell: bash, run: 'echo "${{ inputs.greeting }}, ${{ inputs.who }}${{ steps.before.outputs.x }}"'}
    - {shell: bash, run: 'echo SEEN=later >> $GITHUB_ENV'}
    - {shell: bash, if: "inputs.who == 'nobody'", run: exit 1}
    - {shell: bash, if: failure(), run: echo in the action}
"""
GREET = "./.github/actions/greet"


def test_a_composite_action_has_inputs_and_steps_of_its_own(run: Run, tmp_path: Path) -> None:
    write(tmp_path, "actions/greet/action.yml", ACTION)
    steps = f"""
    - {{id: before, run: echo x=1 >> $GITHUB_OUTPUT}}
    - {{id: greet, uses: {GREET}, with: {{who: "${{{{ github.repository }}}}"}}}}
    - run: echo "$SEEN ${{{{ steps.say.outcome }}}}"
    """
    result = run(job(steps))
    greet = result.jobs["a"].step("greet")
    assert [each.log for each in greet.steps] == ["hello, octo-org/octo-repo", "", "", ""]
    assert [each.outcome for each in greet.steps][2:] == ["skipped", "skipped"]
    assert logs(result)[2] == "later "


def test_a_failing_step_of_a_composite_action_fails_the_step_that_uses_it(run: Run, tmp_path: Path) -> None:
    write(tmp_path, "actions/greet/action.yml", ACTION)
    result = run(job(f"- {{id: greet, uses: {GREET}, with: {{who: nobody}}}}\n- run: echo no"))
    assert [each.outcome for each in result.jobs["a"].steps] == ["failure", "skipped"]
    assert result.jobs["a"].step("greet").steps[-1].log == "in the action"


@pytest.mark.parametrize("context", ["secrets", "vars", "needs"])
def test_a_composite_action_sees_what_it_is_given_alone(run: Run, tmp_path: Path, context: str) -> None:
    write(tmp_path, "actions/greet/action.yml", ACTION.replace("inputs.greeting", f"{context}.X"))
    with pytest.raises(WorkflowError, match=f"Unrecognized named-value: '{context}'"):
        run(job(f"- {{uses: {GREET}}}"))


def test_a_remote_action_is_played_by_its_stand_in(run: Run) -> None:
    calls: list[Call] = []

    def login(call: Call) -> Reply:
        calls.append(call)
        return Reply({"registry": "here"}, env={"AWS_REGION": "eu-west-1"})

    steps = """
    - {id: login, uses: acme/login/sub@v4, with: {role: "${{ vars.ROLE }}", wait: 5, dry: true}}
    - run: echo $AWS_REGION ${{ steps.login.outputs.registry }}
    """
    result = run(job(steps), actions={"acme/login/sub": login}, vars={"ROLE": "deployer"})
    assert calls[0].inputs == {"role": "deployer", "wait": "5", "dry": "true"}
    assert logs(result)[1] == "eu-west-1 here"


def test_a_stand_in_can_fail_its_step(run: Run) -> None:
    def fails(_: Call) -> None:
        raise ActionFailed("no such artifact")

    result = run(job("- uses: actions/download-artifact@v4"), actions={"actions/download-artifact": fails})
    assert result.result == "failure"
    assert "no such artifact" in str(result)


@pytest.mark.parametrize(
    ("jobs", "told"),
    [
        (job("- uses: actions/checkout@v5"), "no stand-in is given for the action actions/checkout@v5"),
        (job("- run: echo", head="services: {}"), "does not know services"),
        (job("- {run: echo, timeout-minutes: 1}"), "does not know timeout-minutes"),
        (job("- {run: echo, shell: python}"), "knows the shell bash alone"),
        (job("- run: echo", head="strategy: {matrix: {n: [1]}}"), "without fail-fast"),
        (job("- run: echo", head="strategy: {fail-fast: false, matrix: {include: [{n: 1}]}}"), "a matrix of lists"),
        (job("- run: echo", head="environment: {name: staging}"), "no environment is called staging"),
    ],
)
def test_what_the_executor_does_not_know_is_an_error(run: Run, jobs: str, told: str) -> None:
    with pytest.raises(WorkflowError, match=told):
        run(jobs)


CALLED = """
on:
  workflow_call:
    inputs:
      environment: {type: string, required: true}
      dry: {type: boolean, default: false}
    secrets: {PASSWORD: {}}
defaults: {run: {shell: bash}}
jobs:
  deploy:
    runs-on: ubuntu-latest
    if: "!inputs.dry"
    environment: {name: "${{ inputs.environment }}", url: "https://${{ steps.go.outcome }}.example"}
    env: {PASSWORD: "${{ secrets.PASSWORD }}", OTHER: "${{ secrets.OTHER }}"}
    steps:
      - {id: go, run: "echo ${{ vars.SIZE }} ${{ inputs.dry }} ${#PASSWORD} ${#OTHER}"}
"""
CALLER = """
call:
  uses: ./.github/workflows/called.yml
  with: {environment: production}
  secrets: SECRETS
after: {needs: call, runs-on: ubuntu-latest, steps: [{run: "echo ${{ needs.call.result }}"}]}
"""
PRODUCTION = {"production": Environment(secrets={"PASSWORD": "1234567", "OTHER": "123456"}, vars={"SIZE": "large"})}


# An environment's secret reaches a called workflow only under a name that was passed to it.
@pytest.mark.parametrize(
    ("secrets", "lengths"), [("{PASSWORD: '${{ secrets.PASSWORD }}'}", "7 0"), ("{}", "0 0")], ids=["passed", "not"]
)
@pytest.mark.parametrize("given", [{}, {"PASSWORD": "1234"}], ids=["environment", "repository"])
def test_a_called_workflow_gets_inputs_and_the_secrets_of_its_environment(
    run: Run, tmp_path: Path, secrets: str, lengths: str, given: dict[str, str]
) -> None:
    write(tmp_path, "workflows/called.yml", CALLED)
    jobs = CALLER.replace("SECRETS", secrets)
    result = run(jobs, secrets=given, vars={"SIZE": "small"}, environments=PRODUCTION)
    deployed = result.jobs["call / deploy"]
    assert (deployed.environment, deployed.environment_url) == ("production", "https://success.example")
    assert deployed.log == f"large false {lengths}"
    assert logs(result, "after") == ["success"]


def test_secrets_are_masked_and_the_result_tells_where_they_were_written(run: Run) -> None:
    steps = """
    - {name: says, run: 'echo "it is ${{ secrets.PASSWORD }}"; echo $PASSWORD >> $GITHUB_STEP_SUMMARY'}
    - {name: keeps, run: 'test -n "$PASSWORD"; echo ok'}
    - {name: token, run: 'echo ${{ github.token }}'}
    """
    head = 'env: {PASSWORD: "${{ secrets.PASSWORD }}"}'
    result = run(job(steps, head), secrets={"PASSWORD": "hunter2"}, github={"token": "t0ken"})
    assert logs(result) == ["it is ***", "ok", "***"]
    assert result.jobs["a"].summary == "***\n"
    assert result.leaks == ["a: says: log: PASSWORD", "a: says: summary: PASSWORD", "a: token: log: GITHUB_TOKEN"]


def test_a_matrix_runs_once_for_each_leg_and_all_of_them(run: Run) -> None:
    head = "strategy: {fail-fast: false, matrix: {os: [a, b], size: [1, 2]}}"
    steps = "- run: echo ${{ matrix.os }}${{ matrix.size }}; test ${{ matrix.os }} != a"
    result = run(job(steps, head) + job("- run: echo", "needs: a", "b"))
    assert {name: each.result for name, each in result.jobs.items()} == {
        "a (a, 1)": "failure",
        "a (a, 2)": "failure",
        "a (b, 1)": "success",
        "a (b, 2)": "success",
        "b": "skipped",
    }
    assert logs(result, "a (b, 2)") == ["b2"]
