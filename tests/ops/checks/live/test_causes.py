"""Every cause by itself, on an embedded AWS that is told what runs: the right one is named, and no other.

Causes that need traffic are in tests/apply/test_doctor.py.
"""

from __future__ import annotations

import dataclasses
import hashlib
import json
import secrets
import time
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from botocore.exceptions import ClientError

from environments.settings import Settings
from ops.checks.facts.facts import Facts
from ops.checks.live.causes.table import CAUSES
from ops.checks.live.examination import Report, examine
from ops.commands import doctor
from ops.core.aws import Aws
from ops.core.emulator_record import Record
from ops.core.errors import CommandError, UserError
from ops.core.paths import ROOT, Work
from ops.session import Session
from ops.terraform import environment
from rehearsal.supervisor import SharedAws
from tests.ops import healthy
from tests.ops.healthy import BACKEND, FRONTEND, MIGRATE, READ_SECRET, Patient, permission, register
from tests.ops.places import Place, make_place
from tests.ops.symptoms import HEALTHY, STEADY, Told, address_of, put, stopped, tell, unmigrated, write

NOT_FOUND = (
    "CannotPullContainerError: pull image manifest has been retried 1 time(s): failed to resolve ref {0}: "
    "{0}: not found"
)
UNREADABLE = (
    "ResourceInitializationError: unable to pull secrets or registry auth: execution resource retrieval failed: unable "
    "to retrieve {0}: service call has been retried 1 time(s): {1}"
)
DRAINING = {
    "State": "draining",
    "Reason": "Target.DeregistrationInProgress",
    "Description": "Target deregistration is in progress",
}
REFUSED = {"State": "unhealthy", "Reason": "Target.FailedHealthChecks", "Description": "Health checks failed"}


@pytest.fixture(scope="module")
def shared(emulator: Record, tmp_path_factory: pytest.TempPathFactory) -> Aws:
    """Makes each client once: that is most of what a test would take."""
    return SharedAws(environment.for_emulator(emulator.url, Work(tmp_path_factory.mktemp("ops"))), "us-east-2")


@pytest.fixture(scope="module")
def made(
    emulator: Record, settings: dict[str, Settings], shared: Aws, tmp_path_factory: pytest.TempPathFactory
) -> Patient:
    place = make_place(emulator, settings["staging"], Work(tmp_path_factory.mktemp("doctor")), secrets.token_hex(4))
    return healthy.make(Place(place.session, shared))


@pytest.fixture
def told(made: Patient) -> Patient:
    """Healthy; for tests that change only what is told of it."""
    tell(made)
    return made


@pytest.fixture
def patient(emulator: Record, settings: dict[str, Settings], work: Work, shared: Aws) -> Patient:
    """A healthy one of the test's own."""
    place = make_place(emulator, settings["staging"], work, secrets.token_hex(4))
    own = healthy.make(Place(place.session, shared))
    tell(own)
    return own


def examined(patient: Patient, **settings: Any) -> Report:
    """With other settings, if so told."""
    place = patient.place
    given = dataclasses.replace(place.settings, **settings)
    return examine(Facts(place.aws, given, place.session.backend, "emulator"))


def roots(report: Report) -> list[tuple[str, str]]:
    """Subject and key of each."""
    assert not report.refused
    return [(each.finding.subject, each.cause.key) for each in report.roots]


def follows(report: Report) -> set[str]:
    return {each.cause.key for root in report.roots for each in root.follows}


def evidence(report: Report) -> str:
    (root,) = report.roots
    return "\n".join(root.finding.evidence)


def fix(report: Report) -> str:
    (root,) = report.roots
    return "\n".join(root.finding.fix)


def codes(*given: int) -> dict[str, str]:
    shown = ", ".join(map(str, given))
    return {
        "State": "unhealthy",
        "Reason": "Target.ResponseCodeMismatch",
        "Description": f"Health checks failed with these codes: [{shown}]",
    }


def test_a_healthy_platform_has_no_finding(told: Patient, capsys: pytest.CaptureFixture[str]):
    doctor.run(told.place.session)
    assert capsys.readouterr().out.splitlines()[-1].endswith(" things: healthy")


def test_a_rolling_deployment_is_no_fault(told: Patient):
    initial = {
        "State": "initial",
        "Reason": "Elb.InitialHealthChecking",
        "Description": "Initial health checks in progress",
    }
    gone = stopped(told, BACKEND, "ServiceSchedulerInitiated", "Scaling activity initiated by (deployment ecs-svc/1)")
    old = deployment(told, BACKEND, "ACTIVE", "COMPLETED")
    state = Told("IN_PROGRESS", 4, [HEALTHY, HEALTHY, initial, initial, DRAINING], [gone], deployments=[old])
    tell(told, backend=state)
    assert roots(examined(told)) == []


