"""Sign-in: the user pool and client that the tasks are told."""

from __future__ import annotations

from collections.abc import Iterator

from ops.checks.facts.facts import Facts
from ops.checks.live.findings import Cause, Finding

POOL, CLIENT = "COGNITO_USER_POOL_ID", "COGNITO_CLIENT_ID"


def client_mismatch(facts: Facts) -> Iterator[Finding]:
    for service in facts.services:
        given = {each["name"]: each["value"] for each in service.container().get("environment", [])}
        pool, client = given.get(POOL), given.get(CLIENT)
        if pool is None or client is None:
            continue
        wrong = _pool(facts, pool) or _client(facts, pool, client)
        if wrong:
            own = facts.users.pool_id
            there = ", ".join(f"{name} {id_}" for id_, name in facts.users.clients(own).items()) if own else ""
            yield Finding(
                subject=service.name,
                what=f"Cognito client mismatch: {wrong}",
                where=f"task definition {service.primary['taskDefinition'].rpartition('/')[2]}",
                evidence=(
                    f"environment: {POOL}={pool}, {CLIENT}={client}",
                    f"user pool {facts.settings.names.user_pool}: {own or 'there is none'}"
                    f"{f', its clients: {there}' if there else ''}",
                ),
                fix=(f"the values are Terraform's: apply again with {facts.apply}, so that the tasks get the pool's",),
            )


def _pool(facts: Facts, pool: str) -> str:
    name, own = facts.users.pool_name(pool), facts.settings.names.user_pool
    if name is None:
        return f"{POOL} is {pool}, which does not exist"
    return "" if name == own else f"{POOL} is {pool}, which is {name} and not {own}"


def _client(facts: Facts, pool: str, client: str) -> str:
    return "" if client in facts.users.clients(pool) else f"{CLIENT} is {client}, which is no client of {pool}"


COGNITO_MISMATCH = Cause(
    "cognito-mismatch",
    "Cognito client mismatch",
    client_mismatch,
    symptom="Nobody can register or sign in; everything else works.",
    evidence="COGNITO_USER_POOL_ID and COGNITO_CLIENT_ID of the tasks against the pools and clients there are.",
    fix="Apply again, so that the tasks get the pool's own.",
)
