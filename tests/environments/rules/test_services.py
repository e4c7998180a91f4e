"""The two ECS services, and Fargate's table of sizes."""

from __future__ import annotations

import pytest

from environments.aws_limits import FARGATE_MEMORY
from tests.environments.support import Files

IMAGE = "expected 1 to 128 letters, digits and _.-, the first no dot or hyphen, or sha256: and 64 digits"
CASES: dict[str, tuple[dict[str, str], list[str]]] = {
    "cpu that is none": (
        {"ecs.backend.cpu": "300"},
        ["ecs.backend.cpu: got 300, expected 256, 512, 1024, 2048, 4096, 8192 or 16384 (1024 is one vCPU)"],
    ),
    "the guide's 256 MB": (
        {"ecs.frontend.memory": "256", "ecs.frontend.container_memory": "256"},
        ["ecs.frontend.memory: 256 MiB does not go with cpu 256; allowed: 512, 1024, 2048"],
    ),
    "memory between two steps": (
        {"ecs.backend.cpu": "4096", "ecs.backend.memory": "8704"},
        ["ecs.backend.memory: 8704 MiB does not go with cpu 4096; allowed: 8192 to 30720 in steps of 1024"],
    ),
    "container larger than its task": (
        {"ecs.backend.container_memory": "1024"},
        ["ecs.backend.container_memory: got 1024, expected 6 to 512 MiB (memory)"],
    ),
    "container smaller than Docker takes": (
        {"ecs.backend.container_memory": "5"},
        ["ecs.backend.container_memory: got 5, expected 6 to 512 MiB (memory)"],
    ),
    "port 0": ({"ecs.backend.port": "0"}, ["ecs.backend.port: got 0, expected 1 to 65535"]),
    "port 65536": ({"ecs.frontend.port": "65536"}, ["ecs.frontend.port: got 65536, expected 1 to 65535"]),
    "one port for both": (
        {"ecs.frontend.port": "8080"},
        ["ecs.frontend.port: got 8080, expected another port than ecs.backend.port"],
    ),
    "previous port 65536": (
        {"ecs.backend.port": "8080\n    previous_port = 65536"},
        ["ecs.backend.previous_port: got 65536, expected 1 to 65535, or 0 for none"],
    ),
    "previous port that is the port": (
        {"ecs.backend.port": "8080\n    previous_port = 8080"},
        ["ecs.backend.previous_port: got 8080, expected another port than ecs.backend.port, or 0"],
    ),
    "previous port that is another service's": (
        {"ecs.backend.port": "8080\n    previous_port = 80"},
        ["ecs.backend.previous_port: got 80, expected another port than ecs.frontend.port, or 0"],
    ),
    "health check without a slash": (
        {"ecs.frontend.health_check_path": '"health"'},
        ['ecs.frontend.health_check_path: got "health", expected a path such as /health'],
    ),
    "health check that a shell would run": (
        {"ecs.frontend.health_check_path": '"/health; reboot"'},
        ['ecs.frontend.health_check_path: got "/health; reboot", expected a path such as /health'],
    ),
    "health check that ends a quotation": (
        {"ecs.frontend.health_check_path": '"/health?a=\'b"'},
        ['ecs.frontend.health_check_path: got "/health?a=\'b", expected a path such as /health'],
    ),
    "health check of the API outside /api/": (
        {"ecs.backend.health_check_path": '"/health"'},
        [
            'ecs.backend.health_check_path: got "/health", expected a path under /api/: '
            "only /api/* is routed to the backend"
        ],
    ),
    "min above max": (
        {"ecs.backend.min_capacity": "11"},
        ["ecs.backend.max_capacity: got 10, expected 11 (min_capacity) to 5000"],
    ),
    "negative min": ({"ecs.backend.min_capacity": "-1"}, ["ecs.backend.min_capacity: got -1, expected 0 to 5000"]),
    "max beyond the quota": (
        {"ecs.backend.max_capacity": "5001"},
        ["ecs.backend.max_capacity: got 5001, expected 2 (min_capacity) to 5000"],
    ),
    "desired below min": (
        {"ecs.backend.desired_count": "1"},
        ["ecs.backend.desired_count: got 1, expected 2 to 10, as min and max_capacity say"],
    ),
    "desired above max": (
        {"ecs.frontend.desired_count": "11"},
        ["ecs.frontend.desired_count: got 11, expected 2 to 10, as min and max_capacity say"],
    ),
    "repository with a capital": (
        {"ecs.backend.repository": '"Api"'},
        ['ecs.backend.repository: got "Api", expected lowercase letters and digits in words joined by - _ . or /'],
    ),
    "repository that is an address": (
        {"ecs.backend.repository": '"1.dkr.ecr/x:y"'},
        [
            'ecs.backend.repository: got "1.dkr.ecr/x:y", expected lowercase letters and digits in words joined '
            "by - _ . or /"
        ],
    ),
    "one repository for both": (
        {"ecs.frontend.repository": '"prodready-infra-api"'},
        ['ecs.frontend.repository: got "prodready-infra-api", expected another one than ecs.backend.repository'],
    ),
    "two repositories with one address in Terraform": (
        {"ecs.frontend.repository": '"prodready/infra.api"'},
        [
            'ecs.frontend.repository: got "prodready/infra.api", expected a name that differs from '
            '"prodready-infra-api" in more than - . / _: Terraform addresses are made of it'
        ],
    ),
    "image tag with a colon": (
        {"ecs.backend.image_tag": '"api:1"'},
        [f'ecs.backend.image_tag: got "api:1", {IMAGE}'],
    ),
    "image tag with a hyphen first": (
        {"ecs.backend.image_tag": '"-1"'},
        [f'ecs.backend.image_tag: got "-1", {IMAGE}'],
    ),
    "image tag too long": (
        {"ecs.backend.image_tag": f'"{"1" * 129}"'},
        [f'ecs.backend.image_tag: got "{"1" * 100}...", {IMAGE}'],
    ),
}


