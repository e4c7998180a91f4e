"""What the settings would change on what is deployed and cannot: refused before the plan, at the key's line."""

from __future__ import annotations

import copy
import dataclasses
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from environments.settings import Settings
from ops.checks.offline import changes
from ops.checks.offline.findings import FAIL, Finding
from tests.ops.preflight import Subjects, make_subjects
from tests.support import Output

Blocks = dict[str, dict[str, Any]]


@pytest.fixture
def subjects(tmp_path: Path, stacks: dict[str, Output], settings: dict[str, Settings]) -> Subjects:
    return make_subjects(tmp_path, stacks, settings)


@pytest.fixture
def deployed(staging: Output) -> Blocks:
    """Staging as it is shipped, deployed."""
    return copy.deepcopy(dict(staging.resources()))


def judged(subjects: Subjects, deployed: Blocks, settings: Settings | None = None) -> list[Finding]:
    environment = subjects.environment("staging")
    wanted = settings or environment.settings
    return list(changes.judged(wanted, environment.stack, deployed, subjects.checkout.root))


def put(address: str, attribute: str, value: object) -> Callable[[Blocks], None]:
    return lambda deployed: deployed[address].update({attribute: value})


DEPLOYED_OTHERWISE: dict[str, tuple[str, Callable[[Blocks], object]]] = {
    "another network": ("vpc_cidr", put("aws_vpc.vpc", "cidr_block", "10.9.0.0/16")),
    "another private subnet": ("private_subnet_cidrs", put("aws_subnet.vpc_private_a", "cidr_block", "10.1.9.0/24")),
    "another public subnet": ("public_subnet_cidrs", put("aws_subnet.vpc_public_b", "cidr_block", "10.1.9.0/24")),
    "another database subnet": ("database_subnet_cidrs", put("aws_subnet.vpc_database_a", "cidr_block", "10.1.9.0/24")),
    "another zone": ("availability_zones", put("aws_subnet.vpc_public_b", "availability_zone", "us-east-1f")),
    "a zone more": (
        "availability_zones",
        lambda deployed: deployed.update({"aws_subnet.vpc_public_c": {"availability_zone": "us-east-1c"}}),
    ),
    "another name of the network": ("vpc_name", put("aws_db_subnet_group.database_subnet_group", "name", "other")),
    "another database": ("db_name", put("aws_db_instance.database", "db_name", "other")),
    "another user": ("db_username", put("aws_db_instance.database", "username", "other")),
    "no key of its own": ("customer_managed_key", lambda deployed: deployed.pop("aws_kms_key.data_key")),
    "a newer PostgreSQL": ("db_engine_version", put("aws_db_instance.database", "engine_version_actual", "16.4")),
    "an older PostgreSQL": ("db_engine_version", put("aws_db_instance.database", "engine_version_actual", "14.9")),
    "another port": (
        "ecs.backend.port",
        put("aws_ecs_service.backend_service", "load_balancer", [{"container_port": 8082}]),
    ),
}


def test_what_is_deployed_as_the_settings_have_it_is_fine(subjects: Subjects, deployed: Blocks):
    assert judged(subjects, deployed) == []


@pytest.mark.parametrize(("key", "change"), DEPLOYED_OTHERWISE.values(), ids=DEPLOYED_OTHERWISE)
def test_what_cannot_be_changed_is_refused_at_its_key(
    key: str, change: Callable[[Blocks], object], subjects: Subjects, deployed: Blocks
):
    change(deployed)
    (found,) = judged(subjects, deployed)
    assert (found.status, found.why.split(": ")[0]) == (FAIL, key)
    file, _, line = found.where.rpartition(":")
    assert key.rpartition(".")[2] in Path(file).read_text().splitlines()[int(line) - 1]


def test_a_further_zone_is_fine(subjects: Subjects, deployed: Blocks):
    for tier in ("public", "private", "database"):
        del deployed[f"aws_subnet.vpc_{tier}_b"]
    assert judged(subjects, deployed) == []


def test_a_port_moves_with_the_one_before_it(subjects: Subjects, deployed: Blocks, settings: dict[str, Settings]):
    staging = settings["staging"]
    backend = dataclasses.replace(staging.ecs.backend, previous_port=8082)
    moving = dataclasses.replace(staging, ecs=dataclasses.replace(staging.ecs, backend=backend))
    put("aws_ecs_service.backend_service", "load_balancer", [{"container_port": 8082}])(deployed)
    assert "previous_port = 8082" in judged(subjects, deployed)[0].why
    assert judged(subjects, deployed, moving) == []


def test_a_port_does_not_move_while_the_pipeline_owns_the_revisions(
    subjects: Subjects, deployed: Blocks, settings: dict[str, Settings]
):
    put("aws_ecs_service.backend_service", "load_balancer", [{"container_port": 8082}])(deployed)
    owned = dataclasses.replace(settings["staging"], image_owner="pipeline")
    (found,) = judged(subjects, deployed, owned)
    assert 'set image_owner to "terraform"' in found.why


def test_another_major_version_is_taken_in_the_apply(
    subjects: Subjects, deployed: Blocks, settings: dict[str, Settings]
):
    at_once = dataclasses.replace(settings["staging"], db_apply_immediately=True)
    put("aws_db_instance.database", "engine_version_actual", "14.9")(deployed)
    assert "db_apply_immediately = true" in judged(subjects, deployed)[0].why
    assert judged(subjects, deployed, at_once) == []


def test_before_the_first_apply_there_is_nothing_to_compare(subjects: Subjects):
    assert judged(subjects, {}) == []
