"""The account, and what its environments share or must not share."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from environments.problems import quote
from environments.rules.finding import Finding, Rule, Values
from environments.settings import SERVICES

# With ids where GitHub puts them into the subject of its tokens: "Immutable subject claims", its OIDC reference.
GITHUB_REPOSITORY = re.compile(
    r"[A-Za-z0-9](?:-?[A-Za-z0-9]){0,38}(?:@\d+)?/(?!\.{1,2}(?:@|$))[A-Za-z0-9._-]{1,100}(?:@\d+)?"
)
SHARED = (
    "project",
    "account_id",
    "aws_region",
    "state_replica_region",
    "github_repository",
    "github_oidc_provider",
    *(f"ecs.{service}.repository" for service in SERVICES),
    "backend.bucket",
)
"""One bootstrap stack is made from them."""
OWN = ("vpc_name",)
"""The DB subnet group, unique in an account and region, is named after it."""


def account_id(account_id: str) -> Iterator[Finding]:
    if not re.fullmatch(r"[0-9]{12}", account_id):
        yield "account_id", f"got {quote(account_id)}, expected the 12 digits of an AWS account"


def github_repository(github_repository: str) -> Iterator[Finding]:
    if not GITHUB_REPOSITORY.fullmatch(github_repository):
        yield "github_repository", f"got {quote(github_repository)}, expected owner/name or owner@id/name@id"


def value_at(values: Values, key: str) -> Any:
    """Return the value of a dotted key, None when it could not be read."""
    value: Any = values
    for part in key.split("."):
        value = value.get(part, {})
    return None if value == {} else value


RULES: tuple[Rule, ...] = (account_id, github_repository)
