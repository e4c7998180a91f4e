from __future__ import annotations

from collections.abc import Callable

from cdktf import TerraformOutput
from constructs import Construct

from modules.iam import ServiceRole
from modules.key import DataKey
from modules.password import random_password
from modules.rds import (
    Database,
    DatabaseCare,
    DatabaseSize,
    DatabaseUrl,
    DatabaseWatch,
    Login,
    ManagedLogin,
    MasterSecret,
)
from modules.security import SecurityGroup
from tests.support import Output

Synth = Callable[[Callable[[Construct], object]], Output]
LOGIN = Login("app", "admin", "${var.password}", "${urlencode(var.password)}", 3)


SIZE = DatabaseSize("db.t3.micro", 20, 100, True)


def database(
    scope: Construct,
    *,
    interval: int = 60,
    size: DatabaseSize = SIZE,
    apply_immediately: bool = False,
    login: Login | ManagedLogin = LOGIN,
) -> Database:
    return Database(
        scope,
        "database",
        name="db",
        subnet_group_name="subnets",
        parameter_group_name="params",
        engine_version="16.4",
        subnet_ids=["subnet-1", "subnet-2"],
        security_group=SecurityGroup(scope, "rds", name="g", description="d", vpc_id="vpc-1"),
        size=size,
        care=DatabaseCare(7, "03:00-04:00", "sun:04:00-sun:05:00", True, False, apply_immediately),
        watch=DatabaseWatch(30, interval, "monitoring", "eu-west-1", "111111111111", "arn:boundary", "arn:key"),
        login=login,
    )


def url(scope: Construct, key: DataKey | None = None) -> DatabaseUrl:
    given = database(scope)
    return DatabaseUrl(scope, "url", name="url", description="d", database=given, login=LOGIN, recovery_days=7, key=key)


def test_tls_is_forced_by_the_parameter_group_of_the_engines_major_version(synth: Synth) -> None:
    parameters = synth(database).one("aws_db_parameter_group")
    assert parameters["family"] == "postgres16"
    assert {"name": "rds.force_ssl", "value": "1"} in parameters["parameter"]


def test_storage_is_gp2_as_the_guide_has_it_or_gp3_with_its_own_speed(synth: Synth) -> None:
    shipped = synth(database).one("aws_db_instance")
    assert shipped["storage_type"] == "gp2"
    assert not {"iops", "storage_throughput"} & shipped.keys()
    size = DatabaseSize("db.m6i.large", 400, 0, True, "gp3", 16000, 1000)
    fast = synth(lambda scope: database(scope, size=size)).one("aws_db_instance")
    assert (fast["storage_type"], fast["iops"], fast["storage_throughput"]) == ("gp3", 16000, 1000)


def test_slow_statements_are_logged_and_no_password_of_a_login(synth: Synth) -> None:
    parameters = {each["name"]: each for each in synth(database).one("aws_db_parameter_group")["parameter"]}
    slow = parameters["log_min_duration_statement"]
    assert (slow["value"], slow["apply_method"]) == ("1000", "immediate")
    assert "log_statement" not in parameters


def test_another_major_version_is_not_refused_and_its_parameters_come_before_the_old_ones_go(synth: Synth) -> None:
    stack = synth(database)
    assert stack.one("aws_db_instance")["allow_major_version_upgrade"] is True
    assert stack.one("aws_db_parameter_group")["lifecycle"] == {"create_before_destroy": True}


def test_a_restart_waits_for_the_maintenance_window_unless_asked_for(synth: Synth) -> None:
    assert "apply_immediately" not in synth(database).one("aws_db_instance")


def test_a_restart_in_the_apply_can_be_asked_for(synth: Synth) -> None:
    assert synth(lambda scope: database(scope, apply_immediately=True)).one("aws_db_instance")["apply_immediately"]