def test_a_first_deployment_that_starts_is_no_fault(told: Patient):
    initial = {
        "State": "initial",
        "Reason": "Elb.RegistrationInProgress",
        "Description": "Target registration is in progress",
    }
    tell(told, backend=Told("IN_PROGRESS", 2, [initial, initial], events=["has started 2 tasks."]))
    assert roots(examined(told)) == []


def test_what_stopped_before_the_service_was_steady_again_is_history(told: Patient):
    dead = stopped(told, BACKEND, "TaskFailedToStart", NOT_FOUND.format("image"))
    dead.update(stoppedAt=time.time() - 3000)
    tell(told, backend=Told(stopped=[dead]))
    assert roots(examined(told)) == []


def deployment(patient: Patient, service: str, status: str, state: str, **changes: Any) -> dict[str, Any]:
    """One beside the newest."""
    described = patient.place.description(service)
    now = time.time()
    return {
        "id": f"ecs-svc/{secrets.randbelow(10**18)}",
        "taskDefinition": described["taskDefinition"],
        "status": status,
        "rolloutState": state,
        "rolloutStateReason": "",
        **{"runningCount": 0, "pendingCount": 0, "desiredCount": 0, "failedTasks": 3},
        **{"createdAt": now - 300, "updatedAt": now - 100},
        **changes,
    }


def test_an_image_that_is_not_in_the_registry(told: Patient):
    image = told.place.settings.image_uri("prodready-infra-api", "initial")
    dead = stopped(told, BACKEND, "TaskFailedToStart", NOT_FOUND.format(image), startedAt=None)
    tell(told, backend=Told("IN_PROGRESS", 0, [], [dead], failed=2))
    report = examined(told)
    assert roots(report) == [(BACKEND, "cannot-pull")]
    assert follows(report) == {"rolled-back", "no-healthy-target"}
    assert "ECR has no such image" in evidence(report)
    assert "ops build backend --env staging --target emulator" in fix(report)


def test_out_of_memory(told: Patient):
    dead = stopped(
        told,
        BACKEND,
        "EssentialContainerExited",
        "Essential container in task exited",
        {"exitCode": 137, "reason": "OutOfMemoryError: Container killed due to memory usage"},
    )
    tell(told, backend=Told("COMPLETED", 1, [HEALTHY, DRAINING], [dead]))
    report = examined(told)
    assert roots(report) == [(BACKEND, "out-of-memory")]
    assert "exit code 137" in evidence(report)
    assert "ecs.backend.container_memory" in fix(report)
    # Also where the service was steady again since.
    dead["stoppedAt"] = time.time() - 1800
    tell(told, backend=Told(stopped=[dead]))
    assert roots(examined(told)) == [(BACKEND, "out-of-memory")]


def test_a_killed_task_that_had_memory_left_is_no_fault(told: Patient):
    dead = stopped(told, BACKEND, "EssentialContainerExited", "Essential container in task exited", {"exitCode": 137})
    tell(told, backend=Told("COMPLETED", 1, [HEALTHY, DRAINING], [dead]))
    assert roots(examined(told)) == []


@pytest.mark.parametrize("how", ["deleted", "gone", "version"])
def test_a_secret_that_is_missing(patient: Patient, how: str):
    manager, arn = patient.client("secretsmanager"), patient.ids["secret"]
    if how == "version":
        definition = register(patient, BACKEND, secrets=[{"name": "DATABASE_URL", "valueFrom": f"{arn}:::{'0' * 32}"}])
        patient.client("ecs").update_service(
            cluster=patient.ids["cluster"],
            service=patient.place.settings.names.service(BACKEND).ecs_service,
            taskDefinition=definition,
        )
    else:
        manager.delete_secret(SecretId=arn, **({"ForceDeleteWithoutRecovery": True} if how == "gone" else {}))
    tell(patient)
    report = examined(patient)
    assert roots(report) == [(BACKEND, "secret-unreadable")]
    said = {"deleted": "is deleted since", "gone": "does not exist", "version": "has no version 000"}
    assert said[how] in evidence(report)
    # A task that fails for it is no cause of its own.
    dead = stopped(
        patient,
        BACKEND,
        "TaskFailedToStart",
        UNREADABLE.format("secret from asm", f"failed to fetch secret {arn}: ResourceNotFoundException"),
    )
    tell(patient, backend=Told("IN_PROGRESS", 0, [], [dead], failed=2))
    report = examined(patient)
    assert roots(report) == [(BACKEND, "secret-unreadable")]
    assert follows(report) == {"rolled-back", "no-healthy-target"}


