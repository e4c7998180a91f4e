"""What a rehearsal reports, as the AWS API of the emulator then tells it."""

from __future__ import annotations

import time
import uuid
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import pytest
from botocore.exceptions import ClientError

from ops.core.emulator_record import Record
from rehearsal.aws import running

Client = Callable[[str], Any]
NOW = 1_700_000_000.25


@dataclass
class Rehearsed:
    """A cluster with the service "api", of which a test reports."""

    client: Client
    endpoint: str
    cluster: str
    arn: str

    def describe(self) -> dict[str, Any]:
        return self.client("ecs").describe_services(cluster=self.cluster, services=["api"])["services"][0]

    def deploy(self) -> dict[str, Any]:
        """A new revision; the service's PRIMARY deployment then."""
        ecs = self.client("ecs")
        ecs.register_task_definition(
            family=self.cluster, containerDefinitions=[{"name": "c", "image": "i", "memory": 128}]
        )
        answer = ecs.update_service(cluster=self.cluster, service="api", taskDefinition=self.cluster)
        return answer["service"]["deployments"][0]

    def tell(
        self, *deployments: dict[str, Any], tasks: list[dict[str, Any]] | None = None, events: list[Any] | None = None
    ) -> None:
        service = {"runningCount": 1, "pendingCount": 2, "deployments": [*deployments], "events": events or []}
        report = {"cluster": self.arn, "services": {"api": service}, "tasks": tasks or [], "targets": {}}
        running.send(self.endpoint, report)


def told(primary: dict[str, Any], state: str, reason: str = "told") -> dict[str, Any]:
    counts = {"runningCount": 1, "pendingCount": 2, "desiredCount": 9, "failedTasks": 3}
    kept = {key: primary[key] for key in ("id", "taskDefinition")}
    times = {"createdAt": NOW, "updatedAt": NOW + 1}
    return {**kept, "status": "PRIMARY", "rolloutState": state, "rolloutStateReason": reason, **counts, **times}


@pytest.fixture
def rehearsed(client: Client, emulator: Record) -> Iterator[Rehearsed]:
    ecs = client("ecs")
    name = f"rehearsed-{uuid.uuid4().hex[:8]}"
    arn = ecs.create_cluster(clusterName=name)["cluster"]["clusterArn"]
    ecs.register_task_definition(family=name, containerDefinitions=[{"name": "c", "image": "i", "memory": 128}])
    ecs.create_service(cluster=name, serviceName="api", taskDefinition=name, desiredCount=2)
    yield Rehearsed(client, emulator.url, name, arn)
    running.send(emulator.url, {"cluster": arn, "services": {}, "tasks": [], "targets": {}})


def test_of_a_service_that_nobody_runs_nothing_runs(rehearsed: Rehearsed):
    rehearsed.client("ecs").update_service(cluster=rehearsed.cluster, service="api", desiredCount=3)
    service = rehearsed.describe()
    (deployment,) = service["deployments"]
    assert (service["desiredCount"], service["runningCount"], service["pendingCount"]) == (3, 0, 0)
    assert (deployment["rolloutState"], deployment["runningCount"], deployment["desiredCount"]) == ("IN_PROGRESS", 0, 3)
    assert deployment["rolloutStateReason"] == f"ECS deployment {deployment['id']} in progress."
    assert service["events"] == []


def test_counts_events_and_the_state_of_the_deployment_are_the_reported_ones(rehearsed: Rehearsed):
    (before,) = rehearsed.describe()["deployments"]
    event = {"id": "1", "createdAt": NOW, "message": "(service api) has reached a steady state."}
    rehearsed.tell(told(before, "COMPLETED"), events=[event])
    service = rehearsed.describe()
    (after,) = service["deployments"]
    assert (service["runningCount"], service["pendingCount"]) == (1, 2)
    assert (after["rolloutState"], after["rolloutStateReason"], after["failedTasks"]) == ("COMPLETED", "told", 3)
    assert (after["runningCount"], after["pendingCount"], after["desiredCount"]) == (1, 2, 2)
    assert (after["createdAt"].timestamp(), after["updatedAt"].timestamp()) == (NOW, NOW + 1)
    assert [(each["message"], each["createdAt"].timestamp()) for each in service["events"]] == [(event["message"], NOW)]


