"""IAM roles and their policies, and Cognito's user pools, which may exist several times under one name."""

from __future__ import annotations

from collections.abc import Iterator

from ops.core.aws import ask
from ops.recovery.finding import Finder, Object, Wanted, pages, project_of


def role(wanted: Wanted) -> Iterator[Object]:
    found = ask(wanted.client("iam").get_role, RoleName=wanted.name)
    if found:
        role = found["Role"]
        yield Object(wanted.name, "name", attributes={"arn": role["Arn"]}, project=project_of(role.get("Tags", [])))


def policy(wanted: Wanted) -> Iterator[Object]:
    arn = f"arn:aws:iam::{wanted.account_id}:policy/{wanted.name}"
    found = ask(wanted.client("iam").get_policy, PolicyArn=arn)
    if found:
        yield Object(arn, "name", attributes={"arn": arn}, project=project_of(found["Policy"].get("Tags", [])))


def role_policy(wanted: Wanted) -> Iterator[Object]:
    name = wanted.text("role")
    if ask(wanted.client("iam").get_role_policy, RoleName=name, PolicyName=wanted.name):
        yield Object(f"{name}:{wanted.name}", "role and name")


def attachment(wanted: Wanted) -> Iterator[Object]:
    name, arn = wanted.text("role"), wanted.text("policy_arn")
    for each in pages(wanted.client("iam"), "list_attached_role_policies", "AttachedPolicies", RoleName=name):
        if each["PolicyArn"] == arn:
            yield Object("", "role and policy", f"{name}/{arn}")


def oidc_provider(wanted: Wanted) -> Iterator[Object]:
    arn = f"arn:aws:iam::{wanted.account_id}:oidc-provider/{wanted.text('url').removeprefix('https://')}"
    found = ask(wanted.client("iam").get_open_id_connect_provider, OpenIDConnectProviderArn=arn)
    if found:
        # One an account, whoever made it: without the tag that an apply gives it in the same request, not this project.
        project = project_of(found.get("Tags", [])) or "nobody, by its tags"
        yield Object(arn, "URL", attributes={"arn": arn}, project=project)


def user_pool(wanted: Wanted) -> Iterator[Object]:
    for each in pages(wanted.client("cognito-idp"), "list_user_pools", "UserPools", MaxResults=60):
        if each["Name"] == wanted.name:
            id_ = each["Id"]
            yield Object(id_, "name", remove=f"cognito-idp delete-user-pool --user-pool-id {id_}")


def user_pool_client(wanted: Wanted) -> Iterator[Object]:
    pool = wanted.text("user_pool_id")
    for each in pages(wanted.client("cognito-idp"), "list_user_pool_clients", "UserPoolClients", UserPoolId=pool):
        if each["ClientName"] == wanted.name:
            id_ = each["ClientId"]
            remove = f"cognito-idp delete-user-pool-client --user-pool-id {pool} --client-id {id_}"
            yield Object(id_, "pool and name", f"{pool}/{id_}", remove=remove)


def user_group(wanted: Wanted) -> Iterator[Object]:
    pool = wanted.text("user_pool_id")
    if ask(wanted.client("cognito-idp").get_group, UserPoolId=pool, GroupName=wanted.name):
        yield Object(f"{pool}/{wanted.name}", "pool and name")


FINDERS = {
    "aws_iam_policy": Finder(policy),
    "aws_iam_role": Finder(role),
    "aws_iam_role_policy": Finder(role_policy),
    "aws_iam_role_policy_attachment": Finder(attachment),
    "aws_iam_openid_connect_provider": Finder(oidc_provider),
    "aws_cognito_user_pool": Finder(user_pool, user_pool),
    "aws_cognito_user_pool_client": Finder(user_pool_client, user_pool_client),
    "aws_cognito_user_group": Finder(user_group),
}
