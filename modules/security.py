"""Security groups without inline rules: every edge of the network is one rule resource at each end."""

from __future__ import annotations

from cdktf_cdktf_provider_aws.security_group import SecurityGroup as AwsSecurityGroup
from cdktf_cdktf_provider_aws.vpc_security_group_egress_rule import VpcSecurityGroupEgressRule
from cdktf_cdktf_provider_aws.vpc_security_group_ingress_rule import VpcSecurityGroupIngressRule
from constructs import Construct

ANYWHERE = "0.0.0.0/0"


class SecurityGroup(Construct):
    """A group that admits nothing and reaches nothing until it is told to; what it is told twice, it does once."""

    def __init__(self, scope: Construct, id_: str, *, name: str, description: str, vpc_id: str) -> None:
        super().__init__(scope, id_)
        group = AwsSecurityGroup(
            self,
            "Default",
            name=name,
            description=description,
            vpc_id=vpc_id,
            revoke_rules_on_delete=True,
            tags={"Name": name},
        )
        self.id = group.id

    def allow_from(self, peer: SecurityGroup, port: int) -> None:
        """Open one TCP port from the peer: its way out and this group's way in."""
        here, there = self.node.id, peer.node.id
        peer._reach(here, port, group_id=self.id)
        self._admit(there, port, group_id=peer.id)

    def allow_from_anywhere(self, port: int) -> None:
        """Admit one TCP port from every IPv4 address."""
        self._admit("anywhere", port, cidr=ANYWHERE)

    def allow_to_anywhere(self, port: int) -> None:
        """Reach one TCP port of every IPv4 address."""
        self._reach("anywhere", port, cidr=ANYWHERE)

    def _admit(self, source: str, port: int, *, group_id: str | None = None, cidr: str | None = None) -> None:
        id_ = f"from_{source}_{port}"
        if self.node.try_find_child(id_) is not None:
            return
        VpcSecurityGroupIngressRule(
            self,
            id_,
            security_group_id=self.id,
            referenced_security_group_id=group_id,
            cidr_ipv4=cidr,
            ip_protocol="tcp",
            from_port=port,
            to_port=port,
            description=f"From {source} on {port}",
        )

    def _reach(self, target: str, port: int, *, group_id: str | None = None, cidr: str | None = None) -> None:
        id_ = f"to_{target}_{port}"
        if self.node.try_find_child(id_) is not None:
            return
        VpcSecurityGroupEgressRule(
            self,
            id_,
            security_group_id=self.id,
            referenced_security_group_id=group_id,
            cidr_ipv4=cidr,
            ip_protocol="tcp",
            from_port=port,
            to_port=port,
            description=f"To {target} on {port}",
        )
