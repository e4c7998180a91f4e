"""The executor does what GitHub does, as far as the platform's workflows use it."""

from __future__ import annotations

import os
import time
from collections.abc import Callable
from pathlib import Path
from textwrap import dedent, indent
from typing import Any

import pytest

from tests.workflows.model import WorkflowError
from tests.workflows.repository import ActionFailed, Call, Environment, Reply, Repository
from tests.workflows.results import RunResult
from tests.workflows.runner import run_workflow

Run = Callable[..., RunResult]


@pytest.fixture
def run(tmp_path: Path) -> Run:
    """Run the jobs of a workflow in a repository of the given secrets, variables, actions."""

    def run_(jobs: str, *, top: str = "on: push", event: tuple[str, dict[str, Any]] = ("push", {}), **kwargs: Any):
        write(tmp_path, "ci.yml", f"{dedent(top)}\njobs:\n{indent(dedent(jobs), '  ')}")
        only, given = kwargs.pop("only", None), kwargs.pop("given", None)
        env = kwargs.pop("env", {"PATH": os.environ["PATH"]})
        repository = Repository(tmp_path, env, **kwargs)
        return run_workflow(".github/workflows/ci.yml", *event, repository, only=only, given=given)

    return run_


def write(root: Path, name: str, content: str) -> None:
    """Write a workflow, or with a folder's name an action."""
    path = root / ".github" / ("workflows" if name.endswith(".yml") else f"actions/{name}/action.yml")
    path = path / name if name.endswith(".yml") else path
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(dedent(content))


def job(steps: str, head: str = "", name: str = "a") -> str:
    """A job of steps."""
    body = f"runs-on: ubuntu-latest\n{dedent(head)}\nsteps:\n{indent(dedent(steps), '  ')}"
    return f"{name}:\n{indent(body, '  ')}\n"


def test_a_step_sees_the_nearest_env_and_what_a_former_step_added(run: Run, tmp_path: Path) -> None:
    result = run(
        job(
            """
            - run: echo "$A $B $C ${{ env.C }}"
              env: {C: "step ${{ env.B }}"}
            - run: printf 'B=added\\nD<<END\\none\\ntwo\\nEND\\n' >> "$GITHUB_ENV"; echo "$PWD" >> "$GITHUB_PATH"
            - run: echo "$A $B $D $PATH"
            """,
            head="env: {B: job, C: job}",
        ),
        top="on: push\nenv: {A: workflow, B: workflow}",
    )
    first, _, last = result.jobs["a"].steps
    assert first.log == "workflow job step job step job"
    assert last.log.startswith(f"workflow added one\ntwo {tmp_path}:")


