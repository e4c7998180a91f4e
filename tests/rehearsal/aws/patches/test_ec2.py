"""The gaps of security groups mended in the emulator, seen through its API as the Terraform provider sees them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from botocore.exceptions import ClientError

Client = Callable[[str], Any]


@pytest.mark.parametrize("direction", ["ingress", "egress"])
@pytest.mark.parametrize("kind", ["group", "prefix list", "IPv4", "IPv6"])
def test_security_group_rules_keep_their_description(
    client: Client, network: dict[str, str], direction: str, kind: str
):
    ec2 = client("ec2")
    port = 1000 + 10 * ["group", "prefix list", "IPv4", "IPv6"].index(kind)
    peers: dict[str, Any] = {
        "group": ("UserIdGroupPairs", {"GroupId": network["second"]}, {"ReferencedGroupId": network["second"]}),
        "prefix list": ("PrefixListIds", {"PrefixListId": "pl-1"}, {"PrefixListId": "pl-1"}),
        "IPv4": ("IpRanges", {"CidrIp": "10.0.0.0/8"}, {"CidrIpv4": "10.0.0.0/8"}),
        "IPv6": ("Ipv6Ranges", {"CidrIpv6": "::/0"}, {"CidrIpv6": "::/0"}),
    }
    key, peer, modified = peers[kind]
    ports = {"IpProtocol": "tcp", "FromPort": port, "ToPort": port}
    permission = {**ports, key: [{**peer, "Description": "first"}]}
    authorize = getattr(ec2, f"authorize_security_group_{direction}")
    rule = authorize(GroupId=network["first"], IpPermissions=[permission])["SecurityGroupRules"][0]

    def description() -> str:
        rules = ec2.describe_security_group_rules(SecurityGroupRuleIds=[rule["SecurityGroupRuleId"]])
        return str(rules["SecurityGroupRules"][0]["Description"])

    assert (rule["Description"], description()) == ("first", "first")
    update = {**ports, **modified, "Description": "second"}
    ec2.modify_security_group_rules(
        GroupId=network["first"],
        SecurityGroupRules=[{"SecurityGroupRuleId": rule["SecurityGroupRuleId"], "SecurityGroupRule": update}],
    )
    assert description() == "second"
    with pytest.raises(ClientError, match="Duplicate"):
        authorize(GroupId=network["first"], IpPermissions=[{**ports, key: [{**peer, "Description": "third"}]}])
