"""The words names are made of, and every name they make, before AWS refuses it."""

from __future__ import annotations

import re
from collections.abc import Iterator

from environments import aws_limits as aws
from environments.names import Names, ServiceNames
from environments.problems import counted, quote
from environments.rules.finding import Finding, Rule
from environments.settings import BOOTSTRAP, SERVICES

WORD = re.compile(r"[a-z](?:-?[a-z0-9])*")
"""What the strictest of the services, RDS, takes as a part of an identifier."""
WORDS = "lowercase letters, digits and single hyphens, a letter first and no hyphen last"
ACCOUNT_ID = "0" * 12
ENGINE_VERSION = "99"
RESERVED = {
    BOOTSTRAP: "the account's own stack has it",
    "replication": "the role that copies the state would be one of its own",
}


def environment(environment: str) -> Iterator[Finding]:
    yield from _word("environment", environment)
    if environment in RESERVED:
        yield (
            "environment",
            f"got {quote(environment)}, expected another name: {RESERVED[environment]}",
        )


def project(project: str) -> Iterator[Finding]:
    yield from _word("project", project)


def vpc_name(vpc_name: str) -> Iterator[Finding]:
    yield from _word("vpc_name", vpc_name)


def composed(project: str, environment: str) -> Iterator[Finding]:
    """Lengths always; characters only where the words are in order, or one fault would be told twenty times."""
    words = (project, environment)
    well_formed = all(WORD.fullmatch(word) for word in words)
    for limit, name in names_of(Names(*words, vpc_name="", account_id=ACCOUNT_ID)):
        yield from _fits(limit, name, "project", well_formed)


def subnet_group(vpc_name: str) -> Iterator[Finding]:
    name = Names("", "", vpc_name=vpc_name, account_id="").db_subnet_group
    yield from _fits(aws.DB_SUBNET_GROUP, name, "vpc_name", well_formed=False)


def vpc(vpc_name: str, environment: str) -> Iterator[Finding]:
    name = Names("", environment, vpc_name=vpc_name, account_id="").vpc
    yield from _fits(aws.VPC, name, "vpc_name", well_formed=False)


def names_of(names: Names) -> Iterator[tuple[aws.NameLimit, str]]:
    """Every name made of project and environment, with what its service accepts."""
    yield aws.LOAD_BALANCER, names.load_balancer
    for service in SERVICES:
        yield aws.TARGET_GROUP, names.target_group(service)
    yield aws.BUCKET, names.access_log_bucket
    yield aws.BUCKET, names.flow_log_bucket
    yield aws.ECS, names.cluster
    for service in SERVICES:
        yield from _names_of_service(names.service(service))
    yield aws.DATABASE, names.database
    yield aws.DB_PARAMETER_GROUP, names.db_parameter_group(ENGINE_VERSION)
    yield aws.DB_EVENT_SUBSCRIPTION, names.database_events
    yield aws.ROLE, names.db_monitoring_role
    yield aws.BACKUP_PLAN, names.backup
    yield aws.BACKUP_VAULT, names.backup
    yield aws.BACKUP_VAULT, names.backup_copies
    yield aws.ROLE, names.backup
    yield aws.POLICY, names.boundary
    yield aws.KEY_ALIAS, names.data_key
    yield aws.KEY_ALIAS, names.backup_copies
    yield aws.SECRET, names.database_url_secret
    yield aws.SECRET, names.application_url_secret
    yield aws.DYNAMODB_TABLE, names.items_table
    yield aws.USER_POOL, names.user_pool
    yield aws.USER_POOL, names.user_pool_client
    yield aws.TOPIC, names.alarm_topic
    yield aws.DASHBOARD, names.dashboard
    yield aws.ROLE, names.flow_logs
    yield aws.SECURITY_GROUP, names.security_group("alb")


def _names_of_service(names: ServiceNames) -> Iterator[tuple[aws.NameLimit, str]]:
    yield aws.ECS, names.container
    yield aws.ECS, names.ecs_service
    yield aws.ECS, names.task_family
    yield aws.ROLE, names.execution_role
    yield aws.ROLE, names.task_role
    yield aws.LOG_GROUP, names.log_group
    yield aws.SCALING_POLICY, names.scaling_policy


def _fits(limit: aws.NameLimit, name: str, key: str, well_formed: bool) -> Iterator[Finding]:
    over = len(name) - limit.longest
    if over > 0:
        yield (
            key,
            f"the {limit.what} name {quote(name)} would have {len(name)} characters, expected at most "
            f"{limit.longest}: make {key} {counted(over, 'character')} shorter",
        )
    elif well_formed and not re.fullmatch(limit.pattern, name, re.ASCII):
        yield key, f"the {limit.what} name would be {quote(name)}, expected {limit.allowed}"


def _word(key: str, got: str) -> Iterator[Finding]:
    if not WORD.fullmatch(got):
        yield key, f"got {quote(got)}, expected {WORDS}: AWS names are made of it"


RULES: tuple[Rule, ...] = (environment, project, vpc_name, composed, subnet_group, vpc)
