"""Faults with traffic, each made by itself in a rehearsal: the doctor names the right cause, and no other."""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from ops.checks.facts.facts import Facts
from ops.checks.live.examination import Report, examine
from ops.core.console import Display
from ops.session import Session
from ops.terraform.run import Terraform
from rehearsal import prepare, process
from tests.apply.running import (
    APP,
    BACKEND,
    CLUSTER,
    MASTER_URL,
    NAME,
    Rehearsal,
    call,
    environment_of,
    eventually,
    secret,
)
from tests.cloud import Cloud
from tests.support import needs

pytestmark = pytest.mark.apply("doctor")

SERVE = """
const { existsSync } = require('node:fs')
const server = require('node:http').createServer((request, response) => {
  response.writeHead(existsSync(`${__dirname}/broken`) ? 500 : 200).end()
})
server.on('error', () => setInterval(() => {}, 60000))
const listen = (port, after) => setTimeout(
  () => server.listen(port, '127.0.0.1', () => console.log(`Server running on port ${port}`)), after)
"""
PROGRAMS = {
    # One on this machine can have the port, the others wait; other lanes have ports of their own.
    "port-9001": f"{SERVE} listen(9001, 0)",
    # Up only when the grace period of a tenth of 60 s is over.
    "slow": f"{SERVE} console.log('starting'); listen(process.env.PORT, 9000)",
    "breaks": f"{SERVE} listen(process.env.PORT, 0)",
    "exits": "console.error('no configuration'); process.exit(3)",
}
HOLD_CONNECTIONS = """
  const { Client } = require('pg')
  const [url, port] = process.argv.slice(1)
  const { username, password, pathname } = new URL(url)
  const connect = async () => {
    const client = new Client({ host: '127.0.0.1', port: Number(port), user: decodeURIComponent(username),
      password: decodeURIComponent(password), database: pathname.slice(1), ssl: { rejectUnauthorized: false } })
    client.on('error', () => {})
    await client.connect()
    return client
  }
  const others = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name LIKE 'prodready%'"
  const hold = async () => {
    const first = await connect()
    for (;;) {
      try { await connect() } catch (error) {
        const { rows } = await first.query(others)
        if (rows.length === 0) { console.log('held'); await new Promise((over) => setTimeout(over, 100)) }
      }
    }
  }
  hold()
"""


@pytest.fixture(scope="module")
def rehearsal(applied: Terraform, cloud: Cloud, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Rehearsal]:
    needs(shutil.which("npm"), "npm is not on PATH")
    prepare.prepare(APP, Display(), cloud.work)
    images = tmp_path_factory.mktemp("images")
    setup = process.Setup(CLUSTER, cloud.settings.aws_region, cloud.record.url, APP, images)
    started = Rehearsal(cloud.work, cloud.aws, setup)
    before = started.described(BACKEND)["taskDefinition"]
    for tag, program in PROGRAMS.items():
        directory = images / "prodready-infra-api" / tag
        directory.mkdir(parents=True)
        (directory / "program.cjs").write_text(program)
        (directory / "Dockerfile").write_text('FROM node:22-alpine\nCMD ["node", "program.cjs"]\n')
    try:
        process.start(cloud.work, NAME, setup)
        started.wait()
        yield started
    finally:
        process.stop(cloud.work, NAME)
        cloud.aws.client("ecs").update_service(cluster=CLUSTER, service=BACKEND, taskDefinition=before)


@pytest.fixture
def look(rehearsal: Rehearsal, cloud: Cloud) -> Callable[[], Report]:
    """What the doctor says now."""
    session = Session(cloud.settings, work=cloud.work)
    return lambda: examine(Facts(rehearsal.aws, cloud.settings, session.backend, "emulator"))