BROKEN = 'Migration 2_b failed and was undone: relation "users" already exists'


@pytest.mark.parametrize(
    ("line", "mended"),
    [
        (BROKEN, "mend what it says and deploy again"),
        ('password authentication failed for user "postgres"', "raise db_password_version"),
    ],
)
def test_a_migration_that_failed(told: Patient, line: str, mended: str):
    dead = unmigrated(told, BACKEND, 2)
    write(told, BACKEND, dead, "waiting for nothing", line, container=MIGRATE)
    tell(told, backend=Told("IN_PROGRESS", 2, [HEALTHY, HEALTHY], [dead], failed=2))
    report = examined(told)
    assert roots(report) == [(BACKEND, "migration-failed")]
    assert follows(report) == {"rolled-back"}
    assert f"{MIGRATE} wrote" in evidence(report)
    assert line in evidence(report)
    assert mended in fix(report)


def test_a_refused_password_that_rds_owns_is_renewed_by_rds(told: Patient):
    dead = unmigrated(told, BACKEND, 1)
    write(told, BACKEND, dead, 'password authentication failed for user "postgres"', container=MIGRATE)
    tell(told, backend=Told("IN_PROGRESS", 2, [HEALTHY, HEALTHY], [dead], failed=2))
    report = examined(told, db_password_owner="rds")
    assert roots(report) == [(BACKEND, "migration-failed")]
    assert "--rotate-master-user-password --apply-immediately" in fix(report)
    assert "db_password_version" not in fix(report)


def test_a_migration_that_does_not_reach_the_database_is_the_databases_fault(told: Patient):
    dead = unmigrated(told, BACKEND, 1)
    write(told, BACKEND, dead, "connect ECONNREFUSED 10.1.4.7:5432", container=MIGRATE)
    tell(told, backend=Told("IN_PROGRESS", 2, [HEALTHY, HEALTHY], [dead], failed=2))
    report = examined(told)
    assert roots(report) == [("database", "database-unreachable")]
    assert follows(report) == {"migration-failed", "rolled-back"}


def test_a_secret_that_only_the_migration_gets(patient: Patient):
    patient.client("secretsmanager").delete_secret(SecretId=patient.ids["master_secret"])
    report = examined(patient)
    assert roots(report) == [(BACKEND, "secret-unreadable")]
    assert "the tasks get MIGRATION_DATABASE_URL from" in evidence(report)


def test_a_secret_that_the_execution_role_may_not_read(patient: Patient):
    role = patient.place.settings.names.service(BACKEND).execution_role
    patient.client("iam").delete_role_policy(RoleName=role, PolicyName=READ_SECRET)
    report = examined(patient)
    assert roots(report) == [(BACKEND, "secret-unreadable")] * 2
    for name, root in zip(("DATABASE_URL", "MIGRATION_DATABASE_URL"), report.roots, strict=True):
        assert f"secret of {name} may not be read by {role}" in root.finding.what


def test_a_role_that_has_a_policy_for_all_secrets_may_read_it(patient: Patient):
    iam, role = patient.client("iam"), patient.place.settings.names.service(BACKEND).execution_role
    iam.delete_role_policy(RoleName=role, PolicyName=READ_SECRET)
    statement = {"Effect": "Allow", "Action": "secretsmanager:Get*", "Resource": "*"}
    arn = iam.create_policy(
        PolicyName=role[:60], PolicyDocument=json.dumps({"Version": "2012-10-17", "Statement": statement})
    )["Policy"]["Arn"]
    iam.attach_role_policy(RoleName=role, PolicyArn=arn)
    assert roots(examined(patient)) == []


@pytest.mark.parametrize("how", ["route", "nat"])
def test_no_route_to_ecr(patient: Patient, how: str):
    ec2 = patient.client("ec2")
    if how == "route":
        ec2.delete_route(RouteTableId=patient.ids["private_table"], DestinationCidrBlock="0.0.0.0/0")
    else:
        ec2.delete_nat_gateway(NatGatewayId=patient.ids["nat"])
    reason = UNREADABLE.format("ecr registry auth", "dial tcp: i/o timeout")
    dead = stopped(patient, BACKEND, "TaskFailedToStart", reason)
    tell(patient, backend=Told("IN_PROGRESS", 0, [], [dead], failed=2))
    report = examined(patient)
    assert roots(report) == [("network", "no-route")]
    assert follows(report) == {"cannot-pull", "rolled-back", "no-healthy-target"}
    assert all(subnet in evidence(report) for subnet in patient.ids["private"])


