"""What runs in an environment: the image and revision of each service, asked from the ECS API."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from typing import Any

from environments.settings import SERVICES, Settings
from ops.core.aws import Aws, ask

NOT_COMPARED = "not-compared-by-a-plan"
Description = dict[str, Any]
"""A service as DescribeServices gives it."""


@dataclass(frozen=True)
class Deployed:
    """One service."""

    service: str
    image: str
    revision: str
    """family:revision."""
    running: int
    desired: int
    state: str
    """rolloutState of its newest deployment: IN_PROGRESS, COMPLETED or FAILED."""
    since: str
    """When that deployment began, in UTC."""

    def to_json(self) -> dict[str, object]:
        return asdict(self)


def describe(aws: Aws, settings: Settings, service: str) -> Description | None:
    """The service; None where it does not exist."""
    names = settings.names
    found = ask(
        aws.client("ecs").describe_services, cluster=names.cluster, services=[names.service(service).ecs_service]
    )
    return next((each for each in found["services"] if each["status"] == "ACTIVE"), None) if found else None


def primary(description: Description) -> Description:
    """The service's newest deployment."""
    return next(each for each in description["deployments"] if each["status"] == "PRIMARY")


def revision(arn: str) -> str:
    """family:revision out of a task definition's ARN."""
    return arn.rpartition("/")[2]


def image(definition: Mapping[str, Any]) -> str:
    """The image of a task definition's first container, which is the application."""
    return str(definition["containerDefinitions"][0]["image"])


def find(aws: Aws, settings: Settings, service: str) -> Deployed | None:
    """What runs of a service; None where it does not exist."""
    description = describe(aws, settings, service)
    if description is None:
        return None
    deployment = primary(description)
    arn = deployment["taskDefinition"]
    definition = aws.client("ecs").describe_task_definition(taskDefinition=arn)["taskDefinition"]
    since: datetime = deployment["createdAt"]
    return Deployed(
        service=service,
        image=image(definition),
        revision=revision(arn),
        running=description["runningCount"],
        desired=description["desiredCount"],
        state=deployment.get("rolloutState", "IN_PROGRESS"),
        since=since.astimezone(UTC).strftime("%Y-%m-%d %H:%M:%SZ"),
    )


def images(aws: Aws, settings: Settings) -> dict[str, str]:
    """The image of each service as deployed, or else as the tfvars have it for the first time."""
    found = {service: find(aws, settings, service) for service in SERVICES}
    return {
        service: each.image if each else settings.image(settings.ecs.of(service)) for service, each in found.items()
    }


def variables(aws: Aws, settings: Settings, target: Mapping[str, str]) -> dict[str, str]:
    """The environment for a Terraform that deploys nothing new on the target."""
    # Required, but only compared by its version: db_password_version.
    password = {} if settings.password_from_rds else {"TF_VAR_db_password": NOT_COMPARED}
    return {
        **password,
        **target,
        **{f"TF_VAR_{service}_image": image for service, image in images(aws, settings).items()},
    }
