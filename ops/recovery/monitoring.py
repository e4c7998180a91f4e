"""Logs, alarms, dashboards and the topic that alarms go to; all of them have names."""

from __future__ import annotations

from collections.abc import Iterator

from ops.core.aws import ask
from ops.recovery.finding import Finder, Object, Wanted, pages

DEFAULT_POLICY = "__default_policy_ID"
"""Id of the policy that SNS gives a new topic."""


def log_group(wanted: Wanted) -> Iterator[Object]:
    for each in pages(wanted.client("logs"), "describe_log_groups", "logGroups", logGroupNamePrefix=wanted.name):
        if each["logGroupName"] == wanted.name:
            yield Object(wanted.name, "name", attributes={"arn": each["arn"].removesuffix(":*")})


def log_stream(wanted: Wanted) -> Iterator[Object]:
    group = wanted.text("log_group_name")
    asked = {"logGroupName": group, "logStreamNamePrefix": wanted.name}
    for each in pages(wanted.client("logs"), "describe_log_streams", "logStreams", **asked):
        if each["logStreamName"] == wanted.name:
            yield Object(wanted.name, "group and name", f"{group}:{wanted.name}")


def alarm(wanted: Wanted) -> Iterator[Object]:
    name = wanted.text("alarm_name")
    for _ in wanted.client("cloudwatch").describe_alarms(AlarmNames=[name])["MetricAlarms"]:
        yield Object(name, "name")


def topic(wanted: Wanted) -> Iterator[Object]:
    arn = f"arn:aws:sns:{wanted.region}:{wanted.account_id}:{wanted.name}"
    if ask(wanted.client("sns").get_topic_attributes, TopicArn=arn):
        yield Object(arn, "name", attributes={"arn": arn})


def topic_policy(wanted: Wanted) -> Iterator[Object]:
    arn = wanted.text("arn")
    found = ask(wanted.client("sns").get_topic_attributes, TopicArn=arn)
    if found and DEFAULT_POLICY not in found["Attributes"].get("Policy", DEFAULT_POLICY):
        yield Object(arn, "topic")


FINDERS = {
    "aws_cloudwatch_log_group": Finder(log_group),
    "aws_cloudwatch_log_stream": Finder(log_stream),
    "aws_cloudwatch_metric_alarm": Finder(alarm),
    "aws_sns_topic": Finder(topic),
    "aws_sns_topic_policy": Finder(topic_policy),
}
