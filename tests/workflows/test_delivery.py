"""The pipeline, executed: its own steps in a shell, against the embedded AWS and the rehearsal of what they deploy."""

from __future__ import annotations

import json
import re
import shutil
import threading
import time
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest

from ops.core.console import Display
from ops.terraform.run import Terraform
from rehearsal import prepare, process
from tests.apply.load import load
from tests.apply.running import (
    APP,
    NAME,
    Rehearsal,
    call,
)
from tests.apply.test_rehearsal import LISTENS_ON_9000
from tests.cloud import Cloud
from tests.github_stand_in import GithubStandIn
from tests.support import needs
from tests.workflows.project import PULL_REQUEST, WORKFLOW, Project, make_project

pytestmark = pytest.mark.apply("plans")

MESSAGES: list[str] = []


class Webhook(BaseHTTPRequestHandler):
    """A chat: keeps what it is told."""

    def do_POST(self) -> None:
        MESSAGES.append(json.loads(self.rfile.read(int(self.headers["Content-Length"])))["text"])
        self.send_response(200)
        self.end_headers()

    def log_message(self, format: str, *args: Any) -> None:
        """Nothing."""


@pytest.fixture(scope="module")
def project(applied: Terraform, cloud: Cloud, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Project]:
    needs(shutil.which("npm"), "npm is not on PATH")
    prepare.prepare(APP, Display(), cloud.work)
    # What ran before on the shared environment may have deployed to it beside Terraform.
    plan = cloud.plan_file("settle")
    changes = applied.plan(plan)
    if changes.any:
        applied.apply(plan, changes)
    server = ThreadingHTTPServer(("127.0.0.1", 0), Webhook)
    threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True).start()
    with GithubStandIn("owner/name") as github:
        github.issues[PULL_REQUEST] = {"number": PULL_REQUEST, "title": "A change", "body": "", "state": "open"}
        github.environments["staging"] = {
            "protection_rules": [{"type": "required_reviewers", "reviewers": [{"type": "User"}]}],
            "deployment_branch_policy": {"protected_branches": True, "custom_branch_policies": False},
        }
        url = f"http://127.0.0.1:{server.server_port}/hook/s3cr3t-address"
        yield make_project(tmp_path_factory.mktemp("delivery"), cloud, github, url)
    server.shutdown()
    server.server_close()


@pytest.fixture(scope="module")
def rehearsal(project: Project) -> Iterator[Rehearsal]:
    """What staging has applied, running; beside it the images that the pipeline builds."""
    try:
        process.start(project.work, NAME, project.plan)
        started = Rehearsal(project.work, project.cloud.aws, project.plan)
        started.wait()
        yield started
    finally:
        process.stop(project.work, NAME)


@pytest.fixture
def base(project: Project) -> Iterator[str]:
    """Main as it is; a test's change is taken back afterwards."""
    base = project.git("rev-parse", "HEAD")
    yield base
    project.git("reset", "--quiet", "--hard", base)


def comments(project: Project) -> dict[str, str]:
    """The pull request's comments by environment."""
    found = [each["body"] for each in project.github.comments.get(PULL_REQUEST, [])]
    return {re.search(r"### Plan for (\w+)", body)[1]: body for body in found}  # type: ignore[index]


def test_a_pull_request_that_changes_no_infrastructure_shows_an_empty_plan(project: Project, base: str) -> None:
    project.edit("README.md", "# ProdReady Infra\n", "# ProdReady Infrastructure\n")
    project.commit("Rename")
    result = project.pull_request(base)
    assert result.result == "success", result
    assert {job: each.result for job, each in result.jobs.items() if each.result != "skipped"} == {
        "test": "success",
        "terraform-plan": "success",
    }
    found = comments(project)
    assert "**No changes.**" in found["staging"]
    # Never applied here: the large plan.
    assert re.search(r"\*\*1\d\d to create, 0 to update, 0 to replace, 0 to destroy\*\*", found["production"])
    assert len(found["production"]) < 65_536
    assert result.leaks == []
    assert (project.checkout.parent / "make.log").read_text().split() == ["check", "test"]
    assert project.roles() == ["plan-staging", "plan-production"]
    assert {each["aws-region"] for each in project.configured} == {project.cloud.settings.aws_region}