def test_endpoints_stand_for_a_route(patient: Patient):
    ec2, ids = patient.client("ec2"), patient.ids
    ec2.delete_route(RouteTableId=ids["private_table"], DestinationCidrBlock="0.0.0.0/0")
    for service in ("ecr.api", "ecr.dkr", "logs", "secretsmanager", "s3"):
        ec2.create_vpc_endpoint(VpcId=ids["vpc"], ServiceName=f"com.amazonaws.us-east-2.{service}")
    assert roots(examined(patient)) == []


EDGES = {
    "alb": ("egress", "alb", 8080, "ecs", "load balancer to backend on 8080", BACKEND),
    "tasks": ("ingress", "ecs", 80, "alb", "load balancer to frontend on 80", FRONTEND),
    "database": ("ingress", "rds", 5432, "ecs", "tasks to database on 5432", BACKEND),
    "internet": ("egress", "ecs", 443, "0.0.0.0/0", "tasks to the internet on 443", BACKEND),
}


@pytest.mark.parametrize("edge", EDGES)
def test_a_security_group_edge_is_missing(patient: Patient, edge: str):
    direction, group, port, peer, name, service = EDGES[edge]
    revoke = getattr(patient.client("ec2"), f"revoke_security_group_{direction}")
    revoke(GroupId=patient.ids[group], IpPermissions=[permission(port, patient.ids.get(peer, peer))])
    report = examined(patient)
    assert roots(report) == [("network", "security-group-edge")]
    assert report.roots[0].finding.what.endswith(name)
    # What comes of it: time-outs of the health checks, or of the start.
    if edge in ("alb", "tasks"):
        late = {"State": "unhealthy", "Reason": "Target.Timeout", "Description": "Request timed out"}
        dead = stopped(
            patient, service, "ServiceSchedulerInitiated", "Task failed ELB health checks in (target-group x)"
        )
        tell(patient, **{service: Told("IN_PROGRESS", 2, [late, late], [dead, dead], failed=2)})
    elif edge == "database":
        dead = stopped(
            patient, service, "EssentialContainerExited", "Essential container in task exited", {"exitCode": 1}
        )
        write(patient, service, dead, "connect ETIMEDOUT 10.1.4.7:5432")
        tell(patient, **{service: Told("IN_PROGRESS", 0, [], [dead], failed=2)})
    else:
        dead = stopped(patient, service, "TaskFailedToStart", "CannotPullContainerError: dial tcp: i/o timeout")
        tell(patient, **{service: Told("IN_PROGRESS", 0, [], [dead], failed=2)})
    report = examined(patient)
    assert roots(report) == [("network", "security-group-edge")]
    assert {"rolled-back", "no-healthy-target"} <= follows(report)


def test_a_stopped_database(patient: Patient):
    name = patient.place.settings.names.database
    patient.client("rds").stop_db_instance(DBInstanceIdentifier=name)
    report = examined(patient)
    assert roots(report) == [("database", "database-unreachable")]
    endpoint = patient.place.aws.endpoint
    command = f"rds start-db-instance --db-instance-identifier {name}"
    assert f"`aws --region us-east-2 --endpoint-url {endpoint} {command}`" in fix(report)


def metric(patient: Patient, namespace: str, name: str, value: float, **dimensions: str) -> None:
    data = {
        "MetricName": name,
        "Value": value,
        "Timestamp": datetime.now(UTC) - timedelta(minutes=4),
        "Dimensions": [{"Name": key, "Value": each} for key, each in dimensions.items()],
    }
    patient.client("cloudwatch").put_metric_data(Namespace=namespace, MetricData=[data])


@pytest.mark.parametrize(("free", "found"), [(0.5, ["database-full"]), (3.0, [])])
def test_a_full_database(patient: Patient, free: float, found: list[str]):
    name = patient.place.settings.names.database
    metric(patient, "AWS/RDS", "FreeStorageSpace", free * 2**30, DBInstanceIdentifier=name)
    report = examined(patient)
    assert roots(report) == [("database", each) for each in found]
    assert not found or "512 MiB free of 20 GiB" in evidence(report)


