"""What a diagnosis is made of: lines that name a port, roll backs in events, policies, edges, consequences."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from ops.checks.facts import events, policies
from ops.checks.facts.events import Event
from ops.checks.facts.log_lines import Line
from ops.checks.facts.security_groups import ALL, Rule, lets
from ops.checks.facts.tasks import Death, Task
from ops.checks.live.causes.table import CAUSES
from ops.checks.live.findings import Diagnosis, Finding
from ops.checks.live.ranking import rank

NOW = datetime(2026, 11, 24, 12, tzinfo=UTC)
BY_KEY = {each.key: each for each in CAUSES}


@pytest.mark.parametrize(
    ("text", "port"),
    [
        ('{"level":"info","time":"2026-11-24T06:00:00.000Z","port":8080,"msg":"listening"}', 8080),
        ("listening on 9000", 9000),
        ("\N{ROCKET} Server running on port 9000", 9000),
        ("Uvicorn running on http://0.0.0.0:8000 (Press CTRL+C to quit)", 8000),
        ("Tomcat started on port(s): 8081 (http)", 8081),
        ("14:18:41 App listening at http://[::]:3000", 3000),
        ("listening", None),
        ("Error: listen EADDRINUSE: address already in use :::9000", None),
        ("connect ECONNREFUSED 10.1.4.7:5432", None),
        ('{"method":"GET","path":"/api/items","status":200,"ms":12,"msg":"request"}', None),
        ("GET http://10.1.2.4:8080/api/health 200", None),
    ],
)
def test_a_line_says_which_port_its_program_listens_on(text: str, port: int | None):
    assert Line(NOW, text).port == port


def told(*messages: str) -> list[Event]:
    """Newest first, as ECS lists them."""
    return [Event(NOW - timedelta(seconds=n), f"(service api) {text}") for n, text in enumerate(messages)]


COMPLETED, STEADY = "(deployment ecs-svc/1) deployment completed.", "has reached a steady state."
FAILED, BACK = (
    "(deployment ecs-svc/2) deployment failed: tasks failed to start.",
    "rolling back to deployment ecs-svc/1.",
)


@pytest.mark.parametrize(
    ("messages", "primary", "found"),
    [
        ([STEADY, COMPLETED, BACK, FAILED, STEADY, COMPLETED], "ecs-svc/1", ("ecs-svc/2", "ecs-svc/1")),
        ([FAILED, BACK, STEADY], "ecs-svc/1", ("ecs-svc/2", "ecs-svc/1")),
        ([FAILED], "ecs-svc/2", ("ecs-svc/2", None)),
        ([STEADY, "(deployment ecs-svc/3) deployment completed.", STEADY, BACK, FAILED], "ecs-svc/3", None),
        (["has started 2 tasks.", STEADY, COMPLETED, BACK, FAILED], "ecs-svc/3", None),
        ([STEADY, COMPLETED], "ecs-svc/1", None),
    ],
)
def test_a_roll_back_counts_until_another_deployment_comes(
    messages: list[str], primary: str, found: tuple[str, str | None] | None
):
    gone = events.gave_up(told(*messages), primary)
    assert (gone and (gone.deployment, gone.back_to)) == found


@pytest.mark.parametrize(
    ("code", "reason", "container", "death"),
    [
        ("TaskFailedToStart", "CannotPullContainerError: pull image manifest: not found", "", Death.PULL),
        ("TaskFailedToStart", "ResourceInitializationError: unable to pull secrets or registry auth: execution "
         "resource retrieval failed: unable to retrieve ecr registry auth: dial tcp: i/o timeout", "", Death.PULL),
        ("TaskFailedToStart", "ResourceInitializationError: unable to pull secrets or registry auth: execution "
         "resource retrieval failed: unable to retrieve secret from asm: AccessDeniedException", "", Death.START),
        ("EssentialContainerExited", "Essential container in task exited",
         "OutOfMemoryError: Container killed due to memory usage", Death.MEMORY),
        ("EssentialContainerExited", "Essential container in task exited",
         "CannotStartContainerError: dependency graph: failed to resolve container ordering dependency "
         "[migrate (STOPPED->RUNNING) - Exit: 2] for target [c (NONE->RUNNING)]", Death.INIT),
        ("EssentialContainerExited", "Essential container in task exited", "", Death.EXIT),
        ("ServiceSchedulerInitiated", "Task failed ELB health checks in (target-group x)", "", Death.HEALTH),
        ("ServiceSchedulerInitiated", "Task failed container health checks", "", Death.HEALTH),
        ("ServiceSchedulerInitiated", "Scaling activity initiated by (deployment ecs-svc/1)", "", Death.ASKED),
        ("TaskFailedToStart", "CannotStartContainerError: no such file", "", Death.OTHER),
    ],
)  # fmt: skip
def test_what_a_task_died_of(code: str, reason: str, container: str, death: Death):
    found = {
        "taskArn": "arn:aws:ecs:r:1:task/c/1",
        "taskDefinitionArn": "arn:aws:ecs:r:1:task-definition/f:1",
        "lastStatus": "STOPPED",
        "stopCode": code,
        "stoppedReason": reason,
        "containers": [{"name": "c", "reason": container, "exitCode": 137}],
    }
    assert Task.of(found).death is death


def test_of_two_containers_the_one_that_failed_tells_why_the_task_ended():
    waited = "CannotStartContainerError: dependency graph: failed to resolve container ordering dependency [m] for [c]"
    found = {
        "taskArn": "arn:aws:ecs:r:1:task/c/1",
        "taskDefinitionArn": "arn:aws:ecs:r:1:task-definition/f:1",
        "lastStatus": "STOPPED",
        "stopCode": "EssentialContainerExited",
        "stoppedReason": "Essential container in task exited",
    }
    failed = Task.of(
        {**found, "containers": [{"name": "c", "reason": waited, "exitCode": 143}, {"name": "m", "exitCode": 2}]}
    )
    assert (failed.container, failed.exit_code, failed.death) == ("m", 2, Death.INIT)
    ended = Task.of({**found, "containers": [{"name": "m", "exitCode": 0}, {"name": "c", "exitCode": 1}]})
    assert (ended.container, ended.exit_code, ended.death) == ("c", 1, Death.EXIT)


SECRET = "arn:aws:secretsmanager:r:1:secret:url-AbCdEf"


@pytest.mark.parametrize(
    ("statements", "expected"),
    [
        ([("Allow", ["secretsmanager:GetSecretValue"], [SECRET])], True),
        ([("Allow", "secretsmanager:*", "arn:aws:secretsmanager:r:1:secret:url-??????")], True),
        ([("Allow", "*", "*")], True),
        ([("Allow", "SecretsManager:getsecretvalue", "*")], True),
        ([("Allow", "secretsmanager:GetSecretValue", f"{SECRET}x")], False),
        ([("Allow", "secretsmanager:DescribeSecret", "*")], False),
        ([("Allow", "*", "*"), ("Deny", "secretsmanager:*", "*")], False),
        ([], False),
    ],
)
def test_whether_policies_allow_to_read_a_secret(statements: list[tuple[str, object, object]], expected: bool):
    documents = [
        {"Statement": {"Effect": effect, "Action": action, "Resource": resource}}
        for effect, action, resource in statements
    ]
    assert policies.allows(documents, "secretsmanager:GetSecretValue", SECRET) is expected


@pytest.mark.parametrize(
    ("rule", "expected"),
    [
        (Rule("tcp", 8080, 8080, ("sg-1",), (), ()), True),
        (Rule("tcp", 8000, 9000, (), ("10.1.0.0/16",), ()), True),
        (Rule(ALL, 0, 65535, (), ("0.0.0.0/0",), ()), True),
        (Rule("tcp", 8080, 8080, ("sg-2",), (), ()), False),
        (Rule("tcp", 8080, 8080, (), ("10.1.2.0/24",), ()), False),
        (Rule("tcp", 80, 80, ("sg-1",), (), ()), False),
        (Rule("udp", 8080, 8080, ("sg-1",), (), ()), False),
    ],
)
def test_what_a_rule_lets_through(rule: Rule, expected: bool):
    assert lets([rule], 8080, groups=["sg-1"], cidrs=["10.1.2.0/24", "10.1.3.0/24"]) is expected


def diagnosis(
    key: str, subject: str = "backend", affects: tuple[str, ...] = (), deaths: Iterable[Death] = ()
) -> Diagnosis:
    return Diagnosis(BY_KEY[key], Finding(subject, key, "", (), (), affects, frozenset(deaths)))


CHAIN = {"first": ("second",), "second": ("third",), "third": ()}


def ranked(*found: Diagnosis) -> list[tuple[str, list[str]]]:
    return [(root.cause.key, [each.cause.key for each in root.follows]) for root in rank(found)]


def test_a_consequence_is_below_its_root_also_over_several_steps():
    found = [
        diagnosis("no-route", "network", ("backend", "frontend")),
        diagnosis("cannot-pull"),
        diagnosis("rolled-back", deaths=[Death.PULL]),
        diagnosis("no-healthy-target"),
    ]
    assert ranked(*found) == [("no-route", ["cannot-pull", "rolled-back", "no-healthy-target"])]
    steps = [replace(BY_KEY["stale-lock"], key=key, explains=explains) for key, explains in CHAIN.items()]
    found = [Diagnosis(cause, Finding("state", cause.key, "", (), ())) for cause in reversed(steps)]
    assert ranked(*found) == [("first", ["third", "second"])]


def test_a_consequence_of_another_service_has_a_cause_of_its_own():
    found = [diagnosis("port-mismatch"), diagnosis("no-healthy-target", "frontend")]
    assert ranked(*found) == [("port-mismatch", []), ("no-healthy-target", [])]


def test_what_tasks_died_of_tells_whose_consequence_it_is():
    found = [
        diagnosis("database-unreachable", "database", ("backend",)),
        diagnosis("rolled-back", deaths=[Death.MEMORY]),
    ]
    assert ranked(*found) == [("database-unreachable", []), ("rolled-back", [])]


def test_the_table_has_no_circle_and_knows_every_key_it_names():
    seen: list[str] = []
    for cause in CAUSES:
        assert not {*cause.explains} & {*seen, cause.key}, f"{cause.key} explains what comes before it"
        assert {*cause.explains} <= {*BY_KEY}
        seen.append(cause.key)
    assert len({*seen}) == len(CAUSES)