def test_a_change_of_the_infrastructure_is_planned_in_the_same_comment(project: Project, base: str) -> None:
    project.edit(
        "environments/staging.tfvars",
        'health_check_path = "/api/health"\n    desired_count     = 2',
        'health_check_path = "/api/ready"\n    desired_count     = 2',
    )
    project.commit("Check readiness")
    result = project.pull_request(base)
    assert result.result == "success", result
    assert len(project.github.comments[PULL_REQUEST]) == 2, "one an environment, however often it is planned"
    text = comments(project)["staging"]
    assert "**0 to create, 2 to update, 1 to replace, 0 to destroy**" in text
    assert "| backend_targets | ~ `aws_lb_target_group.backend_targets` |" in text
    assert "± `aws_ecs_task_definition.backend_task`" in text
    assert "/api/ready" in text
    diff = next(each for each in result.jobs["terraform-plan"].steps if each.name == "Plan staging")
    assert "Plan:" in next(each for each in diff.steps if each.name == "CDKTF Diff").log


def test_a_plan_that_deletes_data_fails_unless_the_same_change_waives_it(project: Project, base: str) -> None:
    project.edit("environments/staging.tfvars", "alb_access_logs = true", "alb_access_logs = false")
    changed = project.commit("Write no access logs")
    result = project.pull_request(base)
    job = result.jobs["terraform-plan"]
    assert job.result == "failure"
    assert "Data would be lost with `aws_s3_bucket.access_logs`" in comments(project)["staging"]
    staging = next(each for each in job.steps if each.name == "Plan staging")
    guard = next(each for each in staging.steps if each.name == "Guard")
    assert guard.outcome == "failure"
    assert "the plan for staging would delete data: destroy aws_s3_bucket.access_logs" in guard.log
    assert "the plan for staging would delete data" in job.summary

    waiver = '[[waiver]]\naddress = "aws_s3_bucket.access_logs"\nreason = "nobody has used it yet"\n'
    (project.checkout / "environments/staging.waivers.toml").write_text(waiver)
    project.commit("Waive it")
    waived = project.ops("guard", "--base", changed, "--json")
    assert (waived.returncode, json.loads(waived.stdout)["refused"]) == (0, 0), waived.stderr
    spent = project.ops("guard", "--base", "HEAD")
    assert spent.returncode == 1, "a waiver counts in the change that adds it only"


def test_a_plan_that_cannot_be_made_fails_the_job_and_says_why_in_the_comment(project: Project, base: str) -> None:
    project.edit("environments/staging.tfvars", "vpc_name              = ", "# vpc_name              = ")
    project.commit("Break the settings")
    result = project.pull_request(base)
    assert result.result == "failure"
    assert "environments/staging.tfvars" in result.jobs["terraform-plan"].log


@pytest.mark.parametrize("change", [{"fork": True}, {"user": "dependabot[bot]"}], ids=["fork", "dependabot"])
def test_a_stranger_is_checked_and_tested_without_credentials(project: Project, base: str, change: Any) -> None:
    configured = len(project.configured)
    (project.checkout.parent / "make.log").unlink(missing_ok=True)
    result = project.pull_request(base, **change)
    assert result.result == "success", result
    assert (result.jobs["test"].result, result.jobs["terraform-plan"].result) == ("success", "skipped")
    assert len(project.configured) == configured
    assert (project.checkout.parent / "make.log").read_text().split() == ["check", "test"]


def test_drift_is_an_issue_until_it_is_gone(project: Project, base: str) -> None:
    logs = project.cloud.aws.client("logs")
    group = project.cloud.settings.names.service("backend").log_group
    configured = len(project.configured)
    logs.put_retention_policy(logGroupName=group, retentionInDays=1)
    try:
        result = project.nightly()
        assert {*project.roles(after=configured)} == {"drift-staging", "drift-production"}
        assert result.jobs["drift (staging)"].result == "failure"
        (issue,) = [each for each in project.github.issues.values() if each["title"] == "Drift in staging"]
        assert "0 to add, 1 to change, 0 to destroy" in issue["body"]
        assert "retention_in_days" in issue["body"]
        assert "staging has drifted" in result.jobs["drift (staging)"].summary
    finally:
        logs.put_retention_policy(logGroupName=group, retentionInDays=project.cloud.settings.log_retention_days)
    assert project.nightly().jobs["drift (staging)"].result == "success"
    assert issue["state"] == "closed"


RELEASE = "apiRouter.get('/release', (req, res) => res.json({ release: 'two' }));\n  // Before authentication"