def roots(report: Report) -> list[tuple[str, str]]:
    """Subject and key of each, after a print of what a person would read."""
    for each in report.roots:
        print(f"\n{each.finding.subject}: {each.finding.what}", *each.finding.evidence, *each.finding.fix, sep="\n  ")
        print("  follows:", *(f"{below.cause.key}: {below.finding.what}" for below in each.follows), sep="\n    ")
    assert not report.refused
    return [(each.finding.subject, each.cause.key) for each in report.roots]


def follows(report: Report) -> set[str]:
    return {each.cause.key for root in report.roots for each in root.follows}


def evidence(report: Report) -> str:
    return "\n".join(line for each in report.roots for line in each.finding.evidence)


def image(tag: str) -> str:
    return f"registry.example.com/prodready-infra-api:{tag}"


def healthy_again(look: Callable[[], Report]) -> None:
    eventually(lambda: not look().roots, 60, "no finding after the repair")


def before_of(rehearsal: Rehearsal) -> dict[str, Any]:
    """The definition of what runs before the backend's container."""
    arn = rehearsal.service(BACKEND)["revision"]
    found = rehearsal.aws.client("ecs").describe_task_definition(taskDefinition=arn)["taskDefinition"]
    return found["containerDefinitions"][1]


def given_up(rehearsal: Rehearsal) -> str:
    """The event of the newest deployment that was given up."""
    return next((each for each in rehearsal.messages(BACKEND) if "deployment failed" in each), "")


def deploy_and_roll_back(rehearsal: Rehearsal, **changes: Any) -> None:
    """Deploy what cannot run, and wait until the deployment before it is steady again."""
    before = given_up(rehearsal)
    rehearsal.deploy(BACKEND, **changes)
    eventually(lambda: given_up(rehearsal) != before, 180, "the failure")
    eventually(
        lambda: rehearsal.described(BACKEND)["deployments"][0]["rolloutState"] == "COMPLETED", 60, "the roll back"
    )


def answers(rehearsal: Rehearsal) -> set[str]:
    """Why the backend's unhealthy targets are that."""
    found = [each["TargetHealth"] for each in rehearsal.targets(BACKEND)]
    return {each["Description"] for each in found if each["State"] == "unhealthy"}


def test_a_healthy_platform_has_no_finding(rehearsal: Rehearsal, look: Callable[[], Report]) -> None:
    started = time.monotonic()
    report = look()
    print(f"\nlooked at {report.seen} things in {time.monotonic() - started:.1f} s")
    assert roots(report) == []


def test_a_health_path_that_is_wrong_or_needs_a_login(rehearsal: Rehearsal, look: Callable[[], Report]) -> None:
    elb = rehearsal.aws.client("elbv2")
    (group,) = elb.describe_target_groups(Names=["prodready-infra-be-tg-staging"])["TargetGroups"]
    arn = group["TargetGroupArn"]
    try:
        for path, code, key in (
            ("/api/nowhere/health", 401, "health-path-needs-login"),
            ("/nowhere", 404, "health-path-wrong"),
        ):
            elb.modify_target_group(TargetGroupArn=arn, HealthCheckPath=path)
            words = f"Health checks failed with these codes: [{code}]"
            eventually(lambda words=words: answers(rehearsal) == {words}, 60, words)
            report = look()
            assert roots(report) == [("backend", key)]
            assert "no-healthy-target" in follows(report)
            assert words in evidence(report)
    finally:
        elb.modify_target_group(TargetGroupArn=arn, HealthCheckPath=group["HealthCheckPath"])
    healthy_again(look)


def test_targets_that_somebody_deregistered(rehearsal: Rehearsal, look: Callable[[], Report]) -> None:
    elb = rehearsal.aws.client("elbv2")
    (group,) = elb.describe_target_groups(Names=["prodready-infra-be-tg-staging"])["TargetGroups"]
    targets = [each["Target"] for each in rehearsal.targets(BACKEND)]
    elb.deregister_targets(TargetGroupArn=group["TargetGroupArn"], Targets=targets)
    try:
        eventually(lambda: not rehearsal.targets(BACKEND), 60, "no target")
        report = look()
        assert roots(report) == [("backend", "no-healthy-target")]
        assert "0 registered, 2 of 2 tasks run" in report.roots[0].finding.what
    finally:
        elb.register_targets(TargetGroupArn=group["TargetGroupArn"], Targets=targets)
    healthy_again(look)


