"""Security groups without inline rules: every edge of the network is one rule resource at each end."""

from __future__ import annotations

from cdktf_cdktf_provider_aws.security_group import SecurityGroup as AwsSecurityGroup
from cdktf_cdktf_provider_aws.vpc_security_group_egress_rule import VpcSecurityGroupEgressRule
from cdktf_cdktf_provider_aws.vpc_security_group_ingress_rule import VpcSecurityGroupIngressRule
from constructs import Construct

ANYWHERE = "0.0.0.0/0"


class SecurityGroup(Construct):
    """A group that admits nothing and reaches nothing until it is told to."""

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
        VpcSecurityGroupEgressRule(
            peer,
            f"to_{here}_{port}",
            security_group_id=peer.id,
            referenced_security_group_id=self.id,
            ip_protocol="tcp",
            from_port=port,
            to_port=port,
            description=f"To {here} on {port}",
        )
        VpcSecurityGroupIngressRule(
            self,
            f"from_{there}_{port}",
            security_group_id=self.id,
            referenced_security_group_id=peer.id,
            ip_protocol="tcp",
            from_port=port,
            to_port=port,
            description=f"From {there} on {port}",
        )

    def allow_from_anywhere(self, port: int) -> None:
        """Admit one TCP port from every IPv4 address."""
        VpcSecurityGroupIngressRule(
            self,
            f"from_anywhere_{port}",
            security_group_id=self.id,
            cidr_ipv4=ANYWHERE,
            ip_protocol="tcp",
            from_port=port,
            to_port=port,
            description=f"From anywhere on {port}",
        )

    def allow_to_anywhere(self, port: int) -> None:
        """Reach one TCP port of every IPv4 address."""
        VpcSecurityGroupEgressRule(
            self,
            f"to_anywhere_{port}",
            security_group_id=self.id,
            cidr_ipv4=ANYWHERE,
            ip_protocol="tcp",
            from_port=port,
            to_port=port,
            description=f"To anywhere on {port}",
        )