def test_a_database_that_says_that_it_is_full(patient: Patient):
    name = patient.place.settings.names.database
    logs, group = patient.client("logs"), f"/aws/rds/instance/{name}/postgresql"
    logs.create_log_group(logGroupName=group)
    logs.create_log_stream(logGroupName=group, logStreamName=f"{name}.0")
    put(patient, group, f"{name}.0", ('ERROR:  could not extend file "base/1/2": No space left on device',))
    assert roots(examined(patient)) == [("database", "database-full")]


@pytest.mark.parametrize(
    ("line", "key"),
    [
        ('{"msg":"PostgreSQL is not ready","err":{"message":"connect ECONNREFUSED 10.1.4.7:5432"}}', "unreachable"),
        ('{"msg":"PostgreSQL is not ready","err":{"message":"sorry, too many clients already"}}', "crowded"),
        ('{"msg":"items are not ready","err":{"message":"connect ECONNREFUSED 10.1.2.7:443"}}', None),
        ('{"msg":"idle database connection lost","err":{"message":"terminating connection","code":"57P01"}}', None),
    ],
)
def test_what_a_task_writes_of_the_database_counts_until_it_is_served_again(
    patient: Patient, line: str, key: str | None
):
    expected = {"unreachable": "database-unreachable", "crowded": "out-of-connections"}
    name = patient.place.settings.names.service(BACKEND)
    task, stream = f"{BACKEND}/{address_of(BACKEND, 0)}", f"ecs/{name.container}/{address_of(BACKEND, 0)}"
    write(patient, BACKEND, {"taskArn": task}, line, at=time.time() - 400)
    assert roots(examined(patient)) == [], "too old"
    put(patient, name.log_group, stream, (line,), time.time() - 20)
    assert roots(examined(patient)) == ([("database", expected[key])] if key else [])
    put(patient, name.log_group, stream, ('{"method":"GET","path":"/api/ready","status":200,"ms":3}',))
    assert roots(examined(patient)) == []


def test_the_number_of_connections(patient: Patient):
    name = patient.place.settings.names.database
    metric(patient, "AWS/RDS", "DatabaseConnections", 80, DBInstanceIdentifier=name)
    assert roots(examined(patient)) == []
    metric(patient, "AWS/RDS", "DatabaseConnections", 99, DBInstanceIdentifier=name)
    report = examined(patient)
    assert roots(report) == [("database", "out-of-connections")]
    assert "99 connections of about 100" in evidence(report)


def give_up(patient: Patient, service: str, **container: Any) -> tuple[dict[str, Any], list[str]]:
    """A revision that the circuit breaker gave up, as a deployment, and the service's events of it."""
    lost = deployment(patient, service, "ACTIVE", "FAILED", taskDefinition=register(patient, service, **container))
    current = patient.place.description(service)["deployments"][0]["id"]
    events = [
        STEADY,
        f"(deployment {lost['id']}) deployment failed: tasks failed to start.",
        f"rolling back to deployment {current}.",
        f"(deployment {current}) deployment completed.",
        STEADY,
    ]
    return lost, events


def test_a_deployment_that_was_rolled_back_for_what_its_program_did(patient: Patient):
    lost, events = give_up(patient, BACKEND)
    dead = stopped(patient, BACKEND, "EssentialContainerExited", "Essential container in task exited", {"exitCode": 2})
    dead.update(taskDefinitionArn=lost["taskDefinition"], startedBy=lost["id"])
    write(patient, BACKEND, dead, "The environment of the API is not usable:", "  ITEMS_TABLE: is not set")
    tell(patient, backend=Told(stopped=[dead], events=events))
    report = examined(patient)
    assert roots(report) == [(BACKEND, "rolled-back")]
    family = patient.place.settings.names.service(BACKEND).task_family
    assert f"rolled back from {family}:2 to {family}:1" in report.roots[0].finding.what
    assert "exit code 2" in evidence(report)
    assert "ITEMS_TABLE: is not set" in evidence(report)
    # The next deployment that is completed is the answer to it.
    patient.client("ecs").update_service(
        cluster=patient.ids["cluster"],
        service=patient.place.settings.names.service(BACKEND).ecs_service,
        taskDefinition=register(patient, BACKEND),
    )
    done = patient.place.description(BACKEND)["deployments"][0]["id"]
    tell(patient, backend=Told(stopped=[dead], events=[*events, f"(deployment {done}) deployment completed.", STEADY]))
    assert roots(examined(patient)) == []


def unhealthy(task: dict[str, Any], reason: str) -> str:
    id_ = task["taskArn"].rpartition("/")[2]
    return f"(task {id_}) (port 8080) is unhealthy in (target-group x) due to (reason {reason})."


