"""The rewrite table: what a container definition gets changed, and that nothing else is."""

from __future__ import annotations

import pytest

from rehearsal.ecs.rewrites import TABLE, Launch, StandIns, as_on_aws, rewrite
from rehearsal.rds.postgres import Login

RDS = "db.abc.us-east-1.rds.amazonaws.com"
STAND_INS = StandIns("http://127.0.0.1:4566", {8080: 41000}, {RDS: 42000})


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
    changed = rewrite(launch, STAND_INS)
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
    assert rewrite(Launch({"DATABASE_URL": url}), STAND_INS).environment["DATABASE_URL"] == url


def test_a_database_that_is_given_in_parts_is_the_one_on_loopback() -> None:
    given = {"X_HOST": RDS, "X_PORT": "5432", "X_NAME": "app", "X_USER": "u", "X_PASSWORD": "p"}
    there = {**given, "SMTP_HOST": "mail", "SMTP_PORT": "25", "OTHER_HOST": RDS}
    changed = rewrite(Launch(there), STAND_INS).environment
    assert {name: changed[name] for name in given} == {**given, "X_HOST": "127.0.0.1", "X_PORT": "42000"}
    assert (changed["SMTP_HOST"], changed["SMTP_PORT"], changed["OTHER_HOST"]) == ("mail", "25", RDS)
    assert [*Login.all_in({**given, "OTHER": "x"})] == [Login(RDS, "u", "p", "app")]


def test_a_port_that_is_no_port_of_the_container_stays() -> None:
    """The guide's mismatch: the program listens there, and nothing is forwarded to it."""
    changed = rewrite(Launch({"PORT": "9000"}, ("CMD-SHELL", "curl localhost:9000")), STAND_INS)
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
    assert as_on_aws(wrote, STAND_INS) == told
