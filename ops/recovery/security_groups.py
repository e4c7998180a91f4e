"""Security groups and their rules."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from ops.recovery.finding import Finder, Object, Unresolved, Wanted, pages
from ops.recovery.network import Listing, strays_of, unique

GROUPS = Listing("describe_security_groups", "SecurityGroups", "GroupId", "delete-security-group --group-id")
INGRESS, EGRESS = "aws_vpc_security_group_ingress_rule", "aws_vpc_security_group_egress_rule"


def rules(wanted: Wanted, group_id: str, egress: bool) -> Iterator[Any]:
    filters = [{"Name": "group-id", "Values": [group_id]}]
    for each in pages(wanted.client("ec2"), "describe_security_group_rules", "SecurityGroupRules", Filters=filters):
        if each["IsEgress"] == egress:
            yield each


def matches(wanted: Wanted, rule: Any) -> bool:
    """Whether the rule opens what the resource opens: EC2 admits the same only once in a group."""
    peer = rule.get("ReferencedGroupInfo", {}).get("GroupId") or rule.get("CidrIpv4")
    key = "referenced_security_group_id" if "referenced_security_group_id" in wanted.config else "cidr_ipv4"
    opened = (rule["IpProtocol"], rule.get("FromPort"), rule.get("ToPort"), peer)
    config = wanted.config
    return opened == (config["ip_protocol"], config["from_port"], config["to_port"], wanted.text(key))


def rule(wanted: Wanted) -> Iterator[Object]:
    group_id = wanted.text("security_group_id")
    for each in rules(wanted, group_id, wanted.address.startswith(EGRESS)):
        if matches(wanted, each):
            yield Object(each["SecurityGroupRuleId"], f"what it opens in {group_id}")


def unknown_rules(wanted: Wanted, group_id: str) -> Iterator[Object]:
    """Rules that no resource has, such as the way out to everywhere that EC2 gives a new group.

    The provider takes that away just after it made the group, and no plan compares it again.
    """
    for kind, egress, word in ((INGRESS, False, "ingress"), (EGRESS, True, "egress")):
        own = [each for each in wanted.siblings(kind) if _is_of(each, group_id)]
        for each in rules(wanted, group_id, egress):
            if not any(_resolved_match(sibling, each) for sibling in own):
                id_ = each["SecurityGroupRuleId"]
                remove = f"ec2 revoke-security-group-{word} --group-id {group_id} --security-group-rule-ids {id_}"
                yield Object(id_, f"{word} of {group_id} that the code does not have", remove=remove)


def _is_of(rule: Wanted, group_id: str) -> bool:
    try:
        return rule.text("security_group_id") == group_id
    except Unresolved:
        return False


def _resolved_match(wanted: Wanted, rule: Any) -> bool:
    try:
        return matches(wanted, rule)
    except Unresolved:
        return False


_group = unique(GROUPS, lambda wanted: {"vpc-id": wanted.text("vpc_id"), "group-name": wanted.name})

FINDERS = {
    "aws_security_group": Finder(_group.find, strays_of(GROUPS), unknown_rules),
    INGRESS: Finder(rule),
    EGRESS: Finder(rule),
}
