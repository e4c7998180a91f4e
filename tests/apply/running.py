"""A running rehearsal, as the tests look at it and change it."""

from __future__ import annotations

import contextlib
import json
import socket
import subprocess
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any
from urllib.error import HTTPError
from urllib.request import Request, urlopen

from ops.core.aws import Aws
from ops.core.console import Display
from ops.core.paths import Work
from rehearsal import process, progress
from tests.support import ROOT

APP = ROOT / "app"
NAME = "staging"
CLUSTER = "prodready-infra-cluster-staging"
BACKEND = "prodready-infra-backend-service-staging"
FRONTEND = "prodready-infra-frontend-service-staging"


@dataclass
class Rehearsal:
    """A running rehearsal."""

    work: Work
    aws: Aws
    setup: process.Setup

    @property
    def status(self) -> dict[str, Any]:
        status = process.read_status(self.work, NAME)
        assert status is not None
        return status

    @property
    def url(self) -> str:
        (url,) = self.status["front_doors"].values()
        return url.replace("localhost", "127.0.0.1")

    def service(self, name: str) -> dict[str, Any]:
        return next(each for each in self.status["services"] if each["name"] == name)

    def tasks(self, name: str) -> list[dict[str, Any]]:
        return running(self.service(name))

    def described(self, name: str) -> dict[str, Any]:
        """The service as the API tells it."""
        (found,) = self.aws.client("ecs").describe_services(cluster=CLUSTER, services=[name])["services"]
        return found

    def messages(self, name: str) -> list[str]:
        """Of the service's events, newest first, without its name."""
        return [each["message"].removeprefix(f"(service {name}) ") for each in self.described(name)["events"]]

    def described_tasks(self, name: str, status: str) -> list[dict[str, Any]]:
        """The service's tasks of a desired status, as the API tells them."""
        ecs = self.aws.client("ecs")
        arns = ecs.list_tasks(cluster=CLUSTER, serviceName=name, desiredStatus=status)["taskArns"]
        return ecs.describe_tasks(cluster=CLUSTER, tasks=arns)["tasks"] if arns else []

    def targets(self, name: str) -> list[dict[str, Any]]:
        """The targets of the service's target group, as the API tells them."""
        (group,) = self.described(name)["loadBalancers"]
        answer = self.aws.client("elbv2").describe_target_health(TargetGroupArn=group["targetGroupArn"])
        return answer["TargetHealthDescriptions"]

    def wait(self, since: float | None = None) -> dict[str, Any]:
        """Until steady; raises for a deployment that failed since then, or else from now on."""
        since = time.time() if since is None else since
        with Display().step("steady") as step:
            return progress.wait_until_steady(self.work, NAME, self.aws, CLUSTER, since, step, print)

    def deploy(self, service: str, *, before: dict[str, Any] | None = None, **changes: Any) -> None:
        """Register the service's task definition once more, with changes of its container, and update the service.

        `before` are changes of what runs before the container.
        """
        ecs = self.aws.client("ecs")
        (found,) = ecs.describe_services(cluster=CLUSTER, services=[service])["services"]
        old = ecs.describe_task_definition(taskDefinition=found["taskDefinition"])["taskDefinition"]
        kept = ("family", "taskRoleArn", "executionRoleArn", "networkMode", "requiresCompatibilities", "cpu", "memory")
        first, *others = old["containerDefinitions"]
        containers = [{**first, **changes}, *({**each, **(before or {})} for each in others)]
        new = ecs.register_task_definition(
            **{key: old[key] for key in kept if key in old}, containerDefinitions=containers
        )
        arn = new["taskDefinition"]["taskDefinitionArn"]
        ecs.update_service(cluster=CLUSTER, service=service, taskDefinition=arn)


@dataclass
class Watch:
    """What the API said of a service's deployments and targets, each change once, and after how many seconds."""

    deployments: list[tuple[float, list[dict[str, Any]]]] = field(default_factory=list)
    targets: list[tuple[float, dict[str, str]]] = field(default_factory=list)

    def look(self, rehearsal: Rehearsal, name: str, after: float) -> None:
        found = rehearsal.described(name)["deployments"]
        if not self.deployments or _states(found) != _states(self.deployments[-1][1]):
            self.deployments.append((after, found))
        for each in rehearsal.targets(name):
            if each["TargetHealth"] not in (told for _, told in self.targets):
                self.targets.append((after, each["TargetHealth"]))

    def __str__(self) -> str:
        lines = [
            f"  {after:5.1f} s {each['status']} {each['id'][-6:]} {each['rolloutState']} "
            f"{each['runningCount']}+{each['pendingCount']} of {each['desiredCount']}, {each['failedTasks']} failed: "
            f"{each['rolloutStateReason']}"
            for after, found in self.deployments
            for each in found
        ]
        return "\n".join([*lines, *(f"  {after:5.1f} s {told}" for after, told in self.targets)])


