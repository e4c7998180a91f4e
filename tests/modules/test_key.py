from __future__ import annotations

import json
from collections.abc import Callable

from constructs import Construct

from modules.iam import ServiceRole
from modules.key import DECRYPT, DataKey
from tests.support import Output

Synth = Callable[[Callable[[Construct], object]], Output]


def key(scope: Construct) -> DataKey:
    return DataKey(scope, "key", alias="app-data", region="eu-west-1", account_id="111111111111")


def test_the_key_is_renewed_every_year_and_can_be_restored_for_a_month(synth: Synth) -> None:
    stack = synth(key)
    resource = stack.one("aws_kms_key")
    assert resource["enable_key_rotation"] is True
    assert resource["deletion_window_in_days"] == 30
    assert stack.one("aws_kms_alias")["name"] == "alias/app-data"


def test_iam_policies_of_the_account_decide_who_uses_the_key(synth: Synth) -> None:
    statements = {each["Sid"]: each for each in json.loads(synth(key).one("aws_kms_key")["policy"])["Statement"]}
    assert statements["IamPolicies"]["Principal"] == {"AWS": "arn:aws:iam::111111111111:root"}
    assert statements.keys() == {"IamPolicies", "LogGroups", "Alarms", "DatabaseEvents"}


def test_only_log_groups_and_alarms_of_this_account_use_the_key_by_its_policy(synth: Synth) -> None:
    statements = {each["Sid"]: each for each in json.loads(synth(key).one("aws_kms_key")["policy"])["Statement"]}
    logs, alarms = statements["LogGroups"], statements["Alarms"]
    assert logs["Principal"] == {"Service": "logs.eu-west-1.amazonaws.com"}
    assert logs["Condition"] == {
        "ArnLike": {"kms:EncryptionContext:aws:logs:arn": "arn:aws:logs:eu-west-1:111111111111:log-group:*"}
    }
    assert alarms["Principal"] == {"Service": "cloudwatch.amazonaws.com"}
    assert alarms["Condition"] == {"StringEquals": {"aws:SourceAccount": "111111111111"}}


def test_rds_may_tell_an_encrypted_topic_of_its_events(synth: Synth) -> None:
    statements = {each["Sid"]: each for each in json.loads(synth(key).one("aws_kms_key")["policy"])["Statement"]}
    events = statements["DatabaseEvents"]
    assert events["Principal"] == {"Service": "events.rds.amazonaws.com"}
    assert events["Action"] == ["kms:Decrypt", "kms:GenerateDataKey"]


def test_a_role_uses_the_key_only_where_the_service_asks_for_it(synth: Synth) -> None:
    def grant(scope: Construct) -> None:
        role = ServiceRole(scope, "role", name="r", service="ecs-tasks.amazonaws.com", account_id="111111111111")
        key(scope).allow(role, "decrypt", DECRYPT, through="secretsmanager")

    (statement,) = json.loads(synth(grant).one("aws_iam_role_policy")["policy"])["Statement"]
    assert statement["Action"] == ["kms:Decrypt"]
    assert statement["Resource"] == ["${aws_kms_key.key.arn}"]
    assert statement["Condition"] == {"StringEquals": {"kms:ViaService": "secretsmanager.eu-west-1.amazonaws.com"}}