def elb_failures(patient: Patient, lost: dict[str, Any] | None = None) -> list[dict[str, Any]]:
    """Three tasks that were given up, of the newest deployment or another one."""
    dead = [
        stopped(patient, BACKEND, "ServiceSchedulerInitiated", "Task failed ELB health checks in (target-group x)")
        for _ in range(3)
    ]
    for each in dead if lost else []:
        each.update(taskDefinitionArn=lost["taskDefinition"], startedBy=lost["id"])
    return dead


def cycle(dead: list[dict[str, Any]], reason: str) -> list[str]:
    return [
        text
        for each in dead
        for text in (
            "registered 1 targets in (target-group x)",
            unhealthy(each, reason),
            "deregistered 1 targets in (target-group x)",
        )
    ]


def test_a_port_mismatch_explains_the_cycle_and_the_roll_back(told: Patient):
    lost, events = give_up(told, BACKEND)
    dead = elb_failures(told, lost)
    for each in dead:
        write(told, BACKEND, each, "\N{ROCKET} Server running on port 9000")
    events[1:1] = cycle(dead, "Health checks failed")
    tell(told, backend=Told(stopped=dead, events=events))
    report = examined(told)
    assert roots(report) == [(BACKEND, "port-mismatch")]
    assert follows(report) == {"deregistration-cycle", "rolled-back"}
    assert "the application listens on 9000, the load balancer sends to 8080" in report.roots[0].finding.what


@pytest.mark.parametrize("place", ["check", "PORT"])
def test_a_port_mismatch_that_the_settings_show(patient: Patient, place: str):
    if place == "check":
        arn = patient.ids["backend_group"]
        patient.client("elbv2").modify_target_group(TargetGroupArn=arn, HealthCheckPort="9090")
    else:
        ecs, name = patient.client("ecs"), patient.place.settings.names.service(BACKEND).ecs_service
        changed = register(patient, BACKEND, environment=[{"name": "PORT", "value": "9000"}])
        ecs.update_service(cluster=patient.ids["cluster"], service=name, taskDefinition=changed)
    tell(patient)
    assert roots(examined(patient)) == [], "as long as the load balancer gets its answers"
    tell(patient, backend=Told("COMPLETED", 2, [REFUSED, REFUSED]))
    report = examined(patient)
    assert roots(report) == [(BACKEND, "port-mismatch")]
    assert follows(report) == {"no-healthy-target"}


@pytest.mark.parametrize(
    ("code", "key"),
    [
        (404, "health-path-wrong"),
        (302, "health-path-wrong"),
        (401, "health-path-needs-login"),
        (403, "health-path-needs-login"),
    ],
)
def test_what_the_health_check_is_answered(told: Patient, code: int, key: str):
    state = Told("COMPLETED", 2, [codes(code), codes(code)])
    tell(told, frontend=state)
    report = examined(told)
    assert roots(report) == [(FRONTEND, key)]
    assert follows(report) == {"no-healthy-target"}
    assert "ecs.frontend.health_check_path" in fix(report)


def test_the_newest_answer_counts_where_the_check_was_changed(told: Patient):
    """Of the last task that was judged nothing else is known: its target is draining, and it has not stopped yet."""
    (earlier, _, leaving) = elb_failures(told)
    events = [
        STEADY,
        *cycle([earlier], "Health checks failed with these codes: [401]"),
        *cycle([leaving], "Health checks failed with these codes: [404]"),
    ]
    tell(told, backend=Told("COMPLETED", 1, [HEALTHY], [earlier], events))
    assert roots(examined(told)) == [(BACKEND, "health-path-wrong")]


def test_a_health_check_that_was_changed_by_hand_is_told_from_a_wrong_setting(patient: Patient):
    elb = patient.client("elbv2")
    elb.modify_target_group(TargetGroupArn=patient.ids["backend_group"], HealthCheckPath="/nowhere")
    tell(patient, backend=Told("COMPLETED", 2, [codes(404), codes(404)]))
    report = examined(patient)
    assert roots(report) == [(BACKEND, "health-path-wrong")]
    assert "changed beside Terraform" in fix(report)


@pytest.mark.parametrize(
    ("lines", "after", "key"),
    [
        (("starting", "listening on 8080"), 5, "grace-too-short"),
        (("starting", "loading 40000 rules"), -30, "grace-too-short"),
        (("starting", "listening on 8080"), -30, "rolled-back"),
        (("nothing to see",), -30, "rolled-back"),
    ],
)
def test_a_grace_period_that_is_shorter_than_the_start(told: Patient, lines: tuple[str, ...], after: float, key: str):
    lost, events = give_up(told, BACKEND)
    dead = elb_failures(told, lost)
    for each in dead:
        write(told, BACKEND, each, *lines, at=each["stoppingAt"] + after)
    events[1:1] = cycle(dead, "Health checks failed")
    tell(told, backend=Told(stopped=dead, events=events))
    report = examined(told)
    assert roots(report) == [(BACKEND, key)]
    assert key != "grace-too-short" or "healthCheckGracePeriodSeconds 60" in evidence(report)


