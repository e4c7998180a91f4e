"""RDS and DynamoDB: what is made there has a name that exists once in an account and region."""

from __future__ import annotations

from collections.abc import Iterator

from ops.core.aws import ask
from ops.recovery.finding import Finder, Object, Wanted, listed, project_of


def instance(wanted: Wanted) -> Iterator[Object]:
    name = wanted.text("identifier")
    for each in listed("DBInstances", wanted.client("rds").describe_db_instances, DBInstanceIdentifier=name):
        status = each["DBInstanceStatus"]
        attributes = {"arn": each["DBInstanceArn"]}
        if status != "deleting":
            yield Object(
                each["DbiResourceId"], "identifier", name, attributes, pending=status if status == "creating" else ""
            )


def table(wanted: Wanted) -> Iterator[Object]:
    found = ask(wanted.client("dynamodb").describe_table, TableName=wanted.name)
    if found and (status := found["Table"]["TableStatus"]) != "DELETING":
        arn = found["Table"]["TableArn"]
        tags = listed("Tags", wanted.client("dynamodb").list_tags_of_resource, ResourceArn=arn)
        pending = status if status == "CREATING" else ""
        yield Object(wanted.name, "name", attributes={"arn": arn}, pending=pending, project=project_of(tags))


FINDERS = {
    "aws_db_instance": Finder(instance),
    "aws_dynamodb_table": Finder(table),
}