@pytest.mark.parametrize(("values", "expected"), CASES.values(), ids=CASES)
def test_refused(staging_only: Files, values: dict[str, str], expected: list[str]) -> None:
    staging_only.set(values)

    assert staging_only.refusal() == [staging_only.place(finding) for finding in expected]


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("ecs.backend.image_tag", f'"sha256:{"0a" * 32}"'),
        ("ecs.backend.health_check_path", '"/api/health?deep=1&wait=no"'),
    ],
)
def test_accepted(staging_only: Files, key: str, value: str) -> None:
    staging_only.set({key: value})

    assert staging_only.refusal() == []


def test_an_image_by_digest_is_pulled_by_it(staging_only: Files) -> None:
    digest = f"sha256:{'0a' * 32}"
    staging_only.set({"ecs.backend.image_tag": f'"{digest}"'})

    (settings,) = staging_only.load()
    image = settings.image(settings.ecs.backend)
    assert image == f"875486186130.dkr.ecr.us-east-1.amazonaws.com/prodready-infra-api@{digest}"


GIB = 1024
TASK_SIZES = {
    256: [512, 1 * GIB, 2 * GIB],
    512: [memory * GIB for memory in (1, 2, 3, 4)],
    1024: [memory * GIB for memory in (2, 3, 4, 5, 6, 7, 8)],
    2048: [memory * GIB for memory in (4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16)],
    4096: [memory * GIB for memory in range(8, 31)],
    8192: [memory * GIB for memory in (16, 20, 24, 28, 32, 36, 40, 44, 48, 52, 56, 60)],
    16384: [memory * GIB for memory in (32, 40, 48, 56, 64, 72, 80, 88, 96, 104, 112, 120)],
}


def test_fargate_sizes_are_those_of_the_ecs_developer_guide() -> None:
    assert {cpu: list(memory) for cpu, memory in FARGATE_MEMORY.items()} == TASK_SIZES


@pytest.mark.parametrize("cpu", TASK_SIZES)
def test_the_ends_of_each_row_are_accepted_and_what_is_beyond_is_not(staging_only: Files, cpu: int) -> None:
    smallest, largest = TASK_SIZES[cpu][0], TASK_SIZES[cpu][-1]
    for memory, refused in ((smallest, 0), (largest, 0), (smallest - 1, 1), (largest + 1, 1), (2 * largest, 1)):
        staging_only.set({"ecs.backend.cpu": str(cpu), "ecs.backend.memory": str(memory)})
        staging_only.set({"ecs.backend.container_memory": "6"})
        assert len(staging_only.refusal()) == refused, memory


@pytest.mark.parametrize("service", ["backend", "frontend"])
def test_both_services_are_checked_in_every_respect(staging_only: Files, service: str) -> None:
    wrong = {
        "repository": '"A"',
        "image_tag": '"-"',
        "memory": "1",
        "container_memory": "5",
        "port": "0",
        "health_check_path": '"x"',
        "max_capacity": "1",
    }
    staging_only.set({f"ecs.{service}.{key}": value for key, value in wrong.items()})

    told = [message.split(": ")[1] for message in staging_only.refusal()]
    assert told == [f"ecs.{service}.{key}" for key in wrong]
