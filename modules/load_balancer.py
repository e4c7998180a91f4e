"""The public Application Load Balancer: listeners, path rules, target groups with health checks, access logs."""

from __future__ import annotations

from collections.abc import Sequence

from cdktf import TerraformResourceLifecycle
from cdktf_cdktf_provider_aws.lb import Lb, LbAccessLogs
from cdktf_cdktf_provider_aws.lb_listener import (
    LbListener,
    LbListenerDefaultAction,
    LbListenerDefaultActionRedirect,
)
from cdktf_cdktf_provider_aws.lb_listener_rule import (
    LbListenerRule,
    LbListenerRuleAction,
    LbListenerRuleCondition,
    LbListenerRuleConditionPathPattern,
)
from cdktf_cdktf_provider_aws.lb_target_group import LbTargetGroup, LbTargetGroupHealthCheck
from constructs import Construct

from modules.bucket import PrivateBucket, expire
from modules.policy import Statement
from modules.security import SecurityGroup

HTTP_PORT = 80
HTTPS_PORT = 443
# TLS 1.3 and 1.2: "Security policies for your Application Load Balancer", the policy AWS recommends.
TLS_POLICY = "ELBSecurityPolicy-TLS13-1-2-2021-06"


class TargetGroup(Construct):
    """Addresses of one service's tasks; two good health checks admit a target, three bad ones remove it.

    A check every 30 s with a 5 s timeout: a dead target is out after 90 s at most, a new one in after 60 s.
    `port` is the first one: ECS registers each task with its container's port, which traffic and checks then go to
    ("CreateTargetGroup", Elastic Load Balancing API reference), so that a service changes its port within one group.
    """

    def __init__(
        self, scope: Construct, id_: str, *, name: str, vpc_id: str, port: int, health_check_path: str
    ) -> None:
        super().__init__(scope, id_)
        self.port = port
        group = LbTargetGroup(
            self,
            "Default",
            name=name,
            port=port,
            protocol="HTTP",
            vpc_id=vpc_id,
            target_type="ip",
            deregistration_delay="30",
            health_check=LbTargetGroupHealthCheck(
                healthy_threshold=2,
                unhealthy_threshold=3,
                timeout=5,
                interval=30,
                path=health_check_path,
                matcher="200",
            ),
            # Another port would be another group: AWS refuses a second of this name, and to delete one in use.
            lifecycle=TerraformResourceLifecycle(ignore_changes=["port"]),
            tags={"Name": name},
        )
        self.arn = group.arn
        self.arn_suffix = group.arn_suffix


class AccessLogs(Construct):
    """A bucket for the load balancer's access logs; a log is deleted after the given days.

    SSE-S3, the only encryption that the load balancer can deliver to. If `disposable` the logs go with the bucket.
    """

    def __init__(
        self,
        scope: Construct,
        id_: str,
        *,
        bucket_name: str,
        account_id: str,
        retention_days: int,
        disposable: bool,
    ) -> None:
        super().__init__(scope, id_)
        delivery = Statement(
            "LoadBalancerDelivery",
            ["s3:PutObject"],
            [f"arn:aws:s3:::{bucket_name}/AWSLogs/{account_id}/*"],
            principals={"Service": "logdelivery.elasticloadbalancing.amazonaws.com"},
        )
        self.bucket = PrivateBucket(self, "Default", name=bucket_name, statements=[delivery], disposable=disposable)
        expire(self, self.bucket, retention_days)


class LoadBalancer(Construct):
    """An internet-facing ALB; with a certificate, HTTPS serves and HTTP redirects, without one HTTP serves.

    About 17 USD a month before traffic.
    """

    def __init__(
        self,
        scope: Construct,
        id_: str,
        *,
        name: str,
        subnet_ids: Sequence[str],
        security_group: SecurityGroup,
        certificate_arn: str | None,
        default_targets: TargetGroup,
        access_logs: AccessLogs | None,
        deletion_protection: bool,
    ) -> None:
        super().__init__(scope, id_)
        self.security_group = security_group
        balancer = Lb(
            self,
            "Default",
            name=name,
            internal=False,
            load_balancer_type="application",
            security_groups=[security_group.id],
            subnets=list(subnet_ids),
            enable_deletion_protection=deletion_protection,
            enable_http2=True,
            drop_invalid_header_fields=True,
            access_logs=LbAccessLogs(bucket=access_logs.bucket.id, enabled=True) if access_logs else None,
            depends_on=[access_logs.bucket.policy] if access_logs else None,
            tags={"Name": name},
        )
        self.dns_name = balancer.dns_name
        self.arn_suffix = balancer.arn_suffix
        arn = balancer.arn

        forward = LbListenerDefaultAction(type="forward", target_group_arn=default_targets.arn)
        if certificate_arn is None:
            self.listener = LbListener(
                self, "http", load_balancer_arn=arn, port=HTTP_PORT, protocol="HTTP", default_action=[forward]
            )
            self._before_routes: list[LbListener | LbListenerRule] = []
        else:
            redirect = LbListenerDefaultAction(
                type="redirect",
                redirect=LbListenerDefaultActionRedirect(
                    port=str(HTTPS_PORT), protocol="HTTPS", status_code="HTTP_301"
                ),
            )
            self.listener = LbListener(
                self,
                "https",
                load_balancer_arn=arn,
                port=HTTPS_PORT,
                protocol="HTTPS",
                ssl_policy=TLS_POLICY,
                certificate_arn=certificate_arn,
                default_action=[forward],
            )
            http = LbListener(
                self,
                "http",
                load_balancer_arn=arn,
                port=HTTP_PORT,
                protocol="HTTP",
                default_action=[redirect],
                depends_on=[self.listener],
            )
            # HTTP has to redirect before a first certificate takes its rules away.
            self._before_routes = [http]
        self._listener_arn = self.listener.arn

    def allow_from_anywhere(self) -> None:
        """Admit HTTP and HTTPS from the internet, as the guide does whether or not a certificate is set."""
        self.security_group.allow_from_anywhere(HTTP_PORT)
        self.security_group.allow_from_anywhere(HTTPS_PORT)

    def route(self, id_: str, path: str, *, priority: int, to: TargetGroup) -> None:
        """Send a path pattern to a target group; the lowest priority number that matches wins, and is routed first.

        With a first certificate the rules move to the HTTPS listener: there they are made in this order, then on HTTP
        they go in the opposite one, so that at no moment one takes another's requests.
        """
        rule = LbListenerRule(
            self,
            id_,
            listener_arn=self._listener_arn,
            priority=priority,
            action=[LbListenerRuleAction(type="forward", target_group_arn=to.arn)],
            condition=[LbListenerRuleCondition(path_pattern=LbListenerRuleConditionPathPattern(values=[path]))],
            lifecycle=TerraformResourceLifecycle(create_before_destroy=True),
            depends_on=list(self._before_routes) or None,
        )
        self._before_routes.append(rule)
