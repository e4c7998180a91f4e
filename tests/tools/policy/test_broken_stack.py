"""`make policy` fails where a stack is broken on purpose, and says where."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest

from ops.core.errors import UserError
from ops.terraform.run import find_terraform
from tests.support import ROOT, needs

pytestmark = pytest.mark.apply("faults")

BROKEN = {
    "CKV_AWS_17": "aws_db_instance.database",
    "CKV_AWS_24": "aws_vpc_security_group_ingress_rule.ecs_from_world_22",
    "CKV_AWS_53": "aws_s3_bucket_public_access_block.access_logs_public_access",
    "CKV_AWS_119": "aws_dynamodb_table.items",
}


def break_stack(resources: dict[str, dict[str, Any]]) -> None:
    """A database and a port open to the world, a bucket that may be made public, items without their key."""
    resources["aws_db_instance"]["database"]["publicly_accessible"] = True
    resources["aws_vpc_security_group_ingress_rule"]["ecs_from_world_22"] = {
        "security_group_id": "${aws_security_group.ecs.id}",
        "cidr_ipv4": "0.0.0.0/0",
        "ip_protocol": "tcp",
        "from_port": 22,
        "to_port": 22,
    }
    resources["aws_s3_bucket_public_access_block"]["access_logs_public_access"]["block_public_acls"] = False
    del resources["aws_dynamodb_table"]["items"]["server_side_encryption"]["kms_key_arn"]


def test_a_broken_stack_fails_in_its_json_and_in_its_plan(outdir: Path, tmp_path: Path) -> None:
    try:
        find_terraform()
    except UserError as error:
        needs(False, str(error))
    stacks = tmp_path / "stacks"
    shutil.copytree(outdir / "stacks", stacks)
    path = stacks / "production" / "cdk.tf.json"
    document = json.loads(path.read_text())
    break_stack(document["resource"])
    path.write_text(json.dumps(document))

    answer = subprocess.run(
        ["make", "policy", f"STACKS={stacks}"], cwd=ROOT, capture_output=True, text=True, check=False
    )

    assert answer.returncode == 2, answer.stdout + answer.stderr
    failures = dict(re.findall(r"^FAILED (\S+) .*\n  production (\S+ \(JSON and plan\))", answer.stdout, re.MULTILINE))
    assert failures.items() >= {check: f"{address} (JSON and plan)" for check, address in BROKEN.items()}.items()
    assert "Error 1" in answer.stderr


def test_a_folder_without_stacks_is_a_mistake_and_no_success(tmp_path: Path) -> None:
    answer = subprocess.run(
        ["make", "policy", f"STACKS={tmp_path}"], cwd=ROOT, capture_output=True, text=True, check=False
    )

    assert "Error 2" in answer.stderr, answer.stderr
    assert f"policy: {tmp_path} has no <stack>/cdk.tf.json: `make synth` writes cdktf.out/stacks" in answer.stderr
