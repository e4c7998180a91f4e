"""Every key is there, none is unknown, and each has its type."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from environments.hcl import read
from environments.shape import Shape, build
from tests.environments.support import Files, line_of

SERVICE_KEYS = (
    "repository, image_tag, cpu, memory, container_memory, port, health_check_path, desired_count, "
    "min_capacity, max_capacity and previous_port"
)
WRONG_TYPES = {
    "text for a number": ({"nat_gateways": '"2"'}, 'nat_gateways: got "2", expected a whole number'),
    "fraction for a number": ({"nat_gateways": "1.5"}, "nat_gateways: got 1.5, expected a whole number"),
    "whole fraction for a number": ({"nat_gateways": "2.0"}, "nat_gateways: got 2.0, expected a whole number"),
    "exponent for a number": ({"log_retention_days": "1e1"}, "log_retention_days: got 1e1, expected a whole number"),
    "truth for a number": ({"nat_gateways": "true"}, "nat_gateways: got true, expected a whole number"),
    "number for truth": ({"db_multi_az": "1"}, "db_multi_az: got 1, expected true or false"),
    "text for truth": ({"db_multi_az": '"true"'}, 'db_multi_az: got "true", expected true or false'),
    "number for text": ({"db_engine_version": "15"}, "db_engine_version: got 15, expected text in double quotes"),
    "null for text": ({"alarm_email": "null"}, "alarm_email: got null, expected text in double quotes"),
    "null for a number": ({"nat_gateways": "null"}, "nat_gateways: got null, expected a whole number"),
    "list for text": ({"vpc_cidr": '["10.1.0.0/16"]'}, "vpc_cidr: got a list, expected text in double quotes"),
    "text for a list": (
        {"availability_zones": '"us-east-1a"'},
        'availability_zones: got "us-east-1a", expected a list of texts: [...]',
    ),
    "null in a list": (
        {"availability_zones": '["us-east-1a", null]'},
        "availability_zones[1]: got null, expected text in double quotes",
    ),
    "list for an object": ({"tags": "[]"}, "tags: got a list, expected an object of texts: {...}"),
    "number in an object of texts": ({"tags": "{ Cost = 1 }"}, "tags.Cost: got 1, expected text in double quotes"),
    "text for a number of a service": (
        {"ecs.backend.cpu": '"256"'},
        'ecs.backend.cpu: got "256", expected a whole number',
    ),
    "number for truth in backend.conf": ({"backend.encrypt": "1"}, "backend.encrypt: got 1, expected true or false"),
    "a choice that is none": (
        {"image_owner": '"jenkins"'},
        'image_owner: got "jenkins", expected "terraform" or "pipeline"',
    ),
    "text for a choice": ({"image_owner": "true"}, 'image_owner: got true, expected "terraform" or "pipeline"'),
}


@pytest.mark.parametrize(("values", "expected"), WRONG_TYPES.values(), ids=WRONG_TYPES)
def test_a_wrong_type_is_refused(staging_only: Files, values: dict[str, str], expected: str) -> None:
    staging_only.set(values)

    assert staging_only.refusal() == [staging_only.place(expected)]


UNKNOWN = {
    "unknown": ("subnets = 1", "subnets: unknown key"),
    "misspelt beside the right one": ("nat_gateway = 1", "nat_gateway: unknown key; did you mean nat_gateways?"),
    "another file's key": ("backend = {}", "backend: unknown key"),
}


@pytest.mark.parametrize(("line", "expected"), UNKNOWN.values(), ids=UNKNOWN)
def test_an_unknown_key_is_refused(staging_only: Files, line: str, expected: str) -> None:
    staging_only.write("staging.tfvars", f"{line}\n{staging_only.text('staging.tfvars')}")

    assert staging_only.refusal() == [f"environments/staging.tfvars:1: {expected}"]


def test_a_key_that_is_no_word_is_told_on_one_line(staging_only: Files) -> None:
    staging_only.set({"tags": '{ "a\\nb\\u2028" = 1 }'})

    place = staging_only.place("tags: ").removesuffix(": tags: ")
    assert staging_only.refusal() == [f"{place}: tags.a\\nb\\u2028: got 1, expected text in double quotes"]


def test_an_endless_number_is_not_told_whole(staging_only: Files) -> None:
    staging_only.set({"nat_gateways": f"{'1' * 5000}.5"})

    assert staging_only.refusal() == [staging_only.place(f"nat_gateways: got {'1' * 100}..., expected a whole number")]


def test_a_missing_key_is_refused(staging_only: Files) -> None:
    staging_only.remove("nat_gateways")

    assert staging_only.refusal() == ["environments/staging.tfvars: nat_gateways: missing, expected a whole number"]


def test_a_key_with_a_default_may_be_left_out_and_is_checked_where_it_stands(staging_only: Files) -> None:
    assert "db_apply_immediately" not in staging_only.text("staging.tfvars")
    assert staging_only.load()[0].db_apply_immediately is False

    staging_only.write("staging.tfvars", f"db_apply_immediately = 1\n{staging_only.text('staging.tfvars')}")

    assert staging_only.refusal() == [
        "environments/staging.tfvars:1: db_apply_immediately: got 1, expected true or false"
    ]


def test_the_owner_of_the_password_is_one_of_two_and_terraform_where_nothing_is_said(staging_only: Files) -> None:
    assert staging_only.load()[0].password_from_rds is False
    text = staging_only.text("staging.tfvars")

    staging_only.write("staging.tfvars", f'db_password_owner = "rds"\n{text}')
    assert staging_only.load()[0].password_from_rds is True

    staging_only.write("staging.tfvars", f'db_password_owner = "aws"\n{text}')
    assert staging_only.refusal() == [
        'environments/staging.tfvars:1: db_password_owner: got "aws", expected "terraform" or "rds"'
    ]


def test_a_misspelt_key_is_one_fault_not_two(staging_only: Files) -> None:
    staging_only.replace("staging.tfvars", "nat_gateways ", "nat_gateway ")

    assert staging_only.refusal() == [staging_only.place("nat_gateway: unknown key; did you mean nat_gateways?")]


def test_a_key_missing_from_an_object_is_told_at_the_object(staging_only: Files) -> None:
    staging_only.remove("ecs.backend.cpu")
    line = line_of(staging_only.text("staging.tfvars"), "ecs.backend")

    assert staging_only.refusal() == [
        f"environments/staging.tfvars:{line}: ecs.backend.cpu: missing, expected a whole number"
    ]


def test_a_misspelt_key_of_an_object_is_told_in_full(staging_only: Files) -> None:
    text = staging_only.text("staging.tfvars")
    line = line_of(text, "ecs.frontend.cpu")
    staging_only.write("staging.tfvars", "\n".join(text.splitlines()).replace("    cpu ", "    cpus"))

    assert f"environments/staging.tfvars:{line}: ecs.frontend.cpus: unknown key; did you mean cpu?" in (
        staging_only.refusal()
    )


def test_a_service_that_is_no_object_is_told_its_keys(staging_only: Files) -> None:
    text = staging_only.text("staging.tfvars")
    staging_only.write("staging.tfvars", re.sub(r"frontend = \{.*?\}", "frontend = 1", text, flags=re.DOTALL))

    assert staging_only.refusal() == [
        staging_only.place(f"ecs.frontend: got 1, expected an object with the keys {SERVICE_KEYS}")
    ]


def test_the_keys_of_backend_conf_are_checked_likewise(staging_only: Files) -> None:
    staging_only.replace("staging.backend.conf", "dynamodb_table", "dynamo_table")
    staging_only.replace("staging.backend.conf", "encrypt        = true", "profile = 1")

    assert staging_only.refusal() == [
        "environments/staging.backend.conf: encrypt: missing, expected true or false",
        "environments/staging.backend.conf:4: dynamo_table: unknown key; did you mean dynamodb_table?",
        "environments/staging.backend.conf:5: profile: unknown key",
    ]


@dataclass(frozen=True)
class Door:
    width: int
    colours: tuple[str, ...] = ()


@dataclass(frozen=True)
class House:
    doors: dict[str, Door]
    notes: dict[str, str] = field(default_factory=dict[str, str])


def house(path: Path, text: str) -> tuple[Any, list[str]]:
    file = path / "house.tfvars"
    file.write_text(text)
    values = read(file).values
    assert values is not None
    shape = Shape(file)
    found = shape.read(House, values)
    return found, [f"{problem.line}: {problem.key}: {problem.text}" for problem in shape.problems]


def test_a_map_of_objects_is_read_as_its_type_declares_it(tmp_path: Path) -> None:
    found, problems = house(
        tmp_path, 'doors = {\n  front = { width = 90, colours = ["red"] }\n  back = { width = 80 }\n}\n'
    )

    assert problems == []
    assert build(House, found) == House({"front": Door(90, ("red",)), "back": Door(80)})


def test_every_wrong_key_of_a_map_of_objects_is_told_and_the_others_are_read(tmp_path: Path) -> None:
    found, problems = house(tmp_path, 'doors = {\n  front = { widht = 90 }\n  back = { width = "80" }\n  side = 1\n}\n')

    assert found == {"doors": {"front": {"colours": ()}, "back": {"colours": ()}}, "notes": {}}
    assert problems == [
        "2: doors.front.widht: unknown key; did you mean width?",
        '3: doors.back.width: got "80", expected a whole number',
        "4: doors.side: got 1, expected an object with the keys width and colours",
    ]
