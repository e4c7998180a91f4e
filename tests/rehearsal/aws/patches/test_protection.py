"""Deletion protection is held, not only kept."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from botocore.exceptions import ClientError

Client = Callable[[str], Any]


def test_protected_user_pools_are_not_deleted(client: Client):
    cognito = client("cognito-idp")
    pool = cognito.create_user_pool(PoolName="protected", DeletionProtection="ACTIVE")["UserPool"]["Id"]
    with pytest.raises(ClientError, match="deletion protection"):
        cognito.delete_user_pool(UserPoolId=pool)
    cognito.update_user_pool(UserPoolId=pool, DeletionProtection="INACTIVE")
    cognito.delete_user_pool(UserPoolId=pool)


def test_protected_load_balancers_are_not_deleted(client: Client, network: dict[str, str]):
    elb = client("elbv2")
    other = client("ec2").create_subnet(VpcId=network["vpc"], CidrBlock="10.9.1.0/24")["Subnet"]["SubnetId"]
    arn = elb.create_load_balancer(Name="protected", Subnets=[network["subnet"], other])["LoadBalancers"][0][
        "LoadBalancerArn"
    ]

    def protect(value: str) -> None:
        attribute = {"Key": "deletion_protection.enabled", "Value": value}
        elb.modify_load_balancer_attributes(LoadBalancerArn=arn, Attributes=[attribute])

    protect("true")
    with pytest.raises(ClientError, match="OperationNotPermitted"):
        elb.delete_load_balancer(LoadBalancerArn=arn)
    protect("false")
    elb.delete_load_balancer(LoadBalancerArn=arn)