def test_a_cycle_whose_cause_nothing_tells(told: Patient):
    dead = elb_failures(told)
    state = Told("COMPLETED", 2, [codes(500), codes(500)], dead, [STEADY, *cycle(dead, codes(500)["Description"])])
    tell(told, backend=state)
    report = examined(told)
    assert roots(report) == [(BACKEND, "deregistration-cycle")]
    assert follows(report) == {"no-healthy-target"}
    assert "these codes: [500]" in evidence(report)


def test_targets_that_nobody_registered(told: Patient):
    tell(told, backend=Told("COMPLETED", 2, []))
    report = examined(told)
    assert roots(report) == [(BACKEND, "no-healthy-target")]
    assert "0 registered, 2 of 2 tasks run" in report.roots[0].finding.what


def test_a_service_without_tasks(patient: Patient):
    name = patient.place.settings.names.service(BACKEND).ecs_service
    patient.client("ecs").update_service(cluster=patient.ids["cluster"], service=name, desiredCount=0)
    tell(patient, backend=Told("COMPLETED", 0, [], desired=0))
    report = examined(patient)
    assert roots(report) == [(BACKEND, "no-healthy-target")]
    assert "--desired-count 2" in fix(report)


@pytest.mark.parametrize(("desired", "cpu", "found"), [(10, 91.0, True), (10, 40.0, False), (4, 91.0, False)])
def test_autoscaling_at_its_maximum(patient: Patient, desired: int, cpu: float, found: bool):
    settings = patient.place.settings
    name = settings.names.service(BACKEND).ecs_service
    patient.client("ecs").update_service(cluster=patient.ids["cluster"], service=name, desiredCount=desired)
    metric(patient, "AWS/ECS", "CPUUtilization", cpu, ClusterName=settings.names.cluster, ServiceName=name)
    tell(patient, backend=Told("COMPLETED", desired, [HEALTHY] * desired, desired=desired))
    report = examined(patient)
    assert roots(report) == ([(BACKEND, "autoscaling-pinned")] if found else [])
    assert not found or "ecs.backend.max_capacity" in fix(report)


@pytest.mark.parametrize("how", ["client", "pool", "another pool"])
def test_a_cognito_client_that_is_not_the_pools(patient: Patient, how: str):
    ids = patient.ids
    given = {"COGNITO_CLIENT_ID": ids["client"], "COGNITO_USER_POOL_ID": ids["pool"], "PORT": "8080"}
    if how == "client":
        given["COGNITO_CLIENT_ID"] = "0123456789abcdefghijklmnop"
    elif how == "pool":
        given["COGNITO_USER_POOL_ID"] = "us-east-2_Nowhere00"
    else:
        cognito = patient.client("cognito-idp")
        other = cognito.create_user_pool(PoolName="of-somebody-else")["UserPool"]["Id"]
        client = cognito.create_user_pool_client(UserPoolId=other, ClientName="web")["UserPoolClient"]["ClientId"]
        given.update(COGNITO_USER_POOL_ID=other, COGNITO_CLIENT_ID=client)
    ecs, name = patient.client("ecs"), patient.place.settings.names.service(BACKEND).ecs_service
    changed = register(patient, BACKEND, environment=[{"name": key, "value": each} for key, each in given.items()])
    ecs.update_service(cluster=ids["cluster"], service=name, taskDefinition=changed)
    tell(patient)
    report = examined(patient)
    assert roots(report) == [(BACKEND, "cognito-mismatch")]
    assert ids["pool"] in evidence(report)


def lock(patient: Patient, minutes: float) -> None:
    created = (datetime.now(UTC) - timedelta(minutes=minutes)).isoformat()
    info = {"ID": "1-2-3", "Who": "ada@laptop", "Operation": "OperationTypeApply", "Created": created}
    healthy.put_item(patient, patient.place.session.backend.lock_id, "Info", json.dumps(info))


def test_a_stale_lock(patient: Patient):
    lock(patient, 30)
    assert roots(examined(patient)) == []
    lock(patient, 90)
    report = examined(patient)
    assert roots(report) == [("state", "stale-lock")]
    assert "ada@laptop" in evidence(report)
    assert "ops unlock --env staging" in fix(report)