def ready(rehearsal: Rehearsal) -> bool:
    """Each of the two tasks in turn."""
    return all(call(f"{rehearsal.url}/api/ready")[0] == 200 for _ in range(4))


def test_a_database_that_is_down(rehearsal: Rehearsal, look: Callable[[], Report]) -> None:
    database = rehearsal.status["databases"][0]
    version = Path(database["directory"]) / "data" / "PG_VERSION"
    version.rename(version.with_suffix(".away"))
    try:
        os.kill(database["pid"], signal.SIGINT)
        eventually(lambda: not ready(rehearsal) and look().roots, 60, "a finding")
        report = look()
        assert roots(report) == [("database", "database-unreachable")]
        assert "ECONNREFUSED" in evidence(report) or "the database system is shutting down" in evidence(report)
    finally:
        version.with_suffix(".away").rename(version)
    eventually(lambda: ready(rehearsal), 60, "ready again")
    healthy_again(look)


def test_a_database_out_of_connections(rehearsal: Rehearsal, look: Callable[[], Report]) -> None:
    url = secret(rehearsal, MASTER_URL)
    port = str(rehearsal.status["databases"][0]["port"])
    command = ["node", "-e", HOLD_CONNECTIONS, url, port]
    with subprocess.Popen(command, cwd=APP / "api", stdout=subprocess.PIPE, text=True) as holder:
        try:
            assert holder.stdout is not None and holder.stdout.readline() == "held\n"
            eventually(lambda: not ready(rehearsal) and look().roots, 60, "a finding")
            report = look()
            assert roots(report) == [("database", "out-of-connections")]
            assert "too many clients" in evidence(report) or "remaining connection slots" in evidence(report)
        finally:
            holder.kill()
    eventually(lambda: ready(rehearsal), 60, "ready again")
    healthy_again(look)


def test_tasks_that_cycle(rehearsal: Rehearsal, look: Callable[[], Report]) -> None:
    """The program answers 500 from some time on; the deployment is complete, so nothing rolls it back."""
    rehearsal.deploy(BACKEND, image=image("breaks"))
    rehearsal.wait()
    assert roots(look()) == []
    broken = rehearsal.setup.images / "prodready-infra-api" / "breaks" / "broken"
    broken.touch()
    try:
        eventually(
            lambda: (
                sum("is unhealthy in" in each for each in _since_steady(rehearsal)) >= 3
                and sum("deregistered" in each for each in _since_steady(rehearsal)) >= 3
            ),
            90,
            "three rounds",
        )
        report = look()
        assert roots(report) == [("backend", "deregistration-cycle")]
        assert "[500]" in evidence(report)
    finally:
        broken.unlink()
    healthy_again(look)


def _since_steady(rehearsal: Rehearsal) -> list[str]:
    messages = rehearsal.messages(BACKEND)
    return messages[: messages.index("has reached a steady state.")]


def test_a_port_mismatch(rehearsal: Rehearsal, look: Callable[[], Report]) -> None:
    revision = rehearsal.service(BACKEND)["revision"]
    looks: list[Report] = []
    over = threading.Event()

    def look_meanwhile() -> None:
        eventually(lambda: answers(rehearsal), 60, "an unhealthy target")
        while not over.is_set():
            looks.append(look())

    early = threading.Thread(target=look_meanwhile)
    early.start()
    deploy_and_roll_back(rehearsal, image=image("port-9001"))
    over.set()
    early.join()
    # Between two tasks there is nothing to see.
    assert [("backend", "port-mismatch")] in [roots(each) for each in looks], "already before the roll back"
    report = look()
    assert roots(report) == [("backend", "port-mismatch")]
    assert "the application listens on 9001, the load balancer sends to 8080" in report.roots[0].finding.what
    assert "rolled-back" in follows(report)
    assert any(f"to {revision}" in each.finding.what for each in report.roots[0].follows)


