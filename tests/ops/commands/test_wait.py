"""The wait for a deployment, against what the emulator's API tells of one."""

from __future__ import annotations

import json
import secrets
import time
from pathlib import Path
from typing import Any

import pytest

from environments.settings import SERVICES, Settings
from ops.commands import wait
from ops.core.emulator_record import Record
from ops.core.errors import CommandError, UserError
from ops.core.paths import Work
from ops.delivery import deployed
from rehearsal.aws import running
from tests.ops.places import Place, github_output, make_place, step_outputs

__all__ = ["github_output"]

NO_REVISIONS: dict[str, str | None] = {"backend_revision": None, "frontend_revision": None}
BREAKER = "ECS deployment circuit breaker: tasks failed to start."


@pytest.fixture
def place(emulator: Record, settings: dict[str, Settings], work: Work, monkeypatch: pytest.MonkeyPatch) -> Place:
    monkeypatch.setitem(wait.POLL, "emulator", 0.05)
    place = make_place(emulator, settings["staging"], work, secrets.token_hex(4))
    for service in SERVICES:
        place.run_service(service, "image")
    return place


def deployment(place: Place, service: str, state: str, **changes: Any) -> dict[str, Any]:
    """The service's newest deployment, as a rehearsal reports it."""
    newest = place.description(service)["deployments"][0]
    now = time.time()
    counts = {"runningCount": 2, "pendingCount": 0, "desiredCount": 2, "failedTasks": 0}
    told = {"id": newest["id"], "taskDefinition": newest["taskDefinition"], "status": "PRIMARY"}
    return {
        **told,
        "rolloutState": state,
        "rolloutStateReason": "",
        **counts,
        "createdAt": now,
        "updatedAt": now,
        **changes,
    }


def report(
    place: Place, backend: list[dict[str, Any]], tasks: tuple[dict[str, Any], ...] = (), events: tuple[str, ...] = ()
) -> None:
    """Both services run; the frontend is done."""
    names = {service: place.settings.names.service(service).ecs_service for service in SERVICES}
    told = [{"id": str(n), "createdAt": time.time() + n, "message": text} for n, text in enumerate(events)]
    done = [deployment(place, "frontend", "COMPLETED")]
    counts = {"runningCount": 2, "pendingCount": 0}
    services = {
        names["backend"]: {**counts, "deployments": backend, "events": told},
        names["frontend"]: {**counts, "deployments": done, "events": []},
    }
    cluster = place.description("backend")["clusterArn"]
    found = {"cluster": cluster, "services": services, "tasks": list(tasks), "targets": {}}
    running.send(place.aws.endpoint or "", found)


def test_a_steady_deployment_is_done(place: Place, github_output: Path):
    report(place, [deployment(place, "backend", "COMPLETED")])
    wait.run(place.session, 10, **NO_REVISIONS)
    assert float(step_outputs(github_output)["seconds"]) < 10


def test_a_rolled_back_deployment_fails_with_events_reasons_and_the_last_lines(
    place: Place, capsys: pytest.CaptureFixture[str]
):
    names = place.settings.names.service("backend")
    old = place.description("backend")["deployments"][0]
    new = place.register("backend", "bad")
    cluster = place.description("backend")["clusterArn"]
    task = f"{cluster.replace(':cluster/', ':task/')}/{'a' * 32}"
    logs = place.aws.client("logs")
    logs.create_log_group(logGroupName=names.log_group)
    stream = f"ecs/{names.container}/{'a' * 32}"
    logs.create_log_stream(logGroupName=names.log_group, logStreamName=stream)
    event = {"timestamp": int(time.time() * 1000), "message": "listening on 9000"}
    logs.put_log_events(logGroupName=names.log_group, logStreamName=stream, logEvents=[event])
    failed = {**deployment(place, "backend", "FAILED"), "taskDefinition": new, "status": "ACTIVE", "id": "ecs-svc/2"}
    stopped = {
        "taskArn": task, "clusterArn": cluster, "taskDefinitionArn": new, "group": f"service:{names.ecs_service}",
        "startedBy": "ecs-svc/2", "launchType": "FARGATE", "lastStatus": "STOPPED", "desiredStatus": "STOPPED",
        "healthStatus": "UNHEALTHY", "createdAt": time.time(), "startedAt": time.time(), "stoppedAt": time.time(),
        "stopCode": "ServiceSchedulerInitiated", "stoppedReason": "Task failed ELB health checks",
        "containers": [{"name": names.container, "taskArn": task, "lastStatus": "STOPPED", "exitCode": 137}],
    }  # fmt: skip
    report(
        place,
        [
            deployment(place, "backend", "IN_PROGRESS", id=old["id"], taskDefinition=old["taskDefinition"]),
            {**failed, "rolloutStateReason": BREAKER},
        ],
        (stopped,),
        ("rolling back to deployment",),
    )
    with pytest.raises(CommandError) as refused:
        wait.run(place.session, 10, backend_revision=deployed.revision(new), frontend_revision=None)
    text = str(refused.value)
    assert f"backend: deployment of {deployed.revision(new)} failed, rolled back to" in text
    assert BREAKER in text
    assert "stopped (ServiceSchedulerInitiated): Task failed ELB health checks" in text
    assert "exit code 137" in text
    assert "| listening on 9000" in text
    assert text.splitlines()[-1] == "`python -m ops doctor --env staging --target emulator` looks for the cause"
    assert "rolling back to deployment" in capsys.readouterr().out


