"""The network: one VPC in three tiers of subnets, one of each tier in every availability zone."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from cdktf import TerraformResourceLifecycle
from cdktf_cdktf_provider_aws.default_network_acl import (
    DefaultNetworkAcl,
    DefaultNetworkAclEgress,
    DefaultNetworkAclIngress,
)
from cdktf_cdktf_provider_aws.default_security_group import DefaultSecurityGroup
from cdktf_cdktf_provider_aws.eip import Eip
from cdktf_cdktf_provider_aws.internet_gateway import InternetGateway
from cdktf_cdktf_provider_aws.nat_gateway import NatGateway
from cdktf_cdktf_provider_aws.route import Route
from cdktf_cdktf_provider_aws.route_table import RouteTable
from cdktf_cdktf_provider_aws.route_table_association import RouteTableAssociation
from cdktf_cdktf_provider_aws.subnet import Subnet
from cdktf_cdktf_provider_aws.vpc import Vpc as AwsVpc
from cdktf_cdktf_provider_aws.vpc_endpoint import VpcEndpoint
from constructs import Construct

from modules.policy import Statement, document
from modules.security import ANYWHERE


@dataclass(frozen=True)
class Zone:
    """One availability zone and the CIDR of its subnet in each tier."""

    name: str
    public_cidr: str
    private_cidr: str
    database_cidr: str

    @property
    def key(self) -> str:
        """The zone's letter: it keys the addresses, so that adding a zone only adds."""
        return self.name[-1]