def test_a_deployment_that_no_scheduler_has_seen_is_primary_beside_the_one_that_runs(rehearsed: Rehearsed):
    (old,) = rehearsed.describe()["deployments"]
    rehearsed.tell(told(old, "COMPLETED"))
    new = rehearsed.deploy()
    primary, active = rehearsed.describe()["deployments"]
    assert (primary["id"], primary["status"], primary["rolloutState"]) == (new["id"], "PRIMARY", "IN_PROGRESS")
    assert (primary["runningCount"], primary["failedTasks"]) == (0, 0)
    assert (active["id"], active["status"], active["rolloutState"]) == (old["id"], "ACTIVE", "COMPLETED")
    assert active["taskDefinition"] == old["taskDefinition"] != primary["taskDefinition"]


def test_a_forced_deployment_of_the_same_revision_is_a_new_one(rehearsed: Rehearsed):
    (old,) = rehearsed.describe()["deployments"]
    rehearsed.tell(told(old, "COMPLETED"))
    rehearsed.client("ecs").update_service(cluster=rehearsed.cluster, service="api", forceNewDeployment=True)
    primary, active = rehearsed.describe()["deployments"]
    assert (primary["rolloutState"], active["id"]) == ("IN_PROGRESS", old["id"])
    assert primary["id"] != old["id"]


def test_a_roll_back_makes_the_earlier_deployment_and_its_revision_the_services_again(rehearsed: Rehearsed):
    (old,) = rehearsed.describe()["deployments"]
    new = rehearsed.deploy()
    rehearsed.tell(told(old, "IN_PROGRESS"), {**told(new, "FAILED"), "status": "ACTIVE"})
    service = rehearsed.describe()
    primary, active = service["deployments"]
    assert service["taskDefinition"] == primary["taskDefinition"] == old["taskDefinition"]
    assert (primary["id"], active["id"]) == (old["id"], new["id"])
    assert (active["status"], active["rolloutState"]) == ("ACTIVE", "FAILED")
    # The failed one is in no report any more, the roll back stays.
    rehearsed.tell(told(old, "COMPLETED"))
    (only,) = rehearsed.describe()["deployments"]
    assert (only["id"], only["rolloutState"]) == (old["id"], "COMPLETED")
    again = rehearsed.client("ecs").update_service(
        cluster=rehearsed.cluster, service="api", taskDefinition=new["taskDefinition"]
    )["service"]["deployments"]
    assert again[0]["id"] not in (old["id"], new["id"])


def test_an_update_that_came_before_a_roll_back_was_told_stays(rehearsed: Rehearsed):
    (old,) = rehearsed.describe()["deployments"]
    failed = rehearsed.deploy()
    newest = rehearsed.deploy()
    rehearsed.tell(told(old, "IN_PROGRESS"), {**told(failed, "FAILED"), "status": "ACTIVE"})
    found = rehearsed.describe()["deployments"]
    assert [each["id"] for each in found] == [newest["id"], old["id"], failed["id"]]
    assert [each["status"] for each in found] == ["PRIMARY", "ACTIVE", "ACTIVE"]


def test_a_revision_that_was_deregistered_can_still_be_deployed(rehearsed: Rehearsed):
    """Unlike on AWS, which refuses an inactive one in UpdateService: moto does not look."""
    new = rehearsed.deploy()
    ecs = rehearsed.client("ecs")
    ecs.deregister_task_definition(taskDefinition=new["taskDefinition"])
    answer = ecs.update_service(cluster=rehearsed.cluster, service="api", taskDefinition=new["taskDefinition"])
    assert answer["service"]["taskDefinition"] == new["taskDefinition"]


def test_a_deleted_service_runs_nothing(rehearsed: Rehearsed):
    (deployment,) = rehearsed.describe()["deployments"]
    rehearsed.tell(told(deployment, "COMPLETED"))
    rehearsed.client("ecs").delete_service(cluster=rehearsed.cluster, service="api", force=True)
    running.send(rehearsed.endpoint, {"cluster": rehearsed.arn, "services": {}, "tasks": [], "targets": {}})
    service = rehearsed.describe()
    assert (service["status"], service["runningCount"]) == ("INACTIVE", 0)


