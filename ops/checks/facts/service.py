"""One ECS service: what should run, what runs, what stopped and why."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from functools import cached_property

from environments.names import ServiceNames
from ops.checks.facts import events, log_lines, targets
from ops.checks.facts.events import Event, GaveUp
from ops.checks.facts.log_lines import Line
from ops.checks.facts.looking import Json, Looking
from ops.checks.facts.targets import TargetGroup
from ops.checks.facts.tasks import Death, Task
from ops.delivery import deployed

FIRST_LINES, LAST_LINES = 40, 100
"""Of a task's log: what it says at its start, and what it said last."""
MEMORY_SPAN = timedelta(hours=1)
"""A task that runs out of memory now and then leaves a steady service behind; ECS tells of stopped ones for an hour."""


class Service:
    """A service that exists; raises Unseen where AWS refuses to tell of it."""

    def __init__(self, looking: Looking, name: str, description: Json) -> None:
        self.name = name
        """backend or frontend."""
        self.description = description
        self._looking = looking

    @property
    def names(self) -> ServiceNames:
        return self._looking.settings.names.service(self.name)

    @property
    def desired(self) -> int:
        return self.description["desiredCount"]

    @cached_property
    def primary(self) -> Json:
        return deployed.primary(self.description)

    @property
    def subnets(self) -> list[str]:
        return self.description["networkConfiguration"]["awsvpcConfiguration"]["subnets"]

    @property
    def security_groups(self) -> list[str]:
        return self.description["networkConfiguration"]["awsvpcConfiguration"]["securityGroups"]

    def definition(self, arn: str) -> Json:
        ecs = self._looking.client("ecs")
        return self._looking.at(
            f"task definition {deployed.revision(arn)}",
            lambda: ecs.describe_task_definition(taskDefinition=arn)["taskDefinition"],
        )

    def container(self, arn: str = "") -> Json:
        """The container that the load balancer sends to, of the newest deployment's revision or another one."""
        found: list[Json] = self.definition(arn or self.primary["taskDefinition"])["containerDefinitions"]
        balanced = {each["containerName"] for each in self.description["loadBalancers"]}
        return next((each for each in found if each["name"] in balanced), found[0])

    @property
    def port(self) -> int:
        """The container's, to which the load balancer sends."""
        return next((each["containerPort"] for each in self.description["loadBalancers"]), 0)

    @property
    def image(self) -> str:
        return self.container()["image"]

    @property
    def uses_database(self) -> bool:
        """Whether its tasks get the database's URL."""
        given = [*self.container().get("secrets", []), *self.container().get("environment", [])]
        return any(each["name"] == "DATABASE_URL" for each in given)

    @cached_property
    def events(self) -> list[Event]:
        """Newest first."""
        return events.of(self.description)

    @cached_property
    def tasks(self) -> list[Task]:
        """Those that run, are about to, or are about to stop."""
        return self._looking.at(f"tasks of the {self.name}", lambda: self._tasks("RUNNING"))

    @cached_property
    def stopped(self) -> list[Task]:
        """What ECS still tells of, newest first."""
        found = self._looking.at(f"stopped tasks of the {self.name}", lambda: self._tasks("STOPPED"))
        # One without a time is about to stop.
        return sorted(found, key=lambda each: each.stopped or self._looking.now, reverse=True)

    def _tasks(self, status: str) -> list[Task]:
        ecs, cluster = self._looking.client("ecs"), self.description["clusterArn"]
        arns: list[str] = ecs.list_tasks(
            cluster=cluster, serviceName=self.description["serviceName"], desiredStatus=status
        )["taskArns"]
        found: list[Json] = ecs.describe_tasks(cluster=cluster, tasks=arns[:100])["tasks"] if arns else []
        return [Task.of(each) for each in found]

    @cached_property
    def group(self) -> TargetGroup | None:
        """Its target group, where the load balancer finds its tasks."""
        arn = next((each["targetGroupArn"] for each in self.description["loadBalancers"]), None)
        if arn is None:
            return None
        return self._looking.at(f"targets of the {self.name}", lambda: targets.read(self._looking, arn))

    @property
    def settled(self) -> bool:
        """Whether everything that should run does and is healthy; then what stopped before is history."""
        described, group = self.description, self.group
        counts = (described["runningCount"], described["pendingCount"])
        healthy = group is None or all(each.state == "healthy" for each in group.registered)
        registered = group is None or len(group.registered) >= self.desired
        completed = self.primary.get("rolloutState", "COMPLETED") == "COMPLETED"
        return counts == (self.desired, 0) and healthy and registered and completed

    @cached_property
    def gave_up(self) -> GaveUp | None:
        """The failed deployment that nothing came after."""
        return events.gave_up(self.events, self.primary["id"])

    @cached_property
    def failures(self) -> list[Task]:
        """Stopped tasks that failed and still matter, newest first.

        Those of a deployment that was given up; of the newest one those since it was last steady.
        """
        return [each for each in self.stopped if each.death is not Death.ASKED and self._matters(each)]

    def _matters(self, task: Task) -> bool:
        if self.gave_up is not None and task.deployment == self.gave_up.deployment:
            return True
        if task.deployment != self.primary["id"]:
            return False
        if task.death is Death.MEMORY and task.stopped and task.stopped > self._looking.now - MEMORY_SPAN:
            return True
        steady = next((each.at for each in self.events if events.STEADY in each.message), None)
        return not self.settled and (steady is None or task.stopped is None or task.stopped > steady)

    def failed_of(self, *deaths: Death) -> list[Task]:
        return [each for each in self.failures if each.death in deaths]

    @cached_property
    def verdicts(self) -> dict[str, tuple[Event, str]]:
        """What the scheduler said of tasks whose targets were unhealthy, by task id: the event and the reason."""
        found = ((each, events.UNHEALTHY.search(each.message)) for each in self.events)
        return {match[1]: (event, match[2]) for event, match in found if match}

    def condemned(self) -> Iterator[tuple[Task, str]]:
        """Tasks that fail or failed the health checks and matter, with the load balancer's reason if it gave one."""
        reasons = {each.address: each.description for each in (self.group.having("unhealthy") if self.group else [])}
        for task in self.tasks:
            if task.address in reasons or task.health == "UNHEALTHY":
                yield task, reasons.get(task.address, "")
        for task in self.failed_of(Death.HEALTH):
            yield task, self.verdicts[task.id][1] if task.id in self.verdicts else ""

    def first_lines(self, task: Task) -> list[Line]:
        return self._lines(task, FIRST_LINES, from_start=True)

    def last_lines(self, task: Task, limit: int = LAST_LINES) -> list[Line]:
        return self._lines(task, LAST_LINES, from_start=False)[-limit:]

    def _writer(self, task: Task) -> Json:
        """The container whose log tells of the task: the application, unless that never started."""
        found: list[Json] = self.definition(task.definition)["containerDefinitions"]
        before = (each for each in found if task.death is Death.INIT and each["name"] == task.container)
        return next(before, self.container(task.definition))

    def _lines(self, task: Task, limit: int, *, from_start: bool) -> list[Line]:
        container = self._writer(task)
        options: dict[str, str] = container.get("logConfiguration", {}).get("options", {})
        group = options.get("awslogs-group")
        if group is None:
            return []
        stream = f"{options.get('awslogs-stream-prefix', 'ecs')}/{container['name']}/{task.id}"
        which = "first" if from_start else "last"
        return self._looking.at(
            f"{which} log lines of task {task.id}",
            lambda: log_lines.read(self._looking, group, stream, limit, from_start=from_start),
        )