def test_logs_are_exported_to_groups_that_expire(synth: Synth) -> None:
    stack = synth(database)
    assert stack.one("aws_db_instance")["enabled_cloudwatch_logs_exports"] == ["postgresql", "upgrade"]
    groups = {group["name"]: group["retention_in_days"] for group in stack.all("aws_cloudwatch_log_group").values()}
    assert groups == {"/aws/rds/instance/db/postgresql": 30, "/aws/rds/instance/db/upgrade": 30}
    waits_for = stack.one("aws_db_instance")["depends_on"]
    assert {f"aws_cloudwatch_log_group.{name}" for name in stack.all("aws_cloudwatch_log_group")} <= set(waits_for)


def test_storage_grows_and_performance_insights_are_on(synth: Synth) -> None:
    instance = synth(database).one("aws_db_instance")
    assert (instance["allocated_storage"], instance["max_allocated_storage"]) == (20, 100)
    assert instance["performance_insights_enabled"] is True
    assert instance["auto_minor_version_upgrade"] is True


def test_raising_the_password_version_moves_both_the_password_and_the_url(synth: Synth) -> None:
    def with_url(scope: Construct) -> None:
        url(scope)

    stack = synth(with_url)
    assert stack.one("aws_db_instance")["password_wo_version"] == 3
    assert stack.one("aws_secretsmanager_secret_version")["secret_string_wo_version"] == 3


def test_tasks_of_every_revision_start_with_the_current_password(synth: Synth) -> None:
    """A version would be the old password once a rotation is rolled back: the tasks would never start."""

    def with_url(scope: Construct) -> None:
        made = url(scope)
        TerraformOutput(scope, "value_from", value=made.value_from)
        TerraformOutput(scope, "version", value=made.version)

    outputs = synth(with_url).document["output"]
    assert outputs["value_from"]["value"] == "${aws_secretsmanager_secret.url.arn}"
    assert outputs["version"]["value"] == "${aws_secretsmanager_secret_version.url_version.version_id}"


def test_the_password_is_percent_encoded_and_tls_required_in_the_url(synth: Synth) -> None:
    def with_url(scope: Construct) -> None:
        url(scope)

    value = synth(with_url).one("aws_secretsmanager_secret_version")["secret_string_wo"]
    assert value.startswith("postgresql://admin:${urlencode(var.password)}@")
    assert value.endswith(":5432/app?sslmode=require")


def test_the_operating_system_is_read_by_a_role_that_may_only_write_rds_metrics(synth: Synth) -> None:
    stack = synth(database)
    instance = stack.one("aws_db_instance")
    assert instance["monitoring_interval"] == 60
    assert instance["monitoring_role_arn"] == "${aws_iam_role.database_monitoring_role.arn}"
    policies = dict(stack.policies())
    assert policies["aws_iam_role.database_monitoring_role.assume_role_policy"]["Statement"][0]["Principal"] == {
        "Service": "monitoring.rds.amazonaws.com"
    }
    resources = {
        resource
        for where, policy in policies.items()
        if where.startswith("aws_iam_role_policy.database_monitoring_role_")
        for statement in policy["Statement"]
        for resource in statement["Resource"]
    }
    group = "arn:aws:logs:eu-west-1:111111111111:log-group:RDS*"
    assert resources == {group, f"{group}:log-stream:*"}
    grants = {f"aws_iam_role_policy.{name}" for name in stack.all("aws_iam_role_policy")}
    assert grants <= set(instance["depends_on"]), "RDS refuses a role that may not yet write"


def test_without_an_interval_nothing_reads_the_operating_system(synth: Synth) -> None:
    stack = synth(lambda scope: database(scope, interval=0))
    assert stack.one("aws_db_instance")["monitoring_interval"] == 0
    assert "monitoring_role_arn" not in stack.one("aws_db_instance")
    assert stack.all("aws_iam_role") == {}


def test_a_person_can_be_let_in_by_iam_without_a_password(synth: Synth) -> None:
    assert synth(database).one("aws_db_instance")["iam_database_authentication_enabled"] is True