def _states(deployments: list[dict[str, Any]]) -> list[tuple[Any, ...]]:
    keys = ("id", "status", "rolloutState", "rolloutStateReason", "runningCount", "failedTasks")
    return [tuple(each[key] for key in keys) for each in deployments]


@contextlib.contextmanager
def watched(rehearsal: Rehearsal, name: str) -> Iterator[Watch]:
    """Ask the API all through the body."""
    watch, over, started = Watch(), threading.Event(), time.monotonic()

    def ask() -> None:
        while not over.wait(0.1):
            watch.look(rehearsal, name, time.monotonic() - started)

    thread = threading.Thread(target=ask)
    thread.start()
    try:
        yield watch
    finally:
        over.set()
        thread.join()
        watch.look(rehearsal, name, time.monotonic() - started)


def running(service: dict[str, Any]) -> list[dict[str, Any]]:
    return [task for task in service["tasks"] if task["status"] == "RUNNING"]


def call(url: str, method: str = "GET", body: object = None, token: str = "", timeout: float = 60) -> tuple[int, Any]:
    headers = {"Content-Type": "application/json", **({"Authorization": f"Bearer {token}"} if token else {})}
    data = json.dumps(body).encode() if body is not None else None
    try:
        with urlopen(Request(url, data, headers, method=method), timeout=timeout) as response:
            text = response.read()
            status = response.status
    except HTTPError as error:
        text, status = error.read(), error.code
    with contextlib.suppress(ValueError):
        return status, json.loads(text)
    return status, text.decode()


PATIENCE = 5
"""How many times as long as it takes on a machine of its own a wait may take on one that much else runs on."""


def eventually(condition: Callable[[], object], seconds: float, what: str) -> float:
    """Wait for it, which takes at most so many seconds on an idle machine; the seconds it took."""
    started = time.monotonic()
    while time.monotonic() - started < seconds * PATIENCE:
        with contextlib.suppress(OSError):
            if condition():
                return time.monotonic() - started
        time.sleep(0.1)
    raise AssertionError(f"not within {seconds} s: {what}")


def listens(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0


def ports(status: dict[str, Any]) -> list[int]:
    """Every loopback port of a rehearsal."""
    return [
        *(int(url.rpartition(":")[2]) for url in status["front_doors"].values()),
        *(port for service in status["services"] for task in running(service) for port in task["ports"].values()),
        *(database["port"] for database in status["databases"]),
    ]


def environment_of(rehearsal: Rehearsal) -> list[dict[str, str]]:
    """The backend's variables as deployed."""
    arn = rehearsal.service(BACKEND)["revision"]
    found = rehearsal.aws.client("ecs").describe_task_definition(taskDefinition=arn)["taskDefinition"]
    return found["containerDefinitions"][0]["environment"]


MASTER_URL = "prodready-infra-database-url-staging"
APPLICATION_URL = "prodready-infra-database-url-application-staging"


def secret(rehearsal: Rehearsal, name: str) -> str:
    return rehearsal.aws.client("secretsmanager").get_secret_value(SecretId=name)["SecretString"]


def database(rehearsal: Rehearsal, sql: str, *, ssl: bool = True) -> str:
    """The rows as JSON, asked as the master user, by the API's own driver."""
    url = secret(rehearsal, MASTER_URL)
    script = """
      const { Client } = require('pg')
      const [url, port, ssl, sql] = process.argv.slice(1)
      const { username, password, pathname } = new URL(url)
      const client = new Client({ host: '127.0.0.1', port: Number(port), user: decodeURIComponent(username),
        password: decodeURIComponent(password), database: pathname.slice(1),
        ssl: ssl === 'true' && { rejectUnauthorized: false } })
      client.connect().then(() => client.query(sql)).then(({ rows }) => console.log(JSON.stringify(rows)))
        .then(() => client.end()).catch((error) => { console.error(error.message); process.exit(1) })
    """
    port = str(rehearsal.status["databases"][0]["port"])
    command = ["node", "-e", script, url, port, str(ssl).lower(), sql]
    answer = subprocess.run(command, cwd=APP / "api", capture_output=True, text=True, timeout=120, check=True)
    return answer.stdout
