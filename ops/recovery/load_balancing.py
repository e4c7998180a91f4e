"""Load balancers, target groups, listeners and their rules; Terraform's id of each is its ARN."""

from __future__ import annotations

from collections.abc import Iterator

from ops.recovery.finding import Finder, Object, Wanted, listed, pages


def load_balancer(wanted: Wanted) -> Iterator[Object]:
    for each in listed("LoadBalancers", wanted.client("elbv2").describe_load_balancers, Names=[wanted.name]):
        state = each["State"]["Code"]
        arn = each["LoadBalancerArn"]
        yield Object(arn, "name", attributes={"arn": arn}, pending=state if state == "provisioning" else "")


def target_group(wanted: Wanted) -> Iterator[Object]:
    for each in listed("TargetGroups", wanted.client("elbv2").describe_target_groups, Names=[wanted.name]):
        yield Object(each["TargetGroupArn"], "name", attributes={"arn": each["TargetGroupArn"]})


def listener(wanted: Wanted) -> Iterator[Object]:
    arn = wanted.text("load_balancer_arn")
    for each in pages(wanted.client("elbv2"), "describe_listeners", "Listeners", LoadBalancerArn=arn):
        if each["Port"] == wanted.config["port"]:
            yield Object(each["ListenerArn"], "load balancer and port", attributes={"arn": each["ListenerArn"]})


def listener_rule(wanted: Wanted) -> Iterator[Object]:
    arn = wanted.text("listener_arn")
    for each in pages(wanted.client("elbv2"), "describe_rules", "Rules", ListenerArn=arn):
        if each["Priority"] == str(wanted.config["priority"]):
            yield Object(each["RuleArn"], "listener and priority", attributes={"arn": each["RuleArn"]})


FINDERS = {
    "aws_lb": Finder(load_balancer),
    "aws_lb_target_group": Finder(target_group),
    "aws_lb_listener": Finder(listener),
    "aws_lb_listener_rule": Finder(listener_rule),
}