class Vpc(Construct):
    """A VPC with DNS, an internet gateway, NAT, gateway endpoints and a default security group that admits nothing.

    The default network ACL is what AWS makes it, and Terraform's, so that a rule added by hand shows as drift. It lets
    everything pass: it knows no connections, and the security groups do. Through the endpoints only buckets and tables
    of the account are reached, and the layers of ECR's images.

    Every zone has its own private and database route table, so changing the number of NAT gateways only
    changes routes. Each NAT gateway costs about 33 USD a month before traffic; the S3 and DynamoDB gateway
    endpoints are free and keep that traffic off NAT.
    """

    def __init__(
        self,
        scope: Construct,
        id_: str,
        *,
        name: str,
        environment: str,
        region: str,
        account_id: str,
        cidr: str,
        zones: Sequence[Zone],
        nat_gateways: int,
    ) -> None:
        super().__init__(scope, id_)
        if not 0 <= nat_gateways <= len(zones):
            raise ValueError(f"nat_gateways: got {nat_gateways}, expected 0 to {len(zones)}, one a zone at most")
        self._name = name
        vpc = AwsVpc(
            self,
            "Default",
            cidr_block=cidr,
            enable_dns_hostnames=True,
            enable_dns_support=True,
            tags={"Name": f"{name}-{environment}"},
        )
        self.id = vpc.id
        DefaultSecurityGroup(self, "default_security_group", vpc_id=self.id, tags={"Name": f"{name}-default-locked"})

        self._adopt_network_acl(vpc.default_network_acl_id)

        self.public_subnet_ids = [self._public_subnet(index, zone) for index, zone in enumerate(zones)]
        self._route_public_tier(zones)
        nat_ids = [self._nat_gateway(zone, self.public_subnet_ids[i]) for i, zone in enumerate(zones[:nat_gateways])]

        tables: list[str] = []
        self.private_subnet_ids: list[str] = []
        self.database_subnet_ids: list[str] = []
        for index, zone in enumerate(zones):
            nat_id = nat_ids[index % nat_gateways] if nat_gateways else None
            for tier, tier_cidr, subnet_ids in (
                ("private", zone.private_cidr, self.private_subnet_ids),
                ("database", zone.database_cidr, self.database_subnet_ids),
            ):
                subnet = Subnet(
                    self,
                    f"{tier}_{zone.key}",
                    vpc_id=self.id,
                    cidr_block=tier_cidr,
                    availability_zone=zone.name,
                    tags={"Name": f"{name}-{tier}-{index + 1}"},
                )
                subnet_ids.append(subnet.id)
                tables.append(self._route_inner_subnet(tier, zone, subnet.id, nat_id))
        for service, statements in _endpoint_policies(region, account_id).items():
            VpcEndpoint(
                self,
                f"{service}_endpoint",
                vpc_id=self.id,
                service_name=f"com.amazonaws.{region}.{service}",
                vpc_endpoint_type="Gateway",
                policy=document(*statements),
                route_table_ids=tables,
                tags={"Name": f"{name}-{service}"},
            )

    def _adopt_network_acl(self, acl_id: str) -> None:
        DefaultNetworkAcl(
            self,
            "default_network_acl",
            default_network_acl_id=acl_id,
            ingress=[
                DefaultNetworkAclIngress(
                    rule_no=100, action="allow", protocol="-1", cidr_block=ANYWHERE, from_port=0, to_port=0
                )
            ],
            egress=[
                DefaultNetworkAclEgress(
                    rule_no=100, action="allow", protocol="-1", cidr_block=ANYWHERE, from_port=0, to_port=0
                )
            ],
            # Each subnet that is made has it by itself.
            lifecycle=TerraformResourceLifecycle(ignore_changes=["subnet_ids"]),
            tags={"Name": f"{self._name}-default"},
        )

    def _public_subnet(self, index: int, zone: Zone) -> str:
        subnet = Subnet(
            self,
            f"public_{zone.key}",
            vpc_id=self.id,
            cidr_block=zone.public_cidr,
            availability_zone=zone.name,
            map_public_ip_on_launch=True,
            tags={"Name": f"{self._name}-public-{index + 1}"},
        )
        return subnet.id

    def _route_public_tier(self, zones: Sequence[Zone]) -> None:
        self._gateway = InternetGateway(self, "internet_gateway", vpc_id=self.id, tags={"Name": f"{self._name}-igw"})
        table = RouteTable(self, "public_routes", vpc_id=self.id, tags={"Name": f"{self._name}-public"})
        table_id = table.id
        Route(
            self,
            "public_internet",
            route_table_id=table_id,
            destination_cidr_block=ANYWHERE,
            gateway_id=self._gateway.id,
        )
        for zone, subnet_id in zip(zones, self.public_subnet_ids, strict=True):
            RouteTableAssociation(self, f"public_routes_{zone.key}", subnet_id=subnet_id, route_table_id=table_id)

    def _nat_gateway(self, zone: Zone, subnet_id: str) -> str:
        name = f"{self._name}-nat-{zone.key}"
        address = Eip(self, f"nat_ip_{zone.key}", domain="vpc", tags={"Name": name}, depends_on=[self._gateway])
        nat = NatGateway(
            self,
            f"nat_{zone.key}",
            allocation_id=address.id,
            subnet_id=subnet_id,
            # Fewer gateways: the routes go to another one first.
            lifecycle=TerraformResourceLifecycle(create_before_destroy=True),
            tags={"Name": name},
            depends_on=[self._gateway],
        )
        return nat.id

    def _route_inner_subnet(self, tier: str, zone: Zone, subnet_id: str, nat_id: str | None) -> str:
        name = f"{tier}_routes_{zone.key}"
        table = RouteTable(self, name, vpc_id=self.id, tags={"Name": f"{self._name}-{tier}-{zone.key}"})
        table_id = table.id
        RouteTableAssociation(self, f"{name}_association", subnet_id=subnet_id, route_table_id=table_id)
        if nat_id is not None:
            Route(
                self,
                f"{tier}_nat_{zone.key}",
                route_table_id=table_id,
                destination_cidr_block=ANYWHERE,
                nat_gateway_id=nat_id,
            )
        return table_id


def _endpoint_policies(region: str, account_id: str) -> dict[str, list[Statement]]:
    """What may pass each gateway endpoint; it grants nothing by itself, the caller's own policies still count.

    Nobody takes data to a bucket or table of another account: "Control access to VPC endpoints using endpoint
    policies", AWS PrivateLink guide. Layers lie in a bucket of ECR's: "Amazon ECR interface VPC endpoints", Minimum
    Amazon S3 Bucket Permissions.
    """
    own = {"StringEquals": {"aws:ResourceAccount": account_id}}
    layers = f"arn:aws:s3:::prod-{region}-starport-layer-bucket/*"
    return {
        "s3": [
            Statement("OwnBuckets", ["s3:*"], ["*"], principals="*", conditions=own),
            Statement("ImageLayers", ["s3:GetObject"], [layers], principals="*"),
        ],
        "dynamodb": [Statement("OwnTables", ["dynamodb:*"], ["*"], principals="*", conditions=own)],
    }