def test_reports_of_two_clusters_do_not_mix(client: Client, rehearsed: Rehearsed):
    (deployment,) = rehearsed.describe()["deployments"]
    rehearsed.tell(told(deployment, "COMPLETED"), tasks=[task(rehearsed, "1" * 32)])
    ecs = client("ecs")
    ecs.create_cluster(clusterName="another")
    ecs.create_service(cluster="another", serviceName="api", taskDefinition=rehearsed.cluster, desiredCount=2)
    (service,) = ecs.describe_services(cluster="another", services=["api"])["services"]
    assert (service["runningCount"], service["deployments"][0]["rolloutState"]) == (0, "IN_PROGRESS")
    assert ecs.list_tasks(cluster="another")["taskArns"] == []


def task(rehearsed: Rehearsed, id_: str, **changes: Any) -> dict[str, Any]:
    return {
        "taskArn": f"{rehearsed.arn.replace(':cluster/', ':task/')}/{id_}",
        "clusterArn": rehearsed.arn,
        "taskDefinitionArn": f"arn:aws:ecs:us-east-2:875486186130:task-definition/{rehearsed.cluster}:1",
        "group": "service:api",
        "startedBy": "ecs-svc/1",
        "lastStatus": "RUNNING",
        "desiredStatus": "RUNNING",
        "healthStatus": "HEALTHY",
        "createdAt": NOW,
        "startedAt": NOW + 1,
        "stoppedAt": None,
        "stopCode": None,
        "stoppedReason": None,
        "containers": [
            {
                "name": "c",
                "image": "i",
                "lastStatus": "RUNNING",
                "exitCode": None,
                "networkInterfaces": [{"privateIpv4Address": "10.0.0.4"}],
            }
        ],
        **changes,
    }


STOPPED = {
    "lastStatus": "STOPPED",
    "desiredStatus": "STOPPED",
    "stoppedAt": NOW + 2,
    "stopCode": "EssentialContainerExited",
    "stoppedReason": "Essential container in task exited",
    "containers": [{"name": "c", "image": "i", "lastStatus": "STOPPED", "exitCode": 137}],
}


def test_tasks_are_listed_by_service_status_and_family(rehearsed: Rehearsed):
    ecs = rehearsed.client("ecs")
    ecs.create_service(cluster=rehearsed.cluster, serviceName="idle", taskDefinition=rehearsed.cluster, desiredCount=0)
    ids = {name: name * 32 for name in "abc"}
    rehearsed.tell(
        tasks=[
            task(rehearsed, ids["a"]),
            task(rehearsed, ids["b"], **STOPPED),
            task(rehearsed, ids["c"], group="service:idle", startedBy="ecs-svc/2"),
        ]
    )

    def listed(**wanted: str) -> list[str]:
        arns = ecs.list_tasks(cluster=rehearsed.cluster, **wanted)["taskArns"]
        return [arn.rpartition("/")[2][0] for arn in arns]

    assert listed() == ["a", "c"], "running ones, as on AWS"
    assert listed(serviceName="api") == ["a"]
    assert listed(serviceName=rehearsed.describe()["serviceArn"], desiredStatus="RUNNING") == ["a"]
    assert listed(serviceName="api", desiredStatus="STOPPED") == ["b"]
    assert listed(startedBy="ecs-svc/2") == ["c"]
    assert listed(family=rehearsed.cluster) == ["a", "c"]
    assert listed(family="other") == []
    with pytest.raises(ClientError, match="ServiceNotFoundException"):
        listed(serviceName="unknown")


