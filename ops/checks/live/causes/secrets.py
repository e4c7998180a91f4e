"""The secrets that a task is started with."""

from __future__ import annotations

import re
from collections.abc import Iterator

from ops.checks.facts import policies
from ops.checks.facts.facts import Facts
from ops.checks.facts.looking import Unseen
from ops.checks.facts.service import Service
from ops.checks.facts.tasks import Death
from ops.checks.live.findings import NOT_STARTED, Cause, Finding

READ = "secretsmanager:GetSecretValue"
FROM_RDS = "rds!"
"""Begins the name of a secret that RDS makes: "Password management with Amazon RDS and AWS Secrets Manager", RDS user
guide."""
SECRET = re.compile(r"secret", re.IGNORECASE)


def secret_unreadable(facts: Facts) -> Iterator[Finding]:
    """Of the newest revision also before a task fails: the next one to start will."""
    for service in facts.services:
        failed = service.failed_of(Death.START)
        told = tuple(task.told() for task in failed[:1])
        definitions = dict.fromkeys([service.primary["taskDefinition"], *(task.definition for task in failed)])
        found = [
            _finding(facts, service, name, arn, why, told)
            for definition in definitions
            for name, arn, why in _unreadable(facts, service, definition)
        ]
        if not found and failed and SECRET.search(failed[0].reason):
            found = [_finding(facts, service, "a secret", failed[0].revision, "cannot be read", told)]
        yield from {each.what: each for each in found}.values()


def _unreadable(facts: Facts, service: Service, definition: str) -> Iterator[tuple[str, str, str]]:
    """The variable, the secret's ARN and what is wrong with it."""
    found = service.definition(definition)
    role = str(found.get("executionRoleArn", ""))
    given = [each for container in found["containerDefinitions"] for each in container.get("secrets", [])]
    for each in {each["name"]: each for each in given}.values():
        parts = each["valueFrom"].split(":")
        if parts[2:3] != ["secretsmanager"]:
            continue
        # arn:aws:secretsmanager:<region>:<account>:secret:<name>, then perhaps JSON key, stage and version id.
        arn, (_, stage, version) = ":".join(parts[:7]), (*parts[7:], "", "", "")[:3]
        why = _wrong(facts, arn, stage, version) or _not_allowed(facts, role, arn)
        if why:
            yield each["name"], arn, why


def _wrong(facts: Facts, arn: str, stage: str, version: str) -> str:
    secret = facts.secret(arn)
    if secret is None:
        return "does not exist"
    if secret.get("DeletedDate"):
        return f"is deleted since {secret['DeletedDate']:%Y-%m-%d %H:%M}"
    kept: dict[str, list[str]] = secret.get("VersionIdsToStages") or {}
    # Versions without a stage are not in that, and can be read as long as they are kept.
    if version and version not in kept and version not in facts.secret_versions(arn):
        return f"has no version {version} any more"
    if not kept or (stage and not any(stage in stages for stages in kept.values())):
        return f"has no version {stage or 'at all'}"
    return ""


def _not_allowed(facts: Facts, role: str, arn: str) -> str:
    if not role:
        return ""
    try:
        documents = facts.role_policies(role)
        if documents is None:
            return f"cannot be read: the execution role {role.rpartition('/')[2]} does not exist"
        if policies.allows(documents, READ, arn) or facts.secret_policy(arn):
            return ""
    except Unseen:
        return ""
    return f"may not be read by {role.rpartition('/')[2]}: none of its policies allows {READ} on it"


def _finding(facts: Facts, service: Service, name: str, arn: str, why: str, told: tuple[str, ...]) -> Finding:
    secret = arn.rpartition(":")[2]
    if secret.startswith(FROM_RDS):
        restore = "see that RDS still manages the master user's password, whose secret it makes itself, and "
    elif "deleted" in why:
        restore = f"{facts.aws(f'secretsmanager restore-secret --secret-id {secret}')}, or "
    else:
        restore = ""
    return Finding(
        subject=service.name,
        what=f"secret of {name} {why}",
        where=f"secret {secret}",
        evidence=(*told, f"the tasks get {name} from {arn}, which {why}") if arn.startswith("arn:") else told,
        fix=(
            f"{restore}apply again with {facts.apply}: the secret, the statement that lets it be read and a revision "
            f"with its ARN are Terraform's; then {facts.update_service(service, '--force-new-deployment')}",
        ),
    )


SECRET_UNREADABLE = Cause(
    "secret-unreadable",
    "Secret missing or unreadable",
    secret_unreadable,
    symptom="New tasks stop with ResourceInitializationError.",
    evidence="The secret is gone or deleted, its version is, or no policy of the execution role allows to read it.",
    fix="Restore the secret or apply again, then deploy anew.",
    explains=NOT_STARTED,
    deaths=(Death.START,),
)
