"""The rewrite table: what a container definition gets changed, and that nothing else is."""

from __future__ import annotations

from pathlib import Path

import pytest

from rehearsal.ecs import images
from rehearsal.ecs.rewrites import (
    TABLE,
    Here,
    Launch,
    as_on_aws,
    rewrite,
)
from rehearsal.ecs.task_definition import NotRunnable
from rehearsal.network import Network
from rehearsal.rds.postgres import Login

RDS = "db.abc.us-east-1.rds.amazonaws.com"
HERE = Here("http://127.0.0.1:4566", {8080: 41000}, {RDS: 42000})


def test_every_row_has_its_reason() -> None:
    assert all(row.reason for row in TABLE)


def test_the_whole_table() -> None:
    launch = Launch(
        {
            "PORT": "8080",
            "DATABASE_URL": f"postgresql://user:p%40ss%2F@{RDS}:5432/app?sslmode=require",
            "COGNITO_USER_POOL_ID": "us-east-1_abc",
            "OTHER": "http://localhost:8080",
        },
        ("CMD-SHELL", "curl -f http://localhost:8080/api/health || exit 1"),
    )
    changed = rewrite(launch, HERE)
    assert changed.environment == {
        "PORT": "41000",
        "DATABASE_URL": "postgresql://user:p%40ss%2F@127.0.0.1:42000/app?sslmode=require",
        "COGNITO_USER_POOL_ID": "us-east-1_abc",
        "OTHER": "http://localhost:8080",
        "AWS_ENDPOINT_URL": "http://127.0.0.1:4566",
        "AWS_ACCESS_KEY_ID": "emulator",
        "AWS_SECRET_ACCESS_KEY": "emulator",
        "COGNITO_JWKS_URI": "http://127.0.0.1:4566/us-east-1_abc/.well-known/jwks.json",
    }
    assert changed.health_command == ("CMD-SHELL", "curl -f http://localhost:41000/api/health || exit 1")


@pytest.mark.parametrize("url", ["postgresql://u:p@elsewhere.example.com/app", "postgresql:///app", "mysql://u@h/d"])
def test_a_database_that_is_not_the_accounts_stays(url: str) -> None:
    assert rewrite(Launch({"DATABASE_URL": url}), HERE).environment["DATABASE_URL"] == url


def test_a_database_that_is_given_in_parts_is_the_one_on_loopback() -> None:
    given = {"X_HOST": RDS, "X_PORT": "5432", "X_NAME": "app", "X_USER": "u", "X_PASSWORD": "p"}
    changed = rewrite(Launch({**given, "SMTP_HOST": "mail", "SMTP_PORT": "25", "OTHER_HOST": RDS}), HERE).environment
    assert {name: changed[name] for name in given} == {**given, "X_HOST": "127.0.0.1", "X_PORT": "42000"}
    assert (changed["SMTP_HOST"], changed["SMTP_PORT"], changed["OTHER_HOST"]) == ("mail", "25", RDS)
    assert [*Login.all_in({**given, "OTHER": "x"})] == [Login(RDS, "u", "p", "app")]


def test_a_port_that_is_no_port_of_the_container_stays() -> None:
    """The guide's mismatch: the program listens there, and nothing is forwarded to it."""
    changed = rewrite(Launch({"PORT": "9000"}, ("CMD-SHELL", "curl localhost:9000")), HERE)
    assert changed.environment["PORT"] == "9000"
    assert changed.health_command == ("CMD-SHELL", "curl localhost:9000")


@pytest.mark.parametrize(
    ("wrote", "told"),
    [
        ('{"port":41000,"msg":"listening"}', '{"port":8080,"msg":"listening"}'),
        ("listening on 9000", "listening on 9000"),
        ("141000 items, 0.41000 s", "141000 items, 0.41000 s"),
    ],
)
def test_what_a_program_writes_has_the_containers_port_again(wrote: str, told: str) -> None:
    assert as_on_aws(wrote, HERE) == told


@pytest.mark.parametrize(
    ("reference", "expected"),
    [
        ("1.dkr.ecr.us-east-1.amazonaws.com/acme-api:v1", ("acme-api", "v1")),
        ("localhost:5000/acme-api", ("acme-api", "latest")),
        ("acme-api@sha256:abc", ("acme-api", "sha256:abc")),
    ],
)
def test_an_image_is_known_by_repository_and_tag(reference: str, expected: tuple[str, str]) -> None:
    assert images.split(reference) == expected


def test_an_image_runs_the_last_cmd_of_its_dockerfile(tmp_path: Path) -> None:
    app = tmp_path / "app" / "api"
    app.mkdir(parents=True)
    (app / "Dockerfile").write_text('FROM a AS build\nCMD ["no"]\nFROM a\nCMD ["npm", "run", "prod"]\n')
    assert images.find("r/acme-api:v1", tmp_path / "images", app.parent) == images.Image(app, ("npm", "run", "prod"))
    own = tmp_path / "images" / "acme-api" / "v2"
    own.mkdir(parents=True)
    (own / "Dockerfile").write_text('CMD ["own"]\n')
    assert images.find("r/acme-api:v2", tmp_path / "images", app.parent).command == ("own",)
    with pytest.raises(NotRunnable, match="CannotPullContainerError"):
        images.find("r/acme-worker:v1", tmp_path / "images", app.parent)


def test_addresses_come_from_the_subnets_in_turn_and_are_taken_once() -> None:
    network = Network()
    subnets = ["10.1.2.0/29", "10.1.3.0/29"]
    addresses = [network.attach(subnets, (8080,))[0] for _ in range(6)]
    assert addresses == ["10.1.2.4", "10.1.3.4", "10.1.2.5", "10.1.3.5", "10.1.2.6", "10.1.3.6"]
    assert network.where("10.1.3.5", 8080) is not None
    network.detach("10.1.3.5")
    assert network.where("10.1.3.5", 8080) is None
    assert network.attach(subnets, ())[0] == "10.1.3.5"
