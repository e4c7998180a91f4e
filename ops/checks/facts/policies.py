"""Whether a role's own policies allow an action; conditions are taken as met."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from fnmatch import fnmatchcase
from typing import Any, cast
from urllib.parse import unquote

from ops.checks.facts.looking import Json, Looking


def of_role(looking: Looking, name: str) -> list[Json]:
    """The documents of the policies in and attached to a role."""
    return list(_documents(looking.client("iam"), name))


def _documents(iam: Any, name: str) -> Iterator[Json]:
    for page in iam.get_paginator("list_role_policies").paginate(RoleName=name):
        for policy in page["PolicyNames"]:
            yield parse(iam.get_role_policy(RoleName=name, PolicyName=policy)["PolicyDocument"])
    for page in iam.get_paginator("list_attached_role_policies").paginate(RoleName=name):
        for each in page["AttachedPolicies"]:
            arn = each["PolicyArn"]
            version = iam.get_policy(PolicyArn=arn)["Policy"]["DefaultVersionId"]
            yield parse(iam.get_policy_version(PolicyArn=arn, VersionId=version)["PolicyVersion"]["Document"])


def parse(document: object) -> Json:
    """boto3 gives a document as a mapping, some answers have it as (quoted) text."""
    return cast("Json", json.loads(unquote(document)) if isinstance(document, str) else document)


def allows(documents: Iterable[Json], action: str, resource: str) -> bool:
    """Whether a statement allows the action on the resource and none denies it."""
    effects = {
        statement["Effect"]
        for document in documents
        for statement in _list(document["Statement"])
        if _matches(statement.get("Action", []), action.lower(), str.lower)
        and _matches(statement.get("Resource", "*"), resource)
    }
    return effects == {"Allow"}


def _matches(patterns: object, value: str, fold: Any = str) -> bool:
    # IAM knows * and ?, and no brackets.
    return any(fnmatchcase(value, fold(each).replace("[", "[[]")) for each in _list(patterns))


def _list(value: object) -> list[Any]:
    return cast("list[Any]", value) if isinstance(value, list) else [value]
