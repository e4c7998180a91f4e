"""Whether each service's image can be pulled: a task that cannot is tried again until the deployment is rolled back."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping

from botocore.exceptions import ClientError

from environments.settings import SERVICES
from ops.checks.offline.findings import (
    Finding,
    fail,
    passed,
    skip,
    warn,
)
from ops.checks.offline.subjects import Account
from ops.core.aws import error_code
from ops.delivery import deployed


def images_exist(account: Account, variables: Mapping[str, str] | None = None) -> Iterator[Finding]:
    """The image that an apply is given, else the one that runs, else the one of the tfvars."""
    variables = os.environ if variables is None else variables
    for service in SERVICES:
        settings = account.settings
        given = variables.get(f"TF_VAR_{service}_image", "")
        running = None if given else deployed.find(account.aws, settings, service)
        if given:
            yield _image(account, f"TF_VAR_{service}_image", given, service, needed=True)
        elif running:
            yield _image(account, running.revision, running.image, service, needed=True)
        else:
            where = f"environments/{settings.environment}.tfvars ecs.{service}.image_tag"
            yield _image(account, where, settings.image(settings.ecs.of(service)), service, needed=False)


def _image(account: Account, where: str, image: str, service: str, *, needed: bool) -> Finding:
    registry = account.settings.image_uri("", "").removesuffix(":")
    if not image.startswith(registry):
        return skip(where, f"{image} is of another registry than this account's")
    name = image.removeprefix(registry)
    key, sign = ("imageDigest", "@") if "@" in name else ("imageTag", ":")
    repository, _, id_ = name.partition(sign)
    try:
        found = account.aws.client("ecr").describe_images(repositoryName=repository, imageIds=[{key: id_}])
    except ClientError as error:
        if error_code(error) == "RepositoryNotFoundException":
            return skip(where, f"repository {repository} does not exist: nothing is bootstrapped")
        if error_code(error) != "ImageNotFoundException":
            raise
        return _missing(account, where, name, service, needed=needed)
    return passed(where, f"{name} is {found['imageDetails'][0]['imageDigest']}")


def _missing(account: Account, where: str, image: str, service: str, *, needed: bool) -> Finding:
    if account.rehearsed:
        return skip(where, f"{image} is not in the embedded registry: the rehearsal runs app/ in its place")
    make = f"`python -m ops build {service}` makes one, TF_VAR_{service}_image hands it to the apply"
    if needed:
        return fail(where, f"{image} is not in the registry, so that no new task can start: {make}")
    # The pipeline builds one before it applies; only an apply by hand would fail.
    return warn(where, f"nothing runs yet, and {image} is not in the registry: {make}, as the pipeline does")
