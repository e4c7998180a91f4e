"""IAM policy documents as JSON text."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal


@dataclass(frozen=True)
class Statement:
    """One statement; principals make it part of a trust or resource policy."""

    sid: str
    actions: Sequence[str]
    resources: Sequence[str] = ()
    effect: Literal["Allow", "Deny"] = "Allow"
    principals: Mapping[str, str | Sequence[str]] | Literal["*"] | None = None
    conditions: Mapping[str, Mapping[str, str | Sequence[str]]] = field(default_factory=dict[str, dict[str, str]])
    not_actions: Sequence[str] = ()
    """Instead of actions: all but these."""
    not_resources: Sequence[str] = ()
    """Instead of resources: all but these."""


def document(*statements: Statement) -> str:
    """Return the policy document; keys keep one order so that the synthesized output never moves by itself."""
    return json.dumps({"Version": "2012-10-17", "Statement": [_statement(each) for each in statements]})


def _statement(statement: Statement) -> dict[str, object]:
    document: dict[str, object] = {"Sid": statement.sid, "Effect": statement.effect}
    if statement.principals is not None:
        document["Principal"] = statement.principals
    if statement.not_actions:
        document["NotAction"] = list(statement.not_actions)
    else:
        document["Action"] = list(statement.actions)
    if statement.resources:
        document["Resource"] = list(statement.resources)
    if statement.not_resources:
        document["NotResource"] = list(statement.not_resources)
    if statement.conditions:
        document["Condition"] = statement.conditions
    return document


def tls_only(bucket_arn: str) -> Statement:
    """Refuse every request to a bucket that does not come over TLS."""
    return Statement(
        "TlsOnly",
        ["s3:*"],
        [bucket_arn, f"{bucket_arn}/*"],
        effect="Deny",
        principals="*",
        conditions={"Bool": {"aws:SecureTransport": "false"}},
    )
