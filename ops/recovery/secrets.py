"""Secrets and KMS keys."""

from __future__ import annotations

from collections.abc import Iterator

from ops.core.aws import ask
from ops.recovery.finding import Finder, Object, Wanted, pages


def secret(wanted: Wanted) -> Iterator[Object]:
    found = ask(wanted.client("secretsmanager").describe_secret, SecretId=wanted.name)
    if found and "DeletedDate" not in found:
        yield Object(found["ARN"], "name", attributes={"arn": found["ARN"]})


def key(wanted: Wanted) -> Iterator[Object]:
    """A key has no name: its tags tell it."""
    kms = wanted.client("kms")
    for each in pages(kms, "list_keys", "Keys"):
        id_ = each["KeyId"]
        told = kms.describe_key(KeyId=id_)["KeyMetadata"]
        if told["KeyManager"] != "CUSTOMER" or told["KeyState"] == "PendingDeletion":
            continue
        tags = {tag["TagKey"]: tag["TagValue"] for tag in pages(kms, "list_resource_tags", "Tags", KeyId=id_)}
        if wanted.tags.items() <= tags.items():
            remove = f"kms schedule-key-deletion --key-id {id_}"
            yield Object(id_, f"tag Name {wanted.tags['Name']}", "", {"arn": told["Arn"], "key_id": id_}, remove=remove)


def alias(wanted: Wanted) -> Iterator[Object]:
    for each in pages(wanted.client("kms"), "list_aliases", "Aliases"):
        if each["AliasName"] == wanted.name:
            yield Object(wanted.name, "name")


FINDERS = {
    "aws_secretsmanager_secret": Finder(secret),
    "aws_kms_key": Finder(key, key),
    "aws_kms_alias": Finder(alias),
}