def test_a_grace_period_that_is_shorter_than_the_start(rehearsal: Rehearsal, look: Callable[[], Report]) -> None:
    deploy_and_roll_back(rehearsal, image=image("slow"))
    report = look()
    assert roots(report) == [("backend", "grace-too-short")]
    assert "healthCheckGracePeriodSeconds 60" in evidence(report)
    assert "rolled-back" in follows(report)


def test_an_image_that_cannot_be_pulled(rehearsal: Rehearsal, look: Callable[[], Report], cloud: Cloud) -> None:
    missing = cloud.settings.image_uri("prodready-infra-nothing", "v1")
    deploy_and_roll_back(rehearsal, image=missing)
    report = look()
    assert roots(report) == [("backend", "cannot-pull")]
    assert "ECR has no such image" in evidence(report)
    assert "rolled-back" in follows(report)


def test_a_secret_that_is_missing(rehearsal: Rehearsal, look: Callable[[], Report]) -> None:
    arn = f"arn:aws:secretsmanager:us-east-1:{'8' * 12}:secret:gone-AbCdEf"
    deploy_and_roll_back(rehearsal, secrets=[{"name": "DATABASE_URL", "valueFrom": arn}])
    report = look()
    assert roots(report) == [("backend", "secret-unreadable")]
    assert "can't find the specified secret" in evidence(report)
    assert "rolled-back" in follows(report)


def test_a_migration_that_fails(rehearsal: Rehearsal, look: Callable[[], Report]) -> None:
    said = "Migration 2_b failed and was undone: no such column"
    command = ["node", "-e", f"console.error({json.dumps(said)}); process.exit(2)"]
    right = before_of(rehearsal)["command"]
    deploy_and_roll_back(rehearsal, before={"command": command})
    report = look()
    assert roots(report) == [("backend", "migration-failed")]
    assert said in report.roots[0].finding.what
    assert "rolled-back" in follows(report)
    # What comes after deploys the newest revision once more.
    rehearsal.deploy(BACKEND, before={"command": right})
    rehearsal.wait()


def test_a_program_that_ends_is_rolled_back(rehearsal: Rehearsal, look: Callable[[], Report]) -> None:
    revision = rehearsal.service(BACKEND)["revision"]
    deploy_and_roll_back(rehearsal, image=image("exits"))
    report = look()
    assert roots(report) == [("backend", "rolled-back")]
    assert report.roots[0].finding.what.endswith(f"to {revision}")
    assert "exit code 3" in evidence(report)
    assert "no configuration" in evidence(report)


def test_a_cognito_client_that_does_not_exist(rehearsal: Rehearsal, look: Callable[[], Report], cloud: Cloud) -> None:
    """The last one: its repair is a deployment that takes back all of them."""
    right = environment_of(rehearsal)
    wrong = {"name": "COGNITO_CLIENT_ID", "value": "0123456789abcdefghijklmnop"}
    others = [each for each in right if each["name"] != wrong["name"]]
    own = cloud.settings.image(cloud.settings.ecs.backend)
    rehearsal.deploy(BACKEND, environment=[*others, wrong], image=own)
    rehearsal.wait()
    assert call(f"{rehearsal.url}/api/health")[0] == 200
    report = look()
    assert roots(report) == [("backend", "cognito-mismatch")]
    assert "0123456789abcdefghijklmnop" in evidence(report)
    rehearsal.deploy(BACKEND, environment=right)
    rehearsal.wait()
    healthy_again(look)
