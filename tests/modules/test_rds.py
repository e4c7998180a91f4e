from __future__ import annotations

from collections.abc import Callable

from constructs import Construct

from modules.rds import Database, DatabaseCare, DatabaseSize, DatabaseUrl, Login
from modules.security import SecurityGroup
from tests.support import Output

Synth = Callable[[Callable[[Construct], object]], Output]
LOGIN = Login("app", "admin", "${var.password}", 3)


def database(scope: Construct) -> Database:
    return Database(
        scope,
        "database",
        name="db",
        subnet_group_name="subnets",
        parameter_group_name="params",
        engine_version="16.4",
        subnet_ids=["subnet-1", "subnet-2"],
        security_group=SecurityGroup(scope, "rds", name="g", description="d", vpc_id="vpc-1"),
        size=DatabaseSize("db.t3.micro", 20, 100, True),
        care=DatabaseCare(7, "03:00-04:00", "sun:04:00-sun:05:00", 30, True, False),
        login=LOGIN,
    )


def test_tls_is_forced_by_the_parameter_group_of_the_engines_major_version(synth: Synth) -> None:
    parameters = synth(database).one("aws_db_parameter_group")
    assert parameters["family"] == "postgres16"
    assert parameters["parameter"] == [{"name": "rds.force_ssl", "value": "1"}]


def test_logs_are_exported_to_groups_that_expire(synth: Synth) -> None:
    stack = synth(database)
    assert stack.one("aws_db_instance")["enabled_cloudwatch_logs_exports"] == ["postgresql", "upgrade"]
    groups = {group["name"]: group["retention_in_days"] for group in stack.all("aws_cloudwatch_log_group").values()}
    assert groups == {"/aws/rds/instance/db/postgresql": 30, "/aws/rds/instance/db/upgrade": 30}
    assert len(stack.one("aws_db_instance")["depends_on"]) == 2


def test_storage_grows_and_performance_insights_are_on(synth: Synth) -> None:
    instance = synth(database).one("aws_db_instance")
    assert (instance["allocated_storage"], instance["max_allocated_storage"]) == (20, 100)
    assert instance["performance_insights_enabled"] is True
    assert instance["auto_minor_version_upgrade"] is True


def test_raising_the_password_version_moves_both_the_password_and_the_url(synth: Synth) -> None:
    def with_url(scope: Construct) -> None:
        DatabaseUrl(scope, "url", name="url", database=database(scope), login=LOGIN, recovery_days=7)

    stack = synth(with_url)
    assert stack.one("aws_db_instance")["password_wo_version"] == 3
    assert stack.one("aws_secretsmanager_secret_version")["secret_string_wo_version"] == 3


def test_the_password_is_percent_encoded_and_tls_required_in_the_url(synth: Synth) -> None:
    def with_url(scope: Construct) -> None:
        DatabaseUrl(scope, "url", name="url", database=database(scope), login=LOGIN, recovery_days=7)

    url = synth(with_url).one("aws_secretsmanager_secret_version")["secret_string_wo"]
    assert url.startswith("postgresql://admin:${urlencode(")
    assert url.endswith(":5432/app?sslmode=require")
