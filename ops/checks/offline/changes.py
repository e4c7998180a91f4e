"""What the settings would change on what is deployed and cannot, or only with one thing more.

environments/changes.py has the answer for every key. Here the state tells what is deployed.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from fnmatch import fnmatchcase
from pathlib import Path

from botocore.exceptions import ClientError

from environments.changes import CHANGES
from environments.draft import read_draft
from environments.settings import BOOTSTRAP, SERVICES, Settings, state_key
from ops.checks.offline.findings import Finding, fail
from ops.checks.offline.subjects import Account
from ops.core.aws import Aws, ask, error_code
from ops.core.paths import ROOT
from ops.state import file as state
from ops.terraform.synthesized import Json, S3Backend, Stack

Deployed = Mapping[str, Json]
"""Attributes by address."""


def settings_suit_what_is_deployed(account: Account) -> Iterator[Finding]:
    return found(account.aws, account.settings, account.environment.stack, account.environment.checkout.root)


def told(aws: Aws, settings: Settings, directory: Path) -> list[str]:
    """The findings for the stack in a directory, each with its place in this checkout."""
    return [f"{each.where}: {each.why}" for each in found(aws, settings, Stack.read(directory), ROOT)]


def found(aws: Aws, settings: Settings, stack: Stack, root: Path) -> Iterator[Finding]:
    """What the state has otherwise; where it is still empty, whether another one was this platform's."""
    there = deployed(aws, settings)
    if there:
        yield from judged(settings, stack, there, root)
    else:
        yield from renamed(aws, settings, root)


def deployed(aws: Aws, settings: Settings) -> Deployed:
    """What the environment's state holds; nothing where there is none yet. Raises UserError where it is damaged."""
    document = state.document(aws, S3Backend.of(settings.backend)) or {}
    return {address: each.attributes for address, each in state.recorded(document).items()}


def judged(settings: Settings, stack: Stack, there: Deployed, root: Path) -> Iterator[Finding]:
    """One finding a key, at its line; none before there is a database."""
    if not any(address.startswith("aws_db_instance.") for address in there):
        return
    place = read_draft(root / "environments" / f"{settings.environment}.tfvars").problem
    for key, text in (*_fixed(stack, there), *_ports(settings, there), *_major_version(settings, there)):
        problem = place(key, text)
        yield fail(problem.place, f"{key}: {text}")


def renamed(aws: Aws, settings: Settings, root: Path) -> Iterator[Finding]:
    """Another platform's state in the same bucket, which no settings file is of any more."""
    files = root / "environments"
    place = read_draft(files / f"{settings.environment}.tfvars").problem
    for key in _keys(aws, settings.backend.bucket):
        project, _, name = key.removesuffix("/terraform.tfstate").partition("/")
        if name == BOOTSTRAP or key != state_key(project, name):
            continue
        if name == settings.environment and project != settings.project:
            changed, got, have = "project", settings.project, project
        elif project == settings.project and not (files / f"{name}.tfvars").is_file():
            changed, got, have = "environment", settings.environment, name
        else:
            continue
        if not _holds_something(aws, settings, key):
            continue
        problem = place(changed, f"got {got}, deployed is {have}. {CHANGES[changed].what}")
        yield fail(problem.place, f"{changed}: {problem.text}")


def _keys(aws: Aws, bucket: str) -> list[str]:
    found: Json | None = ask(aws.client("s3").list_objects_v2, Bucket=bucket)
    return [each["Key"] for each in found.get("Contents", [])] if found else []


def _holds_something(aws: Aws, settings: Settings, key: str) -> bool:
    """Whether a state does, as far as it may be read: the roles of a pipeline read their own environment's alone."""
    try:
        known = state.remote(aws, replace(S3Backend.of(settings.backend), key=key))
    except ClientError as error:
        if error_code(error) == "AccessDenied":
            return False
        raise
    return known is not None and known.resources > 0


def _fixed(stack: Stack, there: Deployed) -> Iterator[tuple[str, str]]:
    wanted = {address: block for type_ in stack.document["resource"] for address, block in stack.all(type_).items()}
    told: set[str] = set()
    for key, change in CHANGES.items():
        for pattern, attribute in change.fixed:
            for address in sorted({*wanted, *there}):
                if address in told or not fnmatchcase(address, pattern):
                    continue
                got, have = (_at(blocks, address, attribute) for blocks in (wanted, there))
                # A further zone only adds.
                if got != have and (have is not None or not attribute):
                    told.update(each for each in {*wanted, *there} if fnmatchcase(each, pattern))
                    yield key, f"{address} would be {got or 'no more'}, deployed is {have or 'none'}. {change.what}"


def _at(blocks: Mapping[str, Json], address: str, attribute: str) -> object:
    block = blocks.get(address)
    return None if block is None else block.get(attribute) if attribute else "there"


def _ports(settings: Settings, there: Deployed) -> Iterator[tuple[str, str]]:
    for service in SERVICES:
        blocks = there.get(f"aws_ecs_service.{service}_service", {}).get("load_balancer", [])
        wanted = settings.ecs.of(service)
        for port in (block["container_port"] for block in blocks):
            if port != wanted.port and settings.image_owner == "pipeline":
                yield (
                    f"ecs.{service}.port",
                    f"got {wanted.port}, deployed is {port}: Terraform would move the service there and leave it the "
                    'revision without that port, which ECS refuses: set image_owner to "terraform" meanwhile',
                )
            elif port not in (wanted.port, wanted.previous_port):
                yield (
                    f"ecs.{service}.port",
                    f"got {wanted.port}, deployed is {port}: add previous_port = {port} for this apply, or the tasks "
                    "that serve now are cut off before the new ones are healthy; take it out in the next",
                )


def _major_version(settings: Settings, there: Deployed) -> Iterator[tuple[str, str]]:
    wanted = settings.db_engine_version.partition(".")[0]
    for address, block in there.items():
        if not address.startswith("aws_db_instance."):
            continue
        major = str(block.get("engine_version_actual") or block["engine_version"]).partition(".")[0]
        if int(wanted) < int(major):
            yield "db_engine_version", f"got {wanted}, deployed is {major}: RDS goes to no older version"
        elif wanted != major and not settings.db_apply_immediately:
            yield (
                "db_engine_version",
                f"got {wanted}, deployed is {major}: add db_apply_immediately = true for this apply, which then takes "
                "the database down for minutes, and take it out afterwards",
            )