def test_a_process_gets_githubs_variables_and_none_of_this_machines(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("AWS_PROFILE", "TF_VAR_x", "GITHUB_SHA"):
        monkeypatch.setenv(name, "ambient")
    event = {"ref": "refs/heads/feature/x", "after": "c0ffee", "repository": {"full_name": "acme/shop"}}
    log = run(job("- run: env; cat $GITHUB_EVENT_PATH"), event=("push", event)).jobs["a"].log
    assert "ambient" not in log
    for line in (
        "GITHUB_ACTIONS=true",
        "CI=true",
        "GITHUB_SHA=c0ffee",
        "GITHUB_REF_NAME=feature/x",
        "GITHUB_REPOSITORY=acme/shop",
        "GITHUB_JOB=a",
        "RUNNER_OS=Linux",
    ):
        assert line in log.splitlines()
    assert '"after": "c0ffee"' in log
    assert "GITHUB_TOKEN" not in log


def test_a_pull_request_runs_on_its_merge_and_names_both_branches(run: Run) -> None:
    pull = {"number": 7, "pull_request": {"base": {"ref": "main"}, "head": {"ref": "topic"}}}
    step = "- run: echo $GITHUB_REF $GITHUB_BASE_REF $GITHUB_HEAD_REF ${{ github.event.pull_request.head.ref }}"
    assert run(job(step), event=("pull_request", pull)).jobs["a"].log == "refs/pull/7/merge main topic topic"


def test_outputs_reach_later_steps_and_jobs(run: Run) -> None:
    result = run(
        job(
            """
            - id: made
              run: |
                echo tag=v1 >> "$GITHUB_OUTPUT"
                { echo 'list<<EOF'; echo a=b; echo c; echo EOF; } >> "$GITHUB_OUTPUT"
            - run: echo '${{ steps.made.outputs.list }}'
            """,
            head="outputs: {tag: '${{ steps.made.outputs.tag }}'}",
        )
        + job("- run: echo ${{ needs.a.outputs.tag }} ${{ needs.a.result }}", head="needs: a", name="b")
    )
    assert result.step("made").outputs == {"tag": "v1", "list": "a=b\nc"}
    assert result.jobs["a"].steps[1].log == "a=b\nc"
    assert result.jobs["a"].outputs == {"tag": "v1"}
    assert result.jobs["b"].log == "v1 success"


@pytest.mark.parametrize("content", ["no sign", "=value", "name<<END\nnever ended"])
def test_an_unreadable_output_file_fails_the_step(run: Run, content: str) -> None:
    result = run(job(f'- run: printf {content!r} >> "$GITHUB_OUTPUT"'))
    assert result.result == "failure"
    assert "Unable to process file command" in result.jobs["a"].log


FAILING = """
- {id: fails, run: exit 3}
- {id: next, run: echo no}
- {id: onfailure, if: failure(), run: echo yes}
- {id: always, if: "${{ always() && steps.fails.outcome == 'failure' }}", run: echo yes}
- {id: alone, if: "steps.fails.outcome == 'failure'", run: echo no}
"""


def test_after_a_failure_only_steps_that_ask_for_it_run(run: Run) -> None:
    result = run(job(FAILING))
    outcomes = {each.id: each.outcome for each in result.jobs["a"].steps}
    expected = {"fails": "failure", "next": "skipped", "onfailure": "success", "always": "success", "alone": "skipped"}
    assert outcomes == expected
    assert result.result == result.jobs["a"].result == "failure"
    assert "Process completed with exit code 3" in str(result)


def test_a_step_may_fail_without_failing_its_job(run: Run) -> None:
    result = run(job("- {id: x, run: exit 1, continue-on-error: true}\n- run: echo on"))
    assert (result.step("x").outcome, result.step("x").conclusion) == ("failure", "success")
    assert result.result == "success"


def test_a_job_may_fail_without_failing_the_run(run: Run) -> None:
    jobs = job("- run: exit 1", head="continue-on-error: true") + job("- run: echo on", "needs: a", "b")
    result = run(jobs)
    assert (result.result, result.jobs["a"].result, result.jobs["b"].result) == ("success", "failure", "success")


def test_jobs_after_a_failure_are_skipped_unless_they_ask(run: Run) -> None:
    result = run(
        job("- run: echo no", "needs: b", name="c")
        + job("- run: exit 1")
        + job("- run: echo no", "needs: a", "b")
        + job("- run: echo ${{ needs.a.result }} ${{ needs.b.result }}", "needs: [a, b]\nif: always()", "report")
        + job("- run: echo sorry", "needs: b\nif: failure()", "rollback")
        + job("- run: echo no", "needs: report", "late")
    )
    results = {name: each.result for name, each in result.jobs.items()}
    assert results == {
        **{"a": "failure", "b": "skipped", "c": "skipped", "report": "success"},
        # Both look at all ancestors: rollback at a, and late at a too.
        **{"rollback": "success", "late": "skipped"},
    }
    assert result.jobs["report"].log == "failure skipped"


def test_bash_fails_on_a_broken_pipe_only_when_it_is_asked_for_by_name(run: Run) -> None:
    step = "- run: false | true"
    assert run(job(step)).result == "success"
    assert run(job(f"{step}\n  shell: bash")).result == "failure"
    assert run(job(step, head="defaults: {run: {shell: bash}}")).result == "failure"


def test_what_a_step_left_in_the_background_ends_with_its_job(run: Run, tmp_path: Path) -> None:
    steps = """
    - run: (while sleep 0.01; do echo >> beats; done) &
    - run: until test -s beats; do sleep 0.01; done
    """
    assert run(job(steps)).result == "success"
    beats = (tmp_path / "beats").read_text()
    time.sleep(0.1)
    assert (tmp_path / "beats").read_text() == beats


def test_steps_run_in_the_directory_they_or_their_job_name(run: Run, tmp_path: Path) -> None:
    (tmp_path / "app/api").mkdir(parents=True)
    head = "defaults: {run: {working-directory: app}}"
    result = run(job("- run: pwd\n- {run: pwd, working-directory: app/api}", head))
    assert [each.log for each in result.jobs["a"].steps] == [str(tmp_path / "app"), str(tmp_path / "app/api")]


def test_time_limits_fail_a_step_and_cancel_a_job(run: Run) -> None:
    result = run(
        job("- {run: sleep 9, timeout-minutes: 0.001}\n- {id: f, if: failure(), run: echo}")
        + job(
            "- {run: sleep 9}\n- {id: g, if: failure(), run: echo}\n- {id: h, if: always(), run: echo}",
            "timeout-minutes: 0.001",
            "b",
        )
    )
    assert (result.jobs["a"].result, result.step("f").outcome) == ("failure", "success")
    assert (result.jobs["b"].result, result.step("g").outcome) == ("cancelled", "skipped")
    assert result.step("h").outcome == "success"


ACTION = """
inputs:
  who: {required: true}
  greeting: {default: "hello from ${{ github.job }}"}
outputs:
  said: {value: "${{ steps.say.outputs.said }}"}
runs:
  using: composite
  steps:
    - {id: say, shell: bash, run: 'echo "said=${{ inputs.greeting }}, ${{ inputs.who }}" >> $GITHUB_OUTPUT'}
    - {shell: bash, run: 'echo "$OUTER ${{ steps.before.outputs.x }}"; echo SEEN=later >> $GITHUB_ENV'}
    - {shell: bash, if: "inputs.who == 'nobody'", run: exit 1}
    - {shell: bash, if: failure(), run: echo in the action}
"""


def test_a_composite_action_has_inputs_outputs_and_steps_of_its_own(run: Run, tmp_path: Path) -> None:
    write(tmp_path, "greet", ACTION)
    result = run(
        job(
            """
            - {id: before, run: echo x=1 >> $GITHUB_OUTPUT}
            - {id: greet, uses: ./.github/actions/greet, with: {who: "${{ github.actor }}"}, env: {OUTER: outer}}
            - run: echo "${{ steps.greet.outputs.said }} $SEEN$OUTER ${{ steps.say.outcome }}"
            """
        )
    )
    assert result.jobs["a"].steps[2].log == "hello from a, octocat later "
    assert result.step("greet").log == "\nouter \n\n"
    assert [each.outcome for each in result.step("greet").steps][2:] == ["skipped", "skipped"]


def test_a_failing_step_of_a_composite_action_fails_the_step_that_uses_it(run: Run, tmp_path: Path) -> None:
    write(tmp_path, "greet", ACTION)
    result = run(job("- {id: greet, uses: ./.github/actions/greet, with: {who: nobody}}\n- run: echo no"))
    assert [each.outcome for each in result.jobs["a"].steps] == ["failure", "skipped"]
    assert result.step("greet").steps[-1].log == "in the action"


@pytest.mark.parametrize(
    ("with_", "told"),
    [("{}", "greet: the input who is required"), ("{who: x, whom: y}", "greet: no input is called whom")],
)
def test_an_action_is_given_the_inputs_it_has(run: Run, tmp_path: Path, with_: str, told: str) -> None:
    write(tmp_path, "greet", ACTION)
    with pytest.raises(WorkflowError, match=told):
        run(job(f"- {{uses: ./.github/actions/greet, with: {with_}}}"))


def test_a_remote_action_is_played_by_its_stand_in(run: Run) -> None:
    calls: list[Call] = []

    def login(call: Call) -> Reply:
        calls.append(call)
        return Reply({"registry": "here"}, env={"AWS_REGION": "eu-west-1"}, mask=("key-1",), log="got key-1")

    result = run(
        job(
            """
            - {id: login, uses: acme/login/sub@v4, with: {role: "${{ vars.ROLE }}", wait: 5}, env: {X: y}}
            - run: echo $AWS_REGION ${{ steps.login.outputs.registry }} key-1
            """
        ),
        actions={"acme/login/sub": login},
        vars={"ROLE": "deployer"},
    )
    assert calls[0].uses == "acme/login/sub@v4"
    assert calls[0].inputs == {"role": "deployer", "wait": "5"}
    assert calls[0].env["X"] == "y"
    assert [each.log for each in result.jobs["a"].steps] == ["got ***", "eu-west-1 here ***"]


def test_a_stand_in_can_fail_its_step(run: Run) -> None:
    def fails(_: Call) -> None:
        raise ActionFailed("no such artifact")

    result = run(job("- uses: actions/download-artifact@v4"), actions={"actions/download-artifact": fails})
    assert result.result == "failure"
    assert "no such artifact" in str(result)


def test_an_action_without_a_stand_in_is_an_error(run: Run) -> None:
    with pytest.raises(WorkflowError, match="no stand-in is given for the action actions/checkout@v5"):
        run(job("- uses: actions/checkout@v5"))


def test_a_key_the_executor_does_not_know_is_an_error(run: Run) -> None:
    with pytest.raises(WorkflowError, match="does not know services"):
        run(job("- run: echo", head="services: {}"))


CALLED = """
on:
  workflow_call:
    inputs:
      environment: {type: string, required: true}
      dry: {type: boolean}
      who: {type: string, default: "${{ github.actor }}"}
    secrets: {PASSWORD: {}}
    outputs: {url: {value: "${{ jobs.deploy.outputs.url }}"}}
jobs:
  deploy:
    runs-on: ubuntu-latest
    environment: {name: "${{ inputs.environment }}", url: "https://${{ steps.go.outcome }}.example"}
    outputs: {url: "${{ steps.go.outputs.url }}"}
    env: {PASSWORD: "${{ secrets.PASSWORD }}", OTHER: "${{ secrets.OTHER }}"}
    steps:
      - run: echo ${{ vars.SIZE }} ${{ inputs.dry }} ${{ inputs.who }} $OUTER
        id: inputs
      - {id: go, run: 'echo "url=$PWD" >> $GITHUB_OUTPUT'}
      - {id: lengths, run: "echo ${#PASSWORD} ${#OTHER}"}
"""
CALLER = """
call:
  uses: ./.github/workflows/called.yml
  with: {environment: production}
  secrets: SECRETS
after:
  needs: call
  runs-on: ubuntu-latest
  steps: [{id: after, run: "echo ${{ needs.call.outputs.url }} ${{ needs.call.result }}"}]
"""
PRODUCTION = {"production": Environment(secrets={"PASSWORD": "1234567", "OTHER": "123456"}, vars={"SIZE": "large"})}


@pytest.mark.parametrize(
    ("secrets", "lengths"),
    [
        ("inherit", "7 6"),
        # An environment's secret reaches a called workflow only under a name that was passed to it.
        ("{PASSWORD: '${{ secrets.PASSWORD }}'}", "7 0"),
        ("{}", "0 0"),
    ],
)
def test_a_called_workflow_gets_inputs_and_the_secrets_of_its_environment(
    run: Run, tmp_path: Path, secrets: str, lengths: str
) -> None:
    write(tmp_path, "called.yml", CALLED)
    result = run(
        CALLER.replace("SECRETS", secrets),
        top="on: push\nenv: {OUTER: not passed on}",
        secrets={"PASSWORD": "1234"},
        vars={"SIZE": "small"},
        environments=PRODUCTION,
    )
    deployed = result.jobs["call / deploy"]
    assert (deployed.environment, deployed.environment_url) == ("production", "https://success.example")
    assert result.step("inputs").log == "large false octocat"
    assert result.step("lengths").log == lengths
    assert result.step("after").log == f"{tmp_path} success"


@pytest.mark.parametrize(
    ("with_", "told"),
    [
        ("{}", "environment is required"),
        ("{environment: staging}", "no environment is called staging"),
        ("{environment: production, dry: 'yes'}", "dry is a boolean, got 'yes'"),
        ("{environment: production, size: 3}", "no input is called size"),
    ],
)
def test_a_called_workflow_is_given_the_inputs_it_has(run: Run, tmp_path: Path, with_: str, told: str) -> None:
    write(tmp_path, "called.yml", CALLED)
    caller = CALLER.replace("SECRETS", "inherit").replace("{environment: production}", with_)
    with pytest.raises(WorkflowError, match=told):
        run(caller, environments=PRODUCTION)


def test_secrets_are_masked_and_the_result_tells_where_they_were_written(run: Run) -> None:
    result = run(
        job(
            """
            - {name: says, run: 'echo "it is ${{ secrets.PASSWORD }}"; echo $PASSWORD >> $GITHUB_STEP_SUMMARY'}
            - {name: keeps, run: 'test -n "$PASSWORD"; echo ok'}
            - {name: asks, run: 'echo ::add-mask::tok-1; echo tok-1', id: asks}
            - {id: out, run: 'echo "url=x-$PASSWORD" >> $GITHUB_OUTPUT; echo plain=1 >> $GITHUB_OUTPUT'}
            """,
            head="""
            env: {PASSWORD: "${{ secrets.PASSWORD }}"}
            outputs: {url: "${{ steps.out.outputs.url }}", plain: "${{ steps.out.outputs.plain }}"}
            """,
        ),
        secrets={"PASSWORD": "hunter2"},
    )
    done = result.jobs["a"]
    assert [each.log for each in done.steps] == ["it is ***", "ok", "***", ""]
    assert done.steps[0].command == 'echo "it is ***"; echo $PASSWORD >> $GITHUB_STEP_SUMMARY'
    assert done.summary == "***\n"
    assert result.leaks == ["a: says: log: PASSWORD", "a: says: summary: PASSWORD", "a: asks: log: add-mask"]
    # GitHub drops an output that holds a secret.
    assert (done.outputs, done.withheld) == ({"plain": "1"}, ["url"])


def test_a_matrix_runs_once_for_each_leg(run: Run) -> None:
    result = run(
        job(
            "- run: echo ${{ matrix.os }}-${{ matrix.size }}-${{ matrix.extra }}; test ${{ matrix.os }} != b",
            head="""
            strategy:
              fail-fast: false
              matrix:
                os: [a, b]
                size: "${{ fromJSON('[1, 2]') }}"
                exclude: [{os: b, size: 1}]
                include: [{os: a, extra: x}, {os: c}]
            """,
        )
        + job("- run: echo", "needs: a", "b")
    )
    logs = {name: each.log.splitlines()[0] for name, each in result.jobs.items() if name != "b"}
    assert logs == {"a (a, 1, x)": "a-1-x", "a (a, 2, x)": "a-2-x", "a (b, 2)": "b-2-", "a (c)": "c--"}
    assert result.jobs["b"].result == "skipped"


def test_a_failing_leg_cancels_those_after_it(run: Run) -> None:
    head = "strategy: {matrix: {n: [1, 2]}}"
    result = run(job("- run: exit 1", head))
    assert {name: each.result for name, each in result.jobs.items()} == {"a (1)": "failure", "a (2)": "cancelled"}


def test_a_manual_run_has_typed_inputs_with_defaults(run: Run) -> None:
    result = run(
        job("- {id: x, if: '!inputs.dry', run: 'echo ${{ inputs.where }} ${{ github.event.inputs.dry }}'}"),
        top="""
        on:
          workflow_dispatch:
            inputs:
              where: {type: choice, options: [staging, production], default: staging}
              dry: {type: boolean, default: true}
        concurrency: deploy-${{ inputs.where }}
        """,
        event=("workflow_dispatch", {"inputs": {"dry": "false"}}),
    )
    assert result.step("x").log == "staging false"
    assert result.concurrency == "deploy-staging"


def test_with_only_some_jobs_the_outputs_of_the_others_are_given(run: Run) -> None:
    jobs = job("- run: exit 1") + job("- run: echo ${{ needs.a.outputs.tag }}", "needs: a", "b")
    result = run(jobs, only=["b"], given={"a": {"tag": "v7"}})
    assert list(result.jobs) == ["b"]
    assert result.jobs["b"].log == "v7"


@pytest.mark.parametrize(
    ("jobs", "told"),
    [
        (job("- {run: echo, if: secrets.X}"), "Unrecognized named-value: 'secrets'"),
        (job("- run: echo", head="if: env.X"), "Unrecognized named-value: 'env'"),
        (job("- run: echo ${{ nothing.here }}"), "Unrecognized named-value: 'nothing'"),
        (job("- {run: echo, if: \"${{ github.ref }} == 'x'\"}"), "would always hold"),
        (job("- run: echo ${{ github.ref"), "an expression is not closed"),
        (job("- run: echo ${{ success() }}"), "Unrecognized function: 'success'"),
        (job("- run: echo", head="needs: z"), "needs z, which is no job"),
    ],
)
def test_what_github_refuses_is_refused(run: Run, jobs: str, told: str) -> None:
    with pytest.raises(WorkflowError, match=told):
        run(jobs)


def test_files_hash_by_content(run: Run, tmp_path: Path) -> None:
    (tmp_path / "a/b").mkdir(parents=True)
    step = job("- run: echo ${{ hashFiles('**/*.lock', 'a/b/x.lock', '!a/skip.lock') }}")
    hashes = []
    for name, content in (("a/skip.lock", "1"), ("a/b/x.lock", "1"), ("a/b/x.lock", "2")):
        (tmp_path / name).write_text(content)
        hashes.append(run(step).jobs["a"].log)
    assert hashes[0] == ""
    assert len(set(hashes)) == 3
    assert len(hashes[1]) == 64


def test_each_job_can_have_a_workspace_of_its_own(run: Run, tmp_path: Path) -> None:
    def workspace(name: str) -> Path:
        path = tmp_path / "work" / name
        path.mkdir(parents=True)
        return path

    jobs = job("- run: touch made; ls") + job("- run: ls", "needs: a", "b")
    result = run(jobs, workspace=workspace)
    assert [each.log for each in result.jobs.values()] == ["made", ""]