def test_what_runs_is_marked_at_the_end_of_its_deployment_and_the_mark_moves(
    place: Place, emulator: Record, settings: dict[str, Settings], work: Work
):
    place = make_place(emulator, settings["staging"], work, secrets.token_hex(4))
    ecs, ecr = place.aws.client("ecs"), place.aws.client("ecr")
    names = place.settings.names.service("backend")
    repository = f"r-{place.settings.project}"
    ecr.create_repository(repositoryName=repository, imageTagMutability="IMMUTABLE")
    for tag in ("one", "two"):
        manifest = json.dumps({"mediaType": "application/vnd.docker.distribution.manifest.v2+json", "n": tag})
        ecr.put_image(repositoryName=repository, imageManifest=manifest, imageTag=tag)
    place.run_service("frontend", "elsewhere/image")
    place.run_service("backend", place.settings.image_uri(repository, "one"))
    report(place, [deployment(place, "backend", "COMPLETED")])
    wait.run(place.session, 10, **NO_REVISIONS)
    assert marked(place, repository) == ["deployed-staging", "one"]

    new = place.register("backend", place.settings.image_uri(repository, "two"))
    report(place, [deployment(place, "backend", "COMPLETED")])
    with pytest.raises(CommandError):
        wait.run(place.session, 10, backend_revision=deployed.revision(new), frontend_revision=None)
    assert marked(place, repository) == ["deployed-staging", "one"], "it was given up"

    ecs.update_service(cluster=place.settings.names.cluster, service=names.ecs_service, taskDefinition=new)
    report(place, [deployment(place, "backend", "COMPLETED")])
    wait.run(place.session, 10, **NO_REVISIONS)
    assert marked(place, repository) == ["deployed-staging", "two"]


def marked(place: Place, repository: str) -> list[str]:
    """All tags of the image that is marked."""
    images = place.aws.client("ecr").describe_images(repositoryName=repository)["imageDetails"]
    return next(sorted(each["imageTags"]) for each in images if "deployed-staging" in each.get("imageTags", []))


def test_after_a_quick_roll_back_a_steady_service_is_still_a_failure(place: Place):
    new = place.register("backend", "bad")
    report(place, [deployment(place, "backend", "COMPLETED")])
    with pytest.raises(CommandError, match="was given up, the service is on"):
        wait.run(place.session, 10, backend_revision=deployed.revision(new), frontend_revision=None)


def test_the_limit_ends_the_wait_and_says_how_far_it_is(place: Place):
    report(place, [deployment(place, "backend", "IN_PROGRESS", runningCount=1)])
    with pytest.raises(CommandError, match=r"backend: not done after 1 s: .* 1 of 2 tasks run"):
        wait.run(place.session, 1, **NO_REVISIONS)


def test_an_environment_without_services_is_refused(emulator: Record, settings: dict[str, Settings], work: Work):
    place = make_place(emulator, settings["staging"], work, secrets.token_hex(4))
    with pytest.raises(UserError, match="has no backend service: apply the environment first"):
        wait.run(place.session, 1, **NO_REVISIONS)


def test_the_guides_limits_are_the_defaults():
    assert (wait.POLL["aws"], wait.TIMEOUT) == (15.0, 600)
