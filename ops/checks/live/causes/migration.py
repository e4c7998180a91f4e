"""The container that runs before the application, and without whose good end no task starts."""

from __future__ import annotations

import re
from collections.abc import Iterator

from ops.checks.facts import log_lines
from ops.checks.facts.facts import Facts
from ops.checks.facts.log_lines import Line
from ops.checks.facts.looking import Unseen
from ops.checks.facts.service import Service
from ops.checks.facts.tasks import Death, Task
from ops.checks.live.findings import NOT_STARTED, Cause, Finding

SAID = re.compile(r"^(?:Migration \S+ (?:failed|was) |The login \S+ was not made|The environment of the migration )")
"""What app/api/migrate.js ends with where a person has to do something."""
REFUSED = re.compile(r"password authentication failed|28P01")


def failed(facts: Facts) -> Iterator[Finding]:
    for service in facts.services:
        tasks = service.failed_of(Death.INIT)
        if tasks:
            task = tasks[0]
            line = _said(service, task)
            yield Finding(
                subject=service.name,
                what=f"{task.container} failed, so its tasks do not start: {line.text if line else task.reason}",
                where=f"container {task.container} of {task.revision}",
                evidence=(task.told(), *([f"{task.container} wrote {line}"] if line else [])),
                fix=(_fix(facts, line), f"all that it wrote: {facts.aws(f'logs tail {service.names.log_group}')}"),
            )


def _said(service: Service, task: Task) -> Line | None:
    """What it gave as the reason, or else wrote last."""
    try:
        lines = service.last_lines(task)
    except Unseen:
        return None
    return log_lines.newest(lines, SAID) or log_lines.newest(lines, REFUSED) or (lines[-1] if lines else None)


def _fix(facts: Facts, line: Line | None) -> str:
    if line is not None and REFUSED.search(line.text) and facts.settings.password_from_rds:
        rotate = f"rds modify-db-instance --db-instance-identifier {facts.settings.names.database}"
        return (
            "have RDS set another password, and the tasks that start then are given it: "
            f"{facts.aws(f'{rotate} --rotate-master-user-password --apply-immediately')}"
        )
    if line is not None and REFUSED.search(line.text):
        return (
            "give database and secret one password again: raise db_password_version in "
            f"environments/{facts.settings.environment}.tfvars and apply with {facts.apply}"
        )
    return "mend what it says and deploy again: a migration that failed was undone, and the tasks of before serve"


MIGRATION_FAILED = Cause(
    "migration-failed",
    "Migration failed",
    failed,
    symptom="New tasks stop before the application starts; the old ones go on serving.",
    evidence="A container that could not resolve its ordering dependency, and what the one before it wrote last.",
    fix="Mend the migration and deploy again; what failed was undone.",
    explains=NOT_STARTED,
    deaths=(Death.INIT,),
)
