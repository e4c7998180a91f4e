"""The roles that AWS's own services need in an account, and make themselves only once the first thing is asked for."""

from __future__ import annotations

from botocore.exceptions import ClientError

from ops.core.aws import Aws, error_code

SERVICES = (
    "backup.amazonaws.com",
    "ecs.amazonaws.com",
    "ecs.application-autoscaling.amazonaws.com",
    "elasticloadbalancing.amazonaws.com",
    "rds.amazonaws.com",
)
"""Source: "Using service-linked roles" in the user guides of AWS Backup, Amazon ECS, Application Auto Scaling,
Elastic Load Balancing and Amazon RDS. AWS Backup copies and deletes with its own, whatever role it was handed."""
TAKEN = "has been taken in this account"


def make(aws: Aws) -> list[str]:
    """Make those that an account lacks; the services of the ones that were made.

    In an account that never had one, the first apply fails with "Unable to assume the service linked role", since the
    service asks for the role that it has only just made.
    """
    iam = aws.client("iam")
    made: list[str] = []
    for service in SERVICES:
        if iam.list_roles(PathPrefix=f"/aws-service-role/{service}/")["Roles"]:
            continue
        try:
            iam.create_service_linked_role(AWSServiceName=service)
        except ClientError as error:
            # Made by somebody else since the look.
            if error_code(error) != "InvalidInput" or TAKEN not in str(error):
                raise
        else:
            made.append(service)
    return made
