"""The database: whether it is reached, has room, and has connections left."""

from __future__ import annotations

import re
from collections.abc import Iterator

from ops.checks.facts.facts import Facts
from ops.checks.facts.tasks import Death
from ops.checks.live.causes.said import by_clients, by_database
from ops.checks.live.findings import UNHEALTHY, Cause, Finding

ABOUT = re.compile(r"postgres|database|prisma|:5432|\bpg\b", re.IGNORECASE)
UNREACHED = re.compile(
    # Not what a single ended session leaves: 57P01, "terminated unexpectedly".
    r"ECONNREFUSED|ETIMEDOUT|EHOSTUNREACH|ENETUNREACH|ENOTFOUND|due to connection timeout|timeout expired"
    r"|Can't reach database|57P03|the database system is (?:starting up|shutting down)",
)
CROWDED = re.compile(r"too many clients|remaining connection slots|\b53300\b")
NO_ROOM = re.compile(r"No space left on device|could not extend file")
# Statuses in which it answers: "Viewing Amazon RDS DB instance status" in the RDS user guide.
UP = {
    *("available", "backing-up", "configuring-enhanced-monitoring", "configuring-iam-database-auth", "modifying"),
    *("configuring-log-exports", "maintenance", "storage-config-upgrade", "storage-optimization", "storage-full"),
    *("renaming", "resetting-master-credentials", "upgrading", "converting-to-vpc", "moving-to-vpc"),
    *("storage-initialization", "delete-precheck"),
}
FULL = "storage-full"
FULL_SHARE = 0.05
"""Of the allocated storage; the alarm comes at a tenth, and growing by itself begins there."""
CROWDED_SHARE = 0.95
ALARM_SHARE = 0.8
"""db_connections_alarm is about 80 % of the connections that the instance class allows."""


def unreachable(facts: Facts) -> Iterator[Finding]:
    clients = _clients(facts)
    instance = facts.database.instance
    if not clients or _is_full(facts):
        return
    name, evidence, fix = facts.database.name, (), ""
    if instance is None:
        evidence, fix = (f"no RDS instance is named {name}",), f"apply again with {facts.apply}"
    elif instance["DBInstanceStatus"] not in UP:
        status = instance["DBInstanceStatus"]
        evidence = (f"RDS: status {status}",)
        fix = facts.aws(f"rds start-db-instance --db-instance-identifier {name}")
        if status != "stopped":
            wait = facts.aws(f"rds wait db-instance-available --db-instance-identifier {name}")
            fix = f"wait until it is available: {wait}"
    elif line := by_clients(facts, UNREACHED, ABOUT):
        evidence = (str(line), f"RDS: status {instance['DBInstanceStatus']}")
        look = facts.aws(f"rds describe-events --source-type db-instance --source-identifier {name}")
        names = facts.settings.names
        secrets = f"the secrets {names.database_url_secret} and {names.application_url_secret} have"
        if facts.settings.password_from_rds:
            secrets = f"the secret {names.application_url_secret} has"
        fix = f"look at what happened to it: {look}; if it runs, see that {secrets} its address"
    if evidence:
        yield _finding(facts, "database unreachable", evidence, fix, clients)


def full(facts: Facts) -> Iterator[Finding]:
    clients = _clients(facts)
    evidence = _is_full(facts) if clients else ()
    if evidence:
        environment = facts.settings.environment
        yield _finding(
            facts,
            "database full: it takes no more writes, or soon will not",
            evidence,
            f"raise db_allocated_storage, or db_max_allocated_storage up to which it grows by itself, in "
            f"environments/{environment}.tfvars and apply with {facts.apply}",
            clients,
        )


def out_of_connections(facts: Facts) -> Iterator[Finding]:
    clients = _clients(facts)
    if not clients or facts.database.instance is None:
        return
    most = facts.settings.db_connections_alarm / ALARM_SHARE
    used = facts.database.metric("DatabaseConnections", "Maximum")
    near = used is not None and used >= most * CROWDED_SHARE
    evidence = [f"CloudWatch: {used:.0f} connections of about {most:.0f}"] if near else []
    line = by_clients(facts, CROWDED)
    evidence += [str(line)] if line else []
    if evidence:
        tasks = ", ".join(f"{each.desired} {each.name} tasks" for each in facts.services if each.name in clients)
        yield _finding(
            facts,
            "database out of connections",
            (*evidence, f"{tasks}, up to {facts.settings.database_pool_size} connections each"),
            "end what holds them (SELECT pid, application_name, client_addr FROM pg_stat_activity), lower "
            "ecs.backend.max_capacity or raise db_instance_class and db_connections_alarm in "
            f"environments/{facts.settings.environment}.tfvars and apply with {facts.apply}",
            clients,
        )


def _clients(facts: Facts) -> tuple[str, ...]:
    return tuple(each.name for each in facts.services if each.uses_database and each.desired > 0)


def _is_full(facts: Facts) -> tuple[str, ...]:
    """The evidence; none if it is not."""
    instance = facts.database.instance
    if instance is None:
        return ()
    told = [f"RDS: status {FULL}"] if instance["DBInstanceStatus"] == FULL else []
    free = facts.database.metric("FreeStorageSpace", "Minimum")
    allocated = instance["AllocatedStorage"] * 2**30
    if free is not None and free < allocated * FULL_SHARE:
        told.append(f"CloudWatch: {free / 2**20:.0f} MiB free of {allocated / 2**30:.0f} GiB")
    line = by_database(facts, NO_ROOM)
    return (*told, str(line)) if line else tuple(told)


def _finding(facts: Facts, what: str, evidence: tuple[str, ...], fix: str, clients: tuple[str, ...]) -> Finding:
    return Finding("database", what, f"RDS instance {facts.database.name}", evidence, (fix,), affects=clients)


DATABASE_FULL = Cause(
    "database-full",
    "Database full",
    full,
    symptom="Writes fail, reads go on.",
    evidence="Status `storage-full`, FreeStorageSpace under a twentieth of the storage, or PostgreSQL's own words.",
    fix="Raise `db_allocated_storage` or `db_max_allocated_storage`, and apply.",
    explains=("out-of-connections", "migration-failed", "grace-too-short", *UNHEALTHY),
    deaths=(Death.EXIT, Death.HEALTH, Death.INIT),
)

DATABASE_UNREACHABLE = Cause(
    "database-unreachable",
    "Database unreachable",
    unreachable,
    symptom="`/api/ready` answers 503 while `/api/health` answers 200; new tasks end by themselves.",
    evidence="The status of the RDS instance, or lines of the last five minutes such as ECONNREFUSED, with no success "
    "after them.",
    fix="Start the instance or wait for it; see that the secret has its address.",
    explains=("migration-failed", "grace-too-short", *UNHEALTHY),
    deaths=(Death.EXIT, Death.HEALTH, Death.INIT),
)

OUT_OF_CONNECTIONS = Cause(
    "out-of-connections",
    "Database out of connections",
    out_of_connections,
    symptom="As above, but only at times, or for some tasks.",
    evidence='"too many clients" or "remaining connection slots" in a log, DatabaseConnections near the maximum.',
    fix="End what holds them; lower `ecs.backend.max_capacity` or take a larger `db_instance_class`.",
    explains=("migration-failed", "grace-too-short", *UNHEALTHY),
    deaths=(Death.EXIT, Death.HEALTH, Death.INIT),
)