@pytest.mark.apply("deliveries")
def test_a_push_deploys_the_changed_image_and_the_front_door_serves_it(
    project: Project, rehearsal: Rehearsal, base: str
) -> None:
    assert call(f"{rehearsal.url}/api/release")[0] == 401
    project.edit("app/api/app.js", "// Before authentication", RELEASE)
    sha = project.commit("Tell the release")
    with load([f"{rehearsal.url}/api/health"]) as traffic:
        result = project.push()
    assert result.result == "success", result
    assert traffic.failed == {}
    assert call(f"{rehearsal.url}/api/release") == (200, {"release": "two"})

    job = result.jobs["build-and-deploy / deploy"]
    assert result.leaks == []
    assert job.environment == "staging"
    assert job.environment_url == rehearsal.url
    tag = job.step("backend_image").outputs["image_tag"]
    assert re.fullmatch(rf"{sha[:7]}-\d+", tag)
    assert ["push", job.step("backend_image").outputs["image_uri"]] in project.docker_calls()
    for row in (
        "## Deployment of staging: success",
        f"| backend image | {tag}, scan: ",
        "| backend revision | prodready-infra-backend-task-staging:",
        "| plan | 0 to create, 2 to update, 2 to replace, 0 to destroy |",
        "wait ",
        f"| address | {rehearsal.url} |",
    ):
        assert row in job.summary
    assert "successful" in MESSAGES[-1]
    shown = json.loads(project.ops("images", "--json").stdout)
    assert shown["backend_image"].endswith(tag)


@pytest.mark.apply("deliveries")
def test_a_plan_made_before_the_approval_is_the_one_that_is_applied(
    project: Project, rehearsal: Rehearsal, base: str
) -> None:
    """Production's way, by staging: production is not applied here."""
    # Its images exist, as staging's do when production is planned: the commit of the test above.
    tag = json.loads(project.ops("images", "--json").stdout)["backend_image"].rpartition(":")[2]
    project.git("reset", "--quiet", "--hard", tag.partition("-")[0])
    project.edit(WORKFLOW, "environment: staging\n    #", "environment: staging\n      plan-first: true\n    #")
    project.edit("environments/staging.tfvars", "secret_recovery_days = 0", "secret_recovery_days = 7")
    configured = len(project.configured)
    result = project.push()
    assert result.result == "success", result
    assert result.leaks == []
    plan, deploy = result.jobs["build-and-deploy / plan"], result.jobs["build-and-deploy / deploy"]
    assert (plan.environment, deploy.environment) == ("", "staging")
    assert project.roles(after=configured) == ["drift-staging", "apply-staging"]
    assert "**0 to create, 2 to update, 0 to replace, 0 to destroy**" in plan.summary
    assert deploy.step("5. Terraform Plan").outcome == "skipped"
    assert "| plan | 0 to create, 2 to update, 0 to replace, 0 to destroy |" in deploy.summary
    assert "2 changed, 0 destroyed" in deploy.step("5. Terraform Apply").log
    assert plan.step("backend_image").outputs["image_uri"] == deploy.step("backend_image").outputs["image_uri"]


@pytest.mark.apply("deliveries")
def test_a_bad_image_fails_the_job_with_the_reason_and_the_old_version_goes_on_serving(
    project: Project, rehearsal: Rehearsal
) -> None:
    before = {task["id"] for task in rehearsal.tasks("prodready-infra-backend-service-staging")}
    shown = json.loads(project.ops("images", "--json").stdout)
    good = project.git("rev-parse", "HEAD")
    try:
        program = LISTENS_ON_9000.replace("require('node:http')", "(await import('node:http'))")
        # The lane of the rehearsal runs beside this one, and has that port.
        program = program.replace("9000", "9002")
        (project.checkout / "app/api/index.js").write_text(program)
        project.commit("Listen elsewhere")
        started = time.monotonic()
        with load([f"{rehearsal.url}/api/health"]) as traffic:
            result = project.push()
        print(f"\nbad image: job failed after {time.monotonic() - started:.0f} s")
    finally:
        project.git("reset", "--quiet", "--hard", good)
    job = result.jobs["build-and-deploy / deploy"]
    assert job.result == "failure"
    assert [each.name for each in job.steps if each.outcome == "failure"] == ["9. Wait for Deployment"], result
    assert "rolled back to prodready-infra-backend-task-staging:" in job.summary
    assert "health checks" in job.summary
    assert "listening on 9002" in job.summary, f"the last lines of a task that failed are missing:\n{job.summary}"
    assert "| failed steps | wait |" in job.summary
    assert "failed" in MESSAGES[-1]
    assert result.jobs["notify"].result == "failure"
    assert traffic.failed == {}
    again = json.loads(project.ops("images", "--json").stdout)
    assert again["backend_image"] == shown["backend_image"]
    assert {task["id"] for task in rehearsal.tasks("prodready-infra-backend-service-staging")} == before
    assert call(f"{rehearsal.url}/api/release") == (200, {"release": "two"})
