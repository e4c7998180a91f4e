"""Steps 7 and 8: who registers the revision, and what it may differ in; what runs where."""

from __future__ import annotations

import secrets
from pathlib import Path
from typing import Any

import pytest

from environments.settings import SERVICES, Settings
from ops.commands import deploy, images, outputs
from ops.core.emulator_record import Record
from ops.core.errors import CommandError, UserError
from ops.core.paths import Work
from ops.delivery import deployed
from tests.ops.places import SIDECAR, Place, github_output, make_place, step_outputs

__all__ = ["github_output"]

OLD, NEW = "registry/api:old", "registry/api:new"
BOTH = {"backend_image": NEW, "frontend_image": NEW}


@pytest.fixture
def make(emulator: Record, settings: dict[str, Settings], work: Work):
    """An environment with the image owner given."""
    return lambda **changes: make_place(emulator, settings["staging"], work, secrets.token_hex(4), **changes)


def with_services(place: Place, image: str) -> dict[str, str]:
    """Both services on an image, as an apply leaves them: the state names the revisions."""
    arns = {service: place.run_service(service, image) for service in SERVICES}
    place.write_state({f"{service}_task_definition_arn": arn for service, arn in arns.items()})
    return arns


def test_with_image_owner_terraform_nothing_is_registered_and_the_applied_revision_is_told(
    make: Any, github_output: Path
):
    place = make()
    arns = with_services(place, NEW)
    deploy.run(place.session, **BOTH)
    assert place.description("backend")["taskDefinition"] == arns["backend"]
    family = place.settings.names.service("backend").task_family
    families = place.aws.client("ecs").list_task_definitions(familyPrefix=family)
    assert families["taskDefinitionArns"] == [arns["backend"]]
    told = step_outputs(github_output)
    assert told["backend_revision"] == deployed.revision(arns["backend"])
    assert told["frontend_revision"] == deployed.revision(arns["frontend"])


def test_with_image_owner_terraform_an_apply_of_another_image_is_refused(make: Any):
    place = make()
    with_services(place, OLD)
    with pytest.raises(CommandError, match="has image registry/api:old, expected registry/api:new: was the apply"):
        deploy.run(place.session, **BOTH)


def test_with_image_owner_pipeline_the_new_revision_differs_from_terraforms_only_in_its_image(make: Any):
    place = make(image_owner="pipeline")
    arns = with_services(place, OLD)
    # What an earlier run of the pipeline registered is not what the next one starts from.
    place.aws.client("ecs").register_task_definition(
        family=place.settings.names.service("backend").task_family,
        containerDefinitions=[{"name": "stray", "image": "stray", "memory": 1}],
    )
    deploy.run(place.session, **BOTH)
    arn = place.description("backend")["taskDefinition"]
    assert arn != arns["backend"]
    before, after = place.definition(arns["backend"]), place.definition(arn)
    was, now = (each["taskDefinition"]["containerDefinitions"] for each in (before, after))
    # What runs before the application is of its image too; another one's is its own.
    assert [each["image"] for each in was] == [OLD, OLD, SIDECAR]
    assert now == [{**each, "image": image} for each, image in zip(was, (NEW, NEW, SIDECAR), strict=True)]
    same = ("family", "cpu", "memory", "networkMode")
    assert [after["taskDefinition"][key] for key in same] == [before["taskDefinition"][key] for key in same]
    assert after["tags"] == before["tags"]


@pytest.mark.parametrize(
    ("prepare", "message"),
    [
        (lambda place: None, "has no backend service yet: apply the environment first"),
        (lambda place: place.run_service("backend", NEW), "has no output backend_task_definition_arn: apply it first"),
    ],
)
def test_an_environment_that_was_not_applied_is_refused(make: Any, prepare: Any, message: str):
    place = make()
    prepare(place)
    with pytest.raises(UserError, match=message):
        deploy.run(place.session, **BOTH)


def test_images_tells_what_runs_and_else_what_an_apply_would_start(make: Any, github_output: Path):
    place = make()
    arn = place.run_service("backend", OLD)
    images.run(place.session)
    told = step_outputs(github_output)
    assert told == {"backend_image": OLD, "frontend_image": place.settings.image(place.settings.ecs.frontend)}
    found = deployed.find(place.aws, place.settings, "backend")
    assert found is not None
    assert (found.image, found.revision, found.desired) == (OLD, deployed.revision(arn), 2)


def test_outputs_come_from_the_state_and_else_from_the_settings(make: Any, github_output: Path):
    place = make()
    outputs.run(place.session)
    assert step_outputs(github_output)["cluster_name"] == place.settings.names.cluster
    github_output.unlink()
    place.write_state({"cluster_name": "renamed", "token": "hidden"}, sensitive=("token",))
    outputs.run(place.session)
    told = step_outputs(github_output)
    assert told["cluster_name"] == "renamed"
    assert told["backend_service"] == place.settings.names.service("backend").ecs_service
    assert "token" not in told
