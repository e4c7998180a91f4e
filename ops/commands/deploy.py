"""`deploy`: the pipeline's steps 7 and 8, the revision with the new image and the service on it."""

from __future__ import annotations

import time
from typing import Any

import click

from environments.settings import SERVICES
from ops import command_line
from ops.core.aws import Aws
from ops.core.errors import CommandError, UserError
from ops.delivery import deployed
from ops.delivery.deployed import image, primary, revision
from ops.session import Session
from ops.state import file as state

# What DescribeTaskDefinition adds to what RegisterTaskDefinition took.
READ_ONLY = {
    *("taskDefinitionArn", "revision", "status", "requiresAttributes", "compatibilities"),
    *("registeredAt", "registeredBy", "deregisteredAt", "deleteRequestedAt"),
}
Definition = dict[str, Any]


def run(session: Session, **images: str) -> None:
    """Have the services run the images that were built.

    With image_owner "terraform" the apply did that, and this verifies it. With "pipeline" it registers a revision
    that differs from Terraform's newest only in its image, and updates the service.
    """
    started = time.monotonic()
    aws = session.account
    outputs = state.outputs(aws, session.backend)
    answer: dict[str, object] = {}
    for service in SERVICES:
        wanted = images[f"{service}_image"]
        description = deployed.describe(aws, session.settings, service)
        if description is None:
            raise UserError(f"{session.name} has no {service} service yet: apply the environment first")
        newest = _newest(aws, session, service, outputs)
        if session.settings.image_owner == "pipeline":
            found = _register(aws, newest, wanted)
            arn = found["taskDefinitionArn"]
            aws.client("ecs").update_service(
                cluster=session.settings.names.cluster,
                service=description["serviceName"],
                taskDefinition=arn,
                forceNewDeployment=True,
            )
            session.display.line(f"{service}: registered {revision(arn)} with {wanted}, service updated")
        else:
            arn = newest["taskDefinitionArn"]
            if image(newest) != wanted:
                raise CommandError(
                    f"{service}: Terraform's newest revision {revision(arn)} has image {image(newest)}, expected "
                    f"{wanted}: was the apply given TF_VAR_{service}_image?"
                )
            session.display.line(f"{service}: {revision(arn)} has {wanted}, {_state(description, arn)}")
        answer[f"{service}_revision"] = revision(arn)
    session.answer({**answer, "seconds": round(time.monotonic() - started, 1)})


def _newest(aws: Aws, session: Session, service: str, outputs: dict[str, Any]) -> Definition:
    """The revision that Terraform made last, which the state knows; the family's newest may be the pipeline's."""
    arn = outputs.get(f"{service}_task_definition_arn")
    family = session.settings.names.service(service).task_family
    if arn is None:
        raise UserError(f"the state of {session.name} has no output {service}_task_definition_arn: apply it first")
    found = aws.client("ecs").describe_task_definition(taskDefinition=arn, include=["TAGS"])
    definition: Definition = found["taskDefinition"]
    if definition["family"] != family:
        raise CommandError(f"{arn} is not of family {family}: the state is another environment's")
    return {**definition, "tags": found.get("tags", [])}


def _register(aws: Aws, newest: Definition, wanted: str) -> Definition:
    """A revision that is Terraform's but for the image of its first container, and of those that have the same."""
    kept = {key: value for key, value in newest.items() if key not in READ_ONLY and value not in ([], {})}
    containers = newest["containerDefinitions"]
    kept["containerDefinitions"] = [
        {**each, "image": wanted} if each["image"] == image(newest) else each for each in containers
    ]
    return aws.client("ecs").register_task_definition(**kept)["taskDefinition"]


def _state(description: Definition, arn: str) -> str:
    deployment = primary(description)
    if deployment["taskDefinition"] == arn:
        return f"its deployment is {deployment.get('rolloutState', 'IN_PROGRESS')}"
    return f"the service is on {revision(deployment['taskDefinition'])}"


command = command_line.delivery(
    run,
    *(
        click.option(f"--{service}-image", required=True, metavar="URI", help=f"Image for the {service}.")
        for service in SERVICES
    ),
)
