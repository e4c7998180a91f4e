"""What keeps a stack closed; each function yields what breaks it."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from fnmatch import fnmatchcase

from tests.support import Json, Output


def plain_storage(stack: Output) -> Iterator[object]:
    encrypted: dict[str, Callable[[Json], bool]] = {
        "aws_dynamodb_table": lambda table: table["server_side_encryption"]["enabled"] is True,
        "aws_db_instance": lambda instance: instance["storage_encrypted"] is True,
        "aws_ecr_repository": lambda each: each["encryption_configuration"] == [{"encryption_type": "KMS"}],
    }
    for type_, is_encrypted in encrypted.items():
        yield from (name for name, resource in stack.all(type_).items() if not is_encrypted(resource))
    yield from _buckets(stack) ^ _companions(stack, "aws_s3_bucket_server_side_encryption_configuration")


def open_buckets(stack: Output) -> Iterator[object]:
    for type_ in ("aws_s3_bucket_versioning", "aws_s3_bucket_public_access_block", "aws_s3_bucket_policy"):
        yield from _buckets(stack) ^ _companions(stack, type_)
    flags = ("block_public_acls", "block_public_policy", "ignore_public_acls", "restrict_public_buckets")
    for name, block in stack.all("aws_s3_bucket_public_access_block").items():
        yield from ((name, flag) for flag in flags if block[flag] is not True)
    for name, policy in stack.all("aws_s3_bucket_policy").items():
        statements = {each["Sid"]: each for each in json.loads(policy["policy"])["Statement"]}
        tls = statements["TlsOnly"]
        if (tls["Effect"], tls["Action"], tls["Principal"]) != ("Deny", ["s3:*"], "*") or tls["Condition"] != {
            "Bool": {"aws:SecureTransport": "false"}
        }:
            yield name, tls


def public_parts(stack: Output) -> Iterator[object]:
    """All but the load balancer on 80 and 443, and the subnets it is in."""
    for name, rule in stack.all("aws_vpc_security_group_ingress_rule").items():
        group, ports = rule["security_group_id"], {rule["from_port"], rule["to_port"]}
        if {"cidr_ipv4", "cidr_ipv6"} & rule.keys() and (
            group != "${aws_security_group.alb.id}" or ports not in ({80}, {443})
        ):
            yield name
    yield from (name for name, each in stack.all("aws_db_instance").items() if each["publicly_accessible"] is not False)
    for name, service in stack.all("aws_ecs_service").items():
        if service["network_configuration"]["assign_public_ip"] is not False:
            yield name
    for name, subnet in stack.all("aws_subnet").items():
        if subnet.get("map_public_ip_on_launch", False) is not name.startswith("vpc_public_"):
            yield name
    yield from {name for name, route in stack.all("aws_route").items() if "gateway_id" in route} - {
        "vpc_public_internet"
    }


def inline_rules(stack: Output) -> Iterator[object]:
    for name, group in stack.all("aws_security_group").items():
        yield from ((name, key) for key in {"ingress", "egress"} & group.keys())
    for name, group in stack.all("aws_default_security_group").items():
        yield from ((name, key) for key in group.keys() - {"vpc_id", "tags"})


def edges_with_one_end(stack: Output) -> Iterator[object]:
    def edges(direction: str, source: str, target: str) -> set[tuple[str, str, int]]:
        rules = stack.all(f"aws_vpc_security_group_{direction}_rule").values()
        return {
            (rule[source], rule[target], rule["from_port"]) for rule in rules if "referenced_security_group_id" in rule
        }

    yield from edges("egress", "security_group_id", "referenced_security_group_id") ^ edges(
        "ingress", "referenced_security_group_id", "security_group_id"
    )


FOR_NO_RESOURCE = (["ecr:GetAuthorizationToken"], ["secretsmanager:GetRandomPassword"], ["tag:GetResources"])
"""Actions that IAM lets nobody narrow down: "Actions, resources, and condition keys" of each service."""


def broad_policies(stack: Output) -> Iterator[object]:
    for where, policy in stack.policies():
        # A permissions boundary grants nothing.
        for statement in () if where.startswith("aws_iam_policy.boundary_") else policy["Statement"]:
            if statement["Effect"] == "Deny":
                continue
            if statement.get("Principal") == "*" and not where.startswith("aws_vpc_endpoint."):
                yield where, "anyone"
            if where.startswith("aws_kms_key."):
                # There "*" is the key itself, and the account's IAM policies count only where its root may do anything.
                if "*" in str(statement["Action"]) and not statement["Principal"]["AWS"].endswith(":root"):
                    yield where, statement["Action"]
                continue
            if where.startswith("aws_vpc_endpoint."):
                # It grants nothing: it bounds what passes, to one account or to named objects.
                if "*" in statement["Resource"] and "aws:ResourceAccount" not in str(statement.get("Condition")):
                    yield where, "everything"
                continue
            yield from ((where, action) for action in statement["Action"] if "*" in action)
            if "*" in statement.get("Resource", []) and statement["Action"] not in FOR_NO_RESOURCE:
                yield where, "everything"


NO_CONDITION_DOCUMENTED = {"backup.amazonaws.com", "s3.amazonaws.com"}
"""Services whose trust policy in AWS's documentation has no condition on the account: modules/backup.py and
modules/state_backend.py."""


def roles_for_other_accounts(stack: Output) -> Iterator[object]:
    ((account_id,),) = {tuple(provider["allowed_account_ids"]) for provider in stack.at("provider")["aws"]}
    for name, role in stack.all("aws_iam_role").items():
        (statement,) = json.loads(role["assume_role_policy"])["Statement"]
        service = statement["Principal"].get("Service")
        own = {"StringEquals": {"aws:SourceAccount": account_id}}
        expected = None if service in NO_CONDITION_DOCUMENTED else own
        if service is not None and statement.get("Condition") != expected:
            yield name


def roles_without_boundary(stacks: Mapping[str, Output]) -> Iterator[object]:
    """Roles of an environment that could do more than the bootstrap stack's boundary of it."""
    for environment in stacks.keys() - {"bootstrap"}:
        policy = stacks["bootstrap"].at(f"aws_iam_policy.boundary_{environment.replace('-', '_')}")
        for name, role in stacks[environment].all("aws_iam_role").items():
            account, _, boundary = role.get("permissions_boundary", "").partition(":policy/")
            if boundary != policy["name"] or not account.startswith("arn:aws:iam::"):
                yield environment, name


def roles_within_reach(stacks: Mapping[str, Output]) -> Iterator[object]:
    """Roles of another stack that the role which deploys an environment may change."""
    for environment in stacks.keys() - {"bootstrap"}:
        policy = stacks["bootstrap"].at(f"aws_iam_role_policy.github_apply_{environment.replace('-', '_')}_policy")
        statements = {each["Sid"]: each for each in json.loads(policy["policy"])["Statement"]}
        (own,), (denied,) = statements["OwnRoles"]["Resource"], statements["NotItself"]["Resource"]
        for name, stack in stacks.items():
            roles = [f"{own.partition('role/')[0]}role/{role['name']}" for role in stack.all("aws_iam_role").values()]
            within = {role for role in roles if fnmatchcase(role, own) and not fnmatchcase(role, denied)}
            if within != (set(roles) if name == environment else set()):
                yield environment, name, within


def _buckets(stack: Output) -> set[str]:
    return {f"${{aws_s3_bucket.{name}.id}}" for name in stack.all("aws_s3_bucket")}


def _companions(stack: Output, type_: str) -> set[str]:
    return {resource["bucket"] for resource in stack.all(type_).values()}
