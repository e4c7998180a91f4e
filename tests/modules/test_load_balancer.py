from __future__ import annotations

import json
from collections.abc import Callable

from constructs import Construct

from modules.load_balancer import AccessLogs, LoadBalancer, TargetGroup
from modules.security import SecurityGroup
from tests.support import Output

Synth = Callable[[Callable[[Construct], object]], Output]


def balancer(scope: Construct, *, access_logs: bool = False, certificate_arn: str | None = None) -> LoadBalancer:
    logs = None
    if access_logs:
        logs = AccessLogs(
            scope,
            "logs",
            bucket_name="alb-logs",
            account_id="111111111111",
            retention_days=30,
            disposable=True,
        )
    return LoadBalancer(
        scope,
        "alb",
        name="alb",
        subnet_ids=["subnet-1", "subnet-2"],
        security_group=SecurityGroup(scope, "group", name="g", description="d", vpc_id="vpc-1"),
        certificate_arn=certificate_arn,
        default_targets=TargetGroup(scope, "tg", name="t", vpc_id="vpc-1", port=80, health_check_path="/"),
        access_logs=logs,
        deletion_protection=True,
    )


def with_routes(scope: Construct, certificate_arn: str | None) -> None:
    alb = balancer(scope, certificate_arn=certificate_arn)
    for number, id_ in enumerate(("first", "second", "third"), start=1):
        targets = TargetGroup(scope, id_, name=id_, vpc_id="vpc-1", port=number, health_check_path="/")
        alb.route(id_, f"/{id_}/*", priority=number, to=targets)


def test_a_first_certificate_moves_the_rules_one_after_another_each_made_before_it_goes(synth: Synth) -> None:
    rules = synth(lambda scope: with_routes(scope, "arn:certificate")).all("aws_lb_listener_rule")
    assert {each["lifecycle"]["create_before_destroy"] for each in rules.values()} == {True}
    waits_for = {name: set(each["depends_on"]) for name, each in rules.items()}
    first, second = "aws_lb_listener_rule.alb_first", "aws_lb_listener_rule.alb_second"
    assert waits_for["alb_second"] == waits_for["alb_first"] | {first}
    assert waits_for["alb_third"] == waits_for["alb_second"] | {second}


def test_http_redirects_once_https_is_there_and_before_its_own_rules_go(synth: Synth) -> None:
    stack = synth(lambda scope: with_routes(scope, "arn:certificate"))
    listeners = stack.all("aws_lb_listener")
    assert listeners["alb_http"]["depends_on"] == ["aws_lb_listener.alb_https"]
    assert stack.all("aws_lb_listener_rule")["alb_first"]["depends_on"] == ["aws_lb_listener.alb_http"]


def test_invalid_headers_are_dropped(synth: Synth) -> None:
    assert synth(balancer).one("aws_lb")["drop_invalid_header_fields"] is True


def test_no_access_log_bucket_unless_asked(synth: Synth) -> None:
    stack = synth(balancer)
    assert "access_logs" not in stack.one("aws_lb")
    assert stack.all("aws_s3_bucket") == {}


def test_access_logs_are_delivered_by_the_load_balancing_service_only_and_expire(synth: Synth) -> None:
    stack = synth(lambda scope: balancer(scope, access_logs=True))
    assert stack.one("aws_lb")["access_logs"]["enabled"] is True
    policy = json.loads(stack.one("aws_s3_bucket_policy")["policy"])
    (delivery,) = (each for each in policy["Statement"] if each["Sid"] == "LoadBalancerDelivery")
    assert delivery["Principal"] == {"Service": "logdelivery.elasticloadbalancing.amazonaws.com"}
    assert delivery["Resource"] == ["arn:aws:s3:::alb-logs/AWSLogs/111111111111/*"]
    (rule,) = stack.one("aws_s3_bucket_lifecycle_configuration")["rule"]
    assert rule["expiration"] == [{"days": 30}]
    assert rule["abort_incomplete_multipart_upload"] == [{"days_after_initiation": 7}]


def test_access_logs_go_with_an_environment_that_is_not_protected(synth: Synth) -> None:
    stack = synth(lambda scope: balancer(scope, access_logs=True))
    assert stack.one("aws_s3_bucket")["force_destroy"] is True


def test_access_logs_are_encrypted_with_s3s_keys_the_only_ones_a_load_balancer_delivers_to(synth: Synth) -> None:
    stack = synth(lambda scope: balancer(scope, access_logs=True))
    (rule,) = stack.one("aws_s3_bucket_server_side_encryption_configuration")["rule"]
    assert rule["apply_server_side_encryption_by_default"] == {"sse_algorithm": "AES256"}


def test_the_load_balancer_waits_for_the_policy_that_lets_it_write(synth: Synth) -> None:
    stack = synth(lambda scope: balancer(scope, access_logs=True))
    assert [each.split(".")[0] for each in stack.one("aws_lb")["depends_on"]] == ["aws_s3_bucket_policy"]