def test_a_digest_that_is_not_the_states(patient: Patient):
    lock_id = patient.place.session.backend.lock_id
    healthy.put_item(patient, f"{lock_id}-md5", "Digest", hashlib.md5(b"older").hexdigest())
    report = examined(patient)
    assert roots(report) == [("state", "state-digest")]
    assert "ops state rollback SERIAL --env staging" in fix(report)
    # While an apply holds the lock, the one is written before the other.
    lock(patient, 1)
    assert roots(examined(patient)) == []


def test_two_faults_are_two_causes(patient: Patient):
    lock(patient, 90)
    tell(patient, backend=Told("COMPLETED", 2, [codes(404)] * 2), frontend=Told("COMPLETED", 2, [codes(403)] * 2))
    found = [(BACKEND, "health-path-wrong"), (FRONTEND, "health-path-needs-login"), ("state", "stale-lock")]
    assert roots(examined(patient)) == found


def test_the_report_names_one_root_and_what_follows(told: Patient, capsys: pytest.CaptureFixture[str]):
    tell(told, backend=Told("COMPLETED", 2, [codes(404)] * 2))
    with pytest.raises(CommandError, match="backend: health check path wrong: /api/health is not there") as failed:
        doctor.run(told.place.session)
    assert failed.value.exit_code == 1
    lines = capsys.readouterr().out.splitlines()
    assert lines[0].startswith("backend: health check path wrong")
    assert [line.split()[0] for line in lines if line.startswith("  ") and line[2] != " "] == [
        "where",
        "evidence",
        "fix",
        "follows",
    ]
    assert any("no-healthy-target: backend: no healthy target" in line for line in lines)
    assert lines[-1].endswith("things, 1 cause")


def test_the_answer_for_machines_is_a_list(told: Patient, capsys: pytest.CaptureFixture[str]):
    place = told.place.session
    session = Session(place.settings, work=place.work, target="emulator", as_json=True)
    tell(told, backend=Told("COMPLETED", 2, [codes(404)] * 2))
    with pytest.raises(CommandError):
        doctor.run(session)
    (cause,) = json.loads(capsys.readouterr().out)
    assert (cause["cause"], cause["subject"]) == ("health-path-wrong", "backend")
    assert [each["cause"] for each in cause["follows"]] == ["no-healthy-target"]
    tell(told)
    doctor.run(session)
    assert json.loads(capsys.readouterr().out) == []


def test_what_is_refused_is_a_line_and_no_crash(
    told: Patient, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
):
    refuse(monkeypatch, "rds", "describe_db_instances")
    tell(told, backend=Told("COMPLETED", 2, [codes(404)] * 2))
    with pytest.raises(CommandError, match="health check path wrong"):
        doctor.run(told.place.session)
    out = capsys.readouterr().out
    assert f"could not look at database {told.place.settings.names.database}: " in out
    assert "AccessDenied" in out
    tell(told)
    doctor.run(told.place.session)
    assert capsys.readouterr().out.splitlines()[-1].endswith("nothing wrong in what could be seen")


def test_without_a_look_at_the_services_there_is_no_diagnosis(told: Patient, monkeypatch: pytest.MonkeyPatch):
    refuse(monkeypatch, "ecs", "describe_services")
    with pytest.raises(UserError, match="may not look at the services"):
        doctor.run(told.place.session)


def refuse(monkeypatch: pytest.MonkeyPatch, service: str, method: str) -> None:
    """Every client that is made from now on is refused one thing."""
    make = Aws.client

    def denied(**_arguments: Any) -> None:
        raise ClientError({"Error": {"Code": "AccessDenied", "Message": "not authorized to perform"}}, method)

    def client(self: Aws, name: str) -> Any:
        made = make(self, name)
        if name == service:
            setattr(made, method, denied)
        return made

    monkeypatch.setattr(Aws, "client", client)


def test_an_environment_that_was_never_applied_is_refused(emulator: Record, settings: dict[str, Settings], work: Work):
    place = make_place(emulator, settings["staging"], work, secrets.token_hex(4))
    with pytest.raises(UserError, match="nothing of staging is applied"):
        doctor.run(place.session)


PLACES = ("tests/ops/checks/live/test_causes.py", "tests/apply/test_doctor.py")


def test_every_cause_is_tried_by_itself():
    tests = "".join((ROOT / path).read_text() for path in PLACES)
    assert [each.key for each in CAUSES if f'"{each.key}"' not in tests] == []