def test_tasks_are_described_with_why_they_stopped(rehearsed: Rehearsed):
    rehearsed.tell(tasks=[task(rehearsed, "a" * 32), task(rehearsed, "b" * 32, **STOPPED)])
    answer = rehearsed.client("ecs").describe_tasks(
        cluster=rehearsed.cluster, tasks=["a" * 32, task(rehearsed, "b" * 32)["taskArn"], "c" * 32]
    )
    runs, stopped = answer["tasks"]
    assert (runs["lastStatus"], runs["healthStatus"], runs["startedAt"].timestamp()) == ("RUNNING", "HEALTHY", NOW + 1)
    assert runs["containers"][0]["networkInterfaces"] == [{"privateIpv4Address": "10.0.0.4"}]
    assert not {"stopCode", "stoppedReason", "stoppedAt"} & {*runs}
    assert (stopped["stopCode"], stopped["containers"][0]["exitCode"]) == ("EssentialContainerExited", 137)
    assert (stopped["stoppedReason"], stopped["group"]) == ("Essential container in task exited", "service:api")
    assert [(each["arn"].rpartition("/")[2], each["reason"]) for each in answer["failures"]] == [("c" * 32, "MISSING")]


def test_targets_have_the_reported_health(client: Client, rehearsed: Rehearsed):
    elb = client("elbv2")
    vpc = client("ec2").create_vpc(CidrBlock="10.8.0.0/16")["Vpc"]["VpcId"]
    arn = elb.create_target_group(
        Name=rehearsed.cluster, Protocol="HTTP", Port=8080, VpcId=vpc, TargetType="ip", HealthCheckPath="/"
    )["TargetGroups"][0]["TargetGroupArn"]
    addresses = ["10.8.0.4", "10.8.0.5", "10.8.0.6"]
    elb.register_targets(TargetGroupArn=arn, Targets=[{"Id": each, "Port": 8080} for each in addresses])
    mismatch = {"Reason": "Target.ResponseCodeMismatch", "Description": "Health checks failed with these codes: [404]"}
    leaving = {"Reason": "Target.DeregistrationInProgress", "Description": "Target deregistration is in progress"}
    targets = [
        {"Id": "10.8.0.4", "Port": 8080, "State": "healthy"},
        {"Id": "10.8.0.5", "Port": 8080, "State": "unhealthy", **mismatch},
        {"Id": "10.8.0.7", "Port": 8080, "State": "draining", **leaving},
        {"Id": "10.8.0.8", "Port": 8080, "State": "healthy"},
    ]
    running.send(rehearsed.endpoint, {"cluster": rehearsed.arn, "services": {}, "tasks": [], "targets": {arn: targets}})

    def health(**wanted: Any) -> dict[str, dict[str, Any]]:
        found = elb.describe_target_health(TargetGroupArn=arn, **wanted)["TargetHealthDescriptions"]
        return {each["Target"]["Id"]: each["TargetHealth"] for each in found}

    registering = {"Reason": "Elb.RegistrationInProgress", "Description": "Target registration is in progress"}
    assert health() == {
        "10.8.0.4": {"State": "healthy"},
        "10.8.0.5": {"State": "unhealthy", **mismatch},
        # Registered, but not seen by a load balancer yet.
        "10.8.0.6": {"State": "initial", **registering},
        # The other way round: deregistered since the report, so 10.8.0.8 is not told of.
        "10.8.0.7": {"State": "draining", **leaving},
    }
    assert health(Targets=[{"Id": "10.8.0.7"}]) == {"10.8.0.7": {"State": "draining", **leaving}}


def test_a_report_that_is_not_repeated_does_not_stand_for_ever(monkeypatch: pytest.MonkeyPatch):
    body = b'{"cluster": "c", "services": {"api": {"runningCount": 1}}, "tasks": [{}], "targets": {"g": [{"Id": "t"}]}}'
    monkeypatch.setattr(running, "_snapshots", {})
    running.take(body)
    assert running.service("c", "api") == {"runningCount": 1}
    assert (len(running.tasks("c")), [*running.targets("g")]) == (1, ["t"])
    now = time.monotonic()
    monkeypatch.setattr(time, "monotonic", lambda: now + running.STALE_SECONDS + 1)
    assert running.service("c", "api")["runningCount"] == 0
    assert (running.tasks("c"), running.targets("g")) == ([], {})


def test_a_damaged_report_is_refused(emulator: Record):
    with pytest.raises(OSError, match="400"):
        running.send(emulator.url, {"tasks": []})