def test_logs_and_query_texts_are_encrypted_with_the_key_and_the_storage_is_not(synth: Synth) -> None:
    stack = synth(database)
    assert {group["kms_key_id"] for group in stack.all("aws_cloudwatch_log_group").values()} == {"arn:key"}
    instance = stack.one("aws_db_instance")
    assert instance["performance_insights_kms_key_id"] == "arn:key"
    assert "kms_key_id" not in instance


def test_who_may_read_the_url_under_a_key_of_its_own_may_decrypt_it(synth: Synth) -> None:
    def with_url(scope: Construct) -> None:
        key = DataKey(scope, "key", alias="data", region="eu-west-1", account_id="111111111111")
        url(scope, key).grant_read(
            ServiceRole(scope, "role", name="r", service="ecs-tasks.amazonaws.com", account_id="1" * 12)
        )

    stack = synth(with_url)
    assert stack.one("aws_secretsmanager_secret")["kms_key_id"] == "${aws_kms_key.key.arn}"
    policies = {name for name in stack.all("aws_iam_role_policy") if name.startswith("role_")}
    assert policies == {"role_read_url", "role_decrypt_url"}


def test_a_random_password_is_made_anew_and_is_in_no_argument_that_is_kept(synth: Synth) -> None:
    def with_password(scope: Construct) -> None:
        TerraformOutput(scope, "password", value=random_password(scope, "secret"))

    document = synth(with_password).document
    assert document["ephemeral"] == {
        "aws_secretsmanager_random_password": {"secret": {"password_length": 40, "exclude_punctuation": True}}
    }
    assert document["output"]["password"]["value"] == (
        "${ephemeral.aws_secretsmanager_random_password.secret.random_password}"
    )


def test_a_password_that_rds_owns_is_given_by_nobody(synth: Synth) -> None:
    instance = synth(lambda scope: database(scope, login=ManagedLogin("app", "admin", None))).one("aws_db_instance")
    assert instance["manage_master_user_password"] is True
    assert (instance["db_name"], instance["username"]) == ("app", "admin")
    assert not {"password_wo", "password_wo_version", "master_user_secret_kms_key_id"} & instance.keys()
    assert "manage_master_user_password" not in synth(database).one("aws_db_instance")


def test_the_secret_that_rds_makes_is_read_by_its_keys_once_the_database_has_changed(synth: Synth) -> None:
    """The provider plans no secret of a database that is there: a known index would be refused by each plan."""

    def with_secret(scope: Construct) -> None:
        key = DataKey(scope, "key", alias="data", region="eu-west-1", account_id="111111111111")
        given = database(scope, login=ManagedLogin("app", "admin", key))
        secret = MasterSecret(scope, "master", database=given, key=key)
        role = ServiceRole(scope, "role", name="r", service="ecs-tasks.amazonaws.com", account_id="111111111111")
        secret.grant_read(role)
        TerraformOutput(scope, "password", value=secret.value_from("password"))

    stack = synth(with_secret)
    arn = "${aws_db_instance.database.master_user_secret[terraform_data.master.output.index].secret_arn}"
    assert stack.document["output"]["password"]["value"] == f"{arn}:password::"
    assert stack.at("terraform_data.master") == {"depends_on": ["aws_db_instance.database"], "input": {"index": 0}}
    assert stack.one("aws_db_instance")["master_user_secret_kms_key_id"] == "${aws_kms_key.key.arn}"
    policies = dict(stack.policies())
    (read,) = policies["aws_iam_role_policy.role_read_master_user.policy"]["Statement"]
    assert (read["Action"], read["Resource"]) == (["secretsmanager:GetSecretValue"], [arn])
    (decrypt,) = policies["aws_iam_role_policy.role_decrypt_master_user.policy"]["Statement"]
    assert (decrypt["Action"], decrypt["Resource"]) == (["kms:Decrypt"], ["${aws_kms_key.key.arn}"])
