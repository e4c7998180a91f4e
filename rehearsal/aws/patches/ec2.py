"""What the provider needs of security groups."""

from __future__ import annotations

import copy
from typing import Any

from moto.ec2.models.security_groups import SecurityGroupBackend, SecurityGroupRule


def rule_descriptions() -> None:
    """The provider reads back the description of every rule.

    moto answers only with that of an address range: lost for a rule that names a group or a prefix list.
    It also takes the description for part of the rule's identity, and its modify call only knows IPv4 ranges.
    """
    init = SecurityGroupRule.__init__
    same = SecurityGroupRule.__eq__
    modify = SecurityGroupBackend.modify_security_group_rules

    def __init__(self: SecurityGroupRule, *args: Any, **kwargs: Any) -> None:
        init(self, *args, **kwargs)
        prefix_list: dict[str, str] | None = kwargs.get("prefix_list_id") or (args[7] if len(args) > 7 else None)
        vars(self)["prefix_list_description"] = (prefix_list or {}).get("Description")

    def description(self: SecurityGroupRule) -> str | None:
        own = vars(self).get("prefix_list_description")
        return self.ip_range.get("Description") or self.source_group.get("Description") or own

    def undescribed(rule: SecurityGroupRule) -> SecurityGroupRule:
        plain = copy.copy(rule)
        plain.source_group = {key: value for key, value in rule.source_group.items() if key != "Description"}
        return plain

    def __eq__(self: SecurityGroupRule, other: SecurityGroupRule) -> bool:
        return same(undescribed(self), undescribed(other))

    def modify_security_group_rules(
        self: SecurityGroupBackend, group_id: str, rules: dict[str, dict[str, Any]]
    ) -> None:
        modify(self, group_id, rules)
        group = self.get_security_group_by_name_or_id(group_id)
        for rule_id, new in rules.items():
            rule = group.get_rule(rule_id) if group else None
            if rule is None:
                continue
            text = new.get("Description", "")
            if "ReferencedGroupId" in new:
                rule.ip_range = {}
                rule.source_group = {**rule.source_group, "GroupId": new["ReferencedGroupId"], "Description": text}
            elif "PrefixListId" in new:
                rule.ip_range = {}
                rule.prefix_list_id = new["PrefixListId"]
                vars(rule)["prefix_list_description"] = text
            elif "CidrIpv6" in new:
                rule.ip_range = {"CidrIpv6": new["CidrIpv6"], "Description": text}

    SecurityGroupRule.__init__ = __init__
    SecurityGroupRule.description = property(description)  # pyright: ignore[reportAttributeAccessIssue]
    SecurityGroupRule.__eq__ = __eq__
    SecurityGroupBackend.modify_security_group_rules = modify_security_group_rules
