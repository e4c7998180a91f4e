"""What the auditors are asked, and how their answers are read."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from ops.core.errors import CommandError, UserError
from tests.support import Output
from tools.audit import parliament, program, prowler
from tools.audit.account import Account, Resource, recorded
from tools.audit.findings import NO_STACK, Places

TOPIC = Resource("staging", "aws_sns_topic.alarms", "aws_sns_topic", {"arn": "arn:aws:sns:us-east-1:1:alarms"})
TOPIC_POLICY = Resource(
    "staging",
    "aws_sns_topic_policy.alarms",
    "aws_sns_topic_policy",
    {"arn": "arn:aws:sns:us-east-1:1:alarms", "policy": '{"Version": "2012-10-17", "Statement": []}'},
)
ROLE = Resource(
    "bootstrap",
    "aws_iam_role.plan",
    "aws_iam_role",
    {"arn": "arn:aws:iam::1:role/plan", "assume_role_policy": '{"Statement": []}'},
)
RESOURCES = (TOPIC_POLICY, TOPIC, ROLE)


def result(uid: str, status: str = "FAIL", service: str = "sns") -> dict[str, Any]:
    return {
        "metadata": {"event_code": "sns_check"},
        "status_code": status,
        "status_detail": "It is open.",
        "finding_info": {"analytic": {"category": service}},
        "resources": [{"uid": uid}],
    }


def test_a_finding_has_the_address_that_terraform_has() -> None:
    (found,) = prowler.findings([result("arn:aws:sns:us-east-1:1:alarms")], Places(RESOURCES))
    assert (found.stack, found.address, found.check) == ("staging", "aws_sns_topic.alarms", "sns_check")


def test_a_part_of_a_resource_is_its() -> None:
    assert Places(RESOURCES).find("arn:aws:iam::1:role/plan/inline") == ("bootstrap", "aws_iam_role.plan")
    assert Places(RESOURCES).find("arn:aws:iam::1:role/planner") == (NO_STACK, "arn:aws:iam::1:role/planner")


def test_what_no_state_records_is_of_no_stack() -> None:
    (found,) = prowler.findings([result("arn:aws:iam::1:root")], Places(RESOURCES))
    assert (found.stack, found.address) == (NO_STACK, "arn:aws:iam::1:root")


def test_only_what_failed_is_a_finding() -> None:
    assert prowler.findings([result("a", "PASS"), result("b", "MANUAL")], Places(RESOURCES)) == []


def test_every_type_of_the_stacks_has_a_service_or_is_left_out_knowingly(stacks: dict[str, Output]) -> None:
    types = {address.split(".")[0] for stack in stacks.values() for address in stack.addresses()}
    asked = prowler.services(types)
    assert {"ec2", "ecs", "iam", "rds", "s3", "secretsmanager", "vpc"} <= set(asked)


def test_a_type_that_nobody_thought_of_is_told() -> None:
    with pytest.raises(CommandError, match="no service of Prowler for aws_sqs_queue: add it to SERVICES or UNCHECKED"):
        prowler.services(["aws_sqs_queue"])


def test_a_service_of_which_nothing_was_checked_is_no_success() -> None:
    with pytest.raises(CommandError, match="Prowler checked nothing of iam"):
        prowler.refuse_too_few(RESOURCES, [result("a", "PASS")])
    prowler.refuse_too_few(RESOURCES, [result("a", "PASS"), result("b", "PASS", "iam")])


def test_prowler_asks_nothing_online(tmp_path: Path) -> None:
    account = Account({}, "1", ("us-east-1", "us-west-2"), RESOURCES)
    arguments = prowler.command(account, tmp_path)
    assert arguments[:6] == ["aws", "--region", "us-east-1", "us-west-2", "--services", "iam"]
    assert arguments[arguments.index("--excluded-checks") + 1] == "ec2_elastic_ip_shodan"


def test_nothing_is_audited_where_the_real_aws_could_answer(tmp_path: Path) -> None:
    with pytest.raises(UserError, match="the real AWS would answer"):
        prowler.audit(Account({"AWS_ENDPOINT_URL": ""}, "1", ("us-east-1",), RESOURCES), tmp_path)


def test_a_check_that_prowler_could_not_make_is_a_finding_and_no_pass() -> None:
    entry = '{"timestamp": "x", "filename": "%s.py:7", "level": "ERROR", "module": "m", "message": "%s"}\n'
    refused = "An error occurred (500) when calling the LookupEvents operation: <html>\nError"
    log = 2 * (entry % ("cloudtrail_service", refused)) + entry % (
        "privilege_escalation",
        "for policy: KeyError[494]: x",
    )
    found = prowler.unmade(log)
    assert [(each.check, each.stack, each.address) for each in found] == [
        (prowler.UNMADE, NO_STACK, "LookupEvents"),
        (prowler.UNMADE, NO_STACK, "privilege_escalation.py:7: KeyError"),
    ]


def test_parliament_reads_each_policy_once_and_no_trust_or_lifecycle_policy() -> None:
    lifecycle = Resource(
        "bootstrap", "aws_ecr_lifecycle_policy.a", "aws_ecr_lifecycle_policy", {"policy": '{"rules": []}'}
    )
    repeated = Resource(**{**TOPIC.__dict__, "values": TOPIC_POLICY.values})
    found = list(parliament.policies([repeated, TOPIC_POLICY, ROLE, lifecycle]))
    assert [each.address for each in found] == ["aws_sns_topic_policy.alarms"]


def test_no_policy_is_in_an_attribute_that_nobody_reads(stacks: dict[str, Output]) -> None:
    resources = (
        block for stack in stacks.values() for each in stack.document["resource"].values() for block in each.values()
    )
    named = {key for block in resources for key, value in block.items() if '"Statement"' in str(value)}
    assert named == {"policy", "assume_role_policy"}


def test_an_answer_of_parliament_names_the_resource_and_no_line() -> None:
    line = {
        "issue": "RESOURCE_STAR",
        "title": "Unnecessary use of Resource *",
        "detail": ["s3:GetObject"],
        "location": {"filepath": "./staging/aws_vpc_endpoint.s3.json", "lineno": 4, "column": 2, "string": "Resource"},
    }
    (found,) = parliament.findings(f"{json.dumps(line)}\n")
    assert (found.stack, found.address, found.check) == ("staging", "aws_vpc_endpoint.s3", "RESOURCE_STAR")
    assert found.detail == "Unnecessary use of Resource *: ['s3:GetObject'], Resource"


def test_no_policy_at_all_is_no_success(tmp_path: Path) -> None:
    with pytest.raises(CommandError, match="no state has a policy"):
        parliament.audit(Account({}, "1", ("us-east-1",), (TOPIC,)), tmp_path)


def test_a_state_is_read_without_its_data_sources() -> None:
    resource = {"address": "aws_lb.a", "type": "aws_lb", "values": {"arn": "x"}}
    data = {**resource, "address": "data.aws_lb.b", "mode": "data"}
    state = {"values": {"root_module": {"resources": [{**resource, "mode": "managed"}, data]}}}
    assert recorded("staging", state) == [Resource("staging", "aws_lb.a", "aws_lb", {"arn": "x"})]


def test_an_auditor_that_is_not_installed_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(program, "ENVIRONMENT", tmp_path)
    with pytest.raises(UserError, match="prowler is missing: `make audit` installs it"):
        program.run("prowler", [], tmp_path, {}, 1)


def test_an_auditor_that_fails_or_hangs_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(program, "ENVIRONMENT", tmp_path)
    (tmp_path / "bin").mkdir()
    auditor = tmp_path / "bin" / "prowler"
    auditor.write_text("#!/bin/sh\necho no such service >&2\nexit 3\n")
    auditor.chmod(0o755)
    with pytest.raises(CommandError, match="prowler ended with code 3:\nno such service"):
        program.run("prowler", [], tmp_path, {}, 10)
    with pytest.raises(CommandError, match="no such service"):
        program.run("prowler", [], tmp_path, {}, 10, accepted=(0, 3))
    auditor.write_text("#!/bin/sh\nexec sleep 60\n")
    with pytest.raises(CommandError, match="prowler did not end within 0 s"):
        program.run("prowler", [], tmp_path, {}, 0)
