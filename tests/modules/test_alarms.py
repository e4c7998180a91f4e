from __future__ import annotations

from collections.abc import Callable

from constructs import Construct

from modules.alarms import Alarms
from tests.support import Output

Synth = Callable[[Callable[[Construct], object]], Output]


def alarms(scope: Construct, *, key_arn: str | None = None) -> Alarms:
    return Alarms(
        scope,
        "alarms",
        topic_name="t",
        alarm_name="x-{}".format,
        account_id="111111111111",
        email=None,
        key_arn=key_arn,
    )


def test_free_storage_alarms_below_a_tenth_of_what_is_allocated(synth: Synth) -> None:
    stack = synth(lambda scope: alarms(scope).watch_database("db", storage=20, connections=80))
    (alarm,) = (
        each for each in stack.all("aws_cloudwatch_metric_alarm").values() if each["metric_name"] == "FreeStorageSpace"
    )
    assert (alarm["threshold"], alarm["comparison_operator"]) == (2 * 2**30, "LessThanThreshold")


def test_a_metric_without_data_is_no_alarm_where_that_is_good_news(synth: Synth) -> None:
    stack = synth(lambda scope: alarms(scope).watch_table("items", index="owner"))
    assert {alarm["treat_missing_data"] for alarm in stack.all("aws_cloudwatch_metric_alarm").values()} == {
        "notBreaching"
    }


def test_only_cloudwatch_and_rds_of_this_account_may_publish(synth: Synth) -> None:
    stack = synth(alarms)
    ((_, policy),) = stack.policies()
    services = [statement["Principal"]["Service"] for statement in policy["Statement"]]
    assert services == ["cloudwatch.amazonaws.com", "events.rds.amazonaws.com"]
    for statement in policy["Statement"]:
        assert statement["Condition"] == {"StringEquals": {"aws:SourceAccount": "111111111111"}}


def test_failover_failure_and_maintenance_of_the_database_are_told_to_the_topic(synth: Synth) -> None:
    told = synth(lambda scope: alarms(scope).report_database("db", name="e")).one("aws_db_event_subscription")
    assert (told["source_type"], told["source_ids"]) == ("db-instance", ["db"])
    assert {"failover", "failure", "maintenance"} <= set(told["event_categories"])
    assert told["sns_topic"] == "${aws_sns_topic.alarms_topic.arn}"
    assert told["depends_on"] == ["aws_sns_topic_policy.alarms_topic_policy"]


def test_a_reset_of_the_databases_master_password_is_told_as_security_hub_asks(synth: Synth) -> None:
    """AWS Security Hub, control RDS.20: these three categories of an instance's events."""
    told = synth(lambda scope: alarms(scope).report_database("db", name="e")).one("aws_db_event_subscription")
    assert {"maintenance", "configuration change", "failure"} <= set(told["event_categories"])


def test_the_topic_has_the_environments_key_or_none(synth: Synth) -> None:
    assert synth(lambda scope: alarms(scope, key_arn="arn:key")).one("aws_sns_topic")["kms_master_key_id"] == "arn:key"


def test_without_a_key_the_topic_is_not_encrypted_so_that_cloudwatch_can_publish(synth: Synth) -> None:
    assert "kms_master_key_id" not in synth(alarms).one("aws_sns_topic")
