"""Runs parliament, in the auditors' environment, over every policy that the states hold, and reads its answer.

Its community auditors look for known ways to gain more rights and for calls that answer with credentials.
"""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, cast

from ops.core.errors import CommandError
from ops.core.files import write_atomically
from tools.audit.account import Account, Resource
from tools.audit.findings import Finding
from tools.audit.program import run

OWNERS = ("aws_s3_bucket", "aws_sns_topic")
"""Types whose own attribute `policy` only repeats that of another resource, the bucket's or the topic's policy."""
FOUND = 1
SECONDS = 300


@dataclass(frozen=True)
class Policy:
    """One policy document."""

    stack: str
    address: str
    text: str


def policies(resources: Iterable[Resource]) -> Iterator[Policy]:
    """Every document with statements: a lifecycle policy has none.

    Trust policies are left to Prowler: parliament calls each of them malformed, since it names no resource.
    """
    for each in resources:
        text = each.values.get("policy")
        if each.type not in OWNERS and isinstance(text, str) and "Statement" in json.loads(text or "{}"):
            yield Policy(each.stack, each.address, text)


def audit(account: Account, directory: Path) -> tuple[list[Finding], int]:
    """What parliament objects to, and how many policies it read. Raises CommandError."""
    shutil.rmtree(directory, ignore_errors=True)
    read = list(policies(account.resources))
    if not read:
        raise CommandError("no state has a policy; expected those of every role: parliament would say nothing")
    for each in read:
        # Indented, so that a line of the answer tells the statement.
        write_atomically(directory / each.stack / f"{each.address}.json", json.dumps(json.loads(each.text), indent=1))
    arguments = ["--directory", ".", "--json", "--include-community-auditors"]
    text = run("parliament", arguments, directory, {}, SECONDS, accepted=(0, FOUND))
    return findings(text), len(read)


def findings(text: str) -> list[Finding]:
    """What parliament prints, a JSON object a line."""
    return [_finding(json.loads(line)) for line in text.splitlines() if line.startswith("{")]


def _finding(found: dict[str, Any]) -> Finding:
    location = dict(cast("dict[str, Any]", found["location"]))
    path = Path(location.pop("filepath"))
    # Positions change with every edit of a policy.
    told = {key: value for key, value in location.items() if key not in ("lineno", "column", "line")}
    said = ", ".join(str(each) for each in (found["detail"], *told.values()) if each)
    return Finding("parliament", found["issue"], path.parent.name, path.stem, f"{found['title']}: {said}")
