"""Decisions about one environment's stack."""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Callable

import pytest

from environments.settings import SERVICES, Settings
from tests.stacks import invariants
from tests.support import Output, strings

SynthPlatform = Callable[[Settings], Output]
Shipped = dict[str, Settings]

# Replacing one of these loses data or an address that others have written down.
STATEFUL = {
    "aws_cloudwatch_log_group.backend_logs",
    "aws_cloudwatch_log_group.frontend_logs",
    "aws_cognito_user_pool.users",
    "aws_cognito_user_pool_client.users_client",
    "aws_db_instance.database",
    "aws_db_subnet_group.database_subnet_group",
    "aws_dynamodb_table.items",
    "aws_eip.vpc_nat_ip_a",
    "aws_lb.load_balancer",
    "aws_secretsmanager_secret.application_url",
    "aws_secretsmanager_secret.database_url",
    "aws_subnet.vpc_database_a",
    "aws_subnet.vpc_database_b",
    "aws_subnet.vpc_private_a",
    "aws_subnet.vpc_private_b",
    "aws_subnet.vpc_public_a",
    "aws_subnet.vpc_public_b",
    "aws_vpc.vpc",
}
CERTIFICATE = "arn:aws:acm:us-east-1:875486186130:certificate/12345678-1234-1234-1234-123456789012"


@pytest.fixture(scope="module")
def with_certificate(settings: Shipped, synth_platform: SynthPlatform) -> Output:
    return synth_platform(dataclasses.replace(settings["staging"], certificate_arn=CERTIFICATE))


@pytest.fixture(scope="module")
def with_third_zone(settings: Shipped, synth_platform: SynthPlatform) -> Output:
    return synth_platform(three_zones(settings["staging"]))


def three_zones(settings: Settings) -> Settings:
    return dataclasses.replace(
        settings,
        availability_zones=(*settings.availability_zones, "us-east-1c"),
        public_subnet_cidrs=(*settings.public_subnet_cidrs, "10.1.6.0/24"),
        private_subnet_cidrs=(*settings.private_subnet_cidrs, "10.1.7.0/24"),
        database_subnet_cidrs=(*settings.database_subnet_cidrs, "10.1.8.0/24"),
    )


@pytest.mark.parametrize("environment", ["staging", "production"])
def test_addresses_of_everything_stateful_are_pinned(stacks: dict[str, Output], environment: str) -> None:
    assert STATEFUL - stacks[environment].addresses() == set()


@pytest.mark.parametrize("port", [80, 8080])
def test_the_load_balancer_reaches_both_services(staging: Output, port: int) -> None:
    assert f"aws_vpc_security_group_egress_rule.alb_to_ecs_{port}" in staging.addresses()
    assert f"aws_vpc_security_group_ingress_rule.ecs_from_alb_{port}" in staging.addresses()


def test_production_differs_where_decided(stacks: dict[str, Output]) -> None:
    staging, production = stacks["staging"], stacks["production"]
    for stack, expected in ((staging, False), (production, True)):
        database = stack.one("aws_db_instance")
        assert (database["multi_az"], database["deletion_protection"]) == (expected, expected)
        assert stack.one("aws_lb")["enable_deletion_protection"] is expected
        assert stack.one("aws_dynamodb_table")["deletion_protection_enabled"] is expected
        assert stack.one("aws_cognito_user_pool")["deletion_protection"] == ("ACTIVE" if expected else "INACTIVE")
    assert len(staging.all("aws_nat_gateway")) == 1
    assert len(production.all("aws_nat_gateway")) == len(production.all("aws_subnet")) / 3
    retention = {name: group["retention_in_days"] for name, group in production.all("aws_cloudwatch_log_group").items()}
    assert set(retention.values()) == {90}


def test_the_password_is_ephemeral_and_reaches_write_only_arguments_alone(stacks: dict[str, Output]) -> None:
    for stack in (stacks["staging"], stacks["production"]):
        variable = stack.document["variable"]["db_password"]
        assert (variable["ephemeral"], variable["sensitive"]) == (True, True)
        assert "default" not in variable
        users = {
            (address, key)
            for address, resource in stack.resources()
            for key, value in resource.items()
            if any("var.db_password" in text for text in strings(value))
        }
        assert users == {
            ("aws_db_instance.database", "password_wo"),
            ("aws_secretsmanager_secret_version.database_url_version", "secret_string_wo"),
        }


def test_the_applications_password_is_ephemeral_and_reaches_one_write_only_argument_alone(
    stacks: dict[str, Output],
) -> None:
    for stack in (stacks["staging"], stacks["production"]):
        users = {
            (address, key)
            for address, resource in stack.resources()
            for key, value in resource.items()
            if any("ephemeral." in text for text in strings(value))
        }
        assert users == {("aws_secretsmanager_secret_version.application_url_version", "secret_string_wo")}


def test_the_containers_get_their_urls_by_reference_only(staging: Output) -> None:
    for definition in staging.all("aws_ecs_task_definition").values():
        for container in json.loads(definition["container_definitions"]):
            names = {variable["name"] for variable in container["environment"]}
            assert not names & {"DATABASE_URL", "MIGRATION_DATABASE_URL"}
    backend, _ = json.loads(staging.at("aws_ecs_task_definition.backend_task")["container_definitions"])
    (secret,) = backend["secrets"]
    assert secret["name"] == "DATABASE_URL"
    assert secret["valueFrom"] == "${aws_secretsmanager_secret.application_url.arn}"


def test_only_the_migration_is_given_the_master_user(stacks: dict[str, Output]) -> None:
    for stack in (stacks["staging"], stacks["production"]):
        given = {
            container["name"]
            for definition in stack.all("aws_ecs_task_definition").values()
            for container in json.loads(definition["container_definitions"])
            if any("aws_secretsmanager_secret.database_url." in text for text in strings(container))
        }
        assert given == {"migrate"}


@pytest.mark.parametrize("environment", ["staging", "production"])
def test_where_rds_owns_the_password_no_apply_is_given_one_and_the_migration_alone_reads_rdss_secret(
    environment: str, settings: Shipped, synth_platform: SynthPlatform
) -> None:
    shipped = settings[environment]
    stack = synth_platform(dataclasses.replace(shipped, db_password_owner="rds"))
    assert "db_password" not in stack.document["variable"]
    assert {*stack.all("aws_secretsmanager_secret")} == {"application_url"}
    assert invariants.broken(stack) == {}
    arn = stack.at("output")["master_user_secret_arn"]["value"]
    assert "database_url_secret_arn" not in stack.at("output")
    containers = [
        container
        for definition in stack.all("aws_ecs_task_definition").values()
        for container in json.loads(definition["container_definitions"])
    ]
    assert {each["name"] for each in containers if any(arn in text for text in strings(each))} == {"migrate"}
    (migrate,) = (each for each in containers if each["name"] == "migrate")
    assert {each["name"]: each["valueFrom"] for each in migrate["secrets"]} == {
        "DATABASE_URL": "${aws_secretsmanager_secret.application_url.arn}",
        "MIGRATION_DATABASE_PASSWORD": f"{arn}:password::",
        "MIGRATION_DATABASE_USER": f"{arn}:username::",
    }
    plain = {each["name"]: each["value"] for each in migrate["environment"]}
    assert plain == {
        "DATABASE_URL_VERSION": "${aws_secretsmanager_secret_version.application_url_version.version_id}",
        "MIGRATION_DATABASE_HOST": "${aws_db_instance.database.address}",
        "MIGRATION_DATABASE_NAME": shipped.db_name,
        "MIGRATION_DATABASE_PORT": "5432",
        "NODE_ENV": environment,
    }
    readers = {where for where, policy in stack.policies() if any(arn in text for text in strings(policy))}
    assert readers == {"aws_iam_role_policy.backend_task_execution_role_read_master_user.policy"}


def test_the_two_logins_of_the_application_take_turns(settings: Shipped, synth_platform: SynthPlatform) -> None:
    """A rotation leaves the login of the tasks that run alone: they go on, also if it is rolled back."""
    logins = []
    for version in (1, 2, 3):
        stack = synth_platform(dataclasses.replace(settings["staging"], db_password_version=version))
        made = stack.at("aws_secretsmanager_secret_version.application_url_version")
        assert made["secret_string_wo_version"] == version
        logins.append(made["secret_string_wo"].removeprefix("postgresql://").partition(":")[0])
    assert logins == ["application_1", "application_2", "application_1"]


def test_user_pool_and_client_are_handed_to_the_backend(staging: Output) -> None:
    backend, _ = json.loads(staging.at("aws_ecs_task_definition.backend_task")["container_definitions"])
    environment = {variable["name"]: variable["value"] for variable in backend["environment"]}
    assert environment == {
        "AWS_REGION": "us-east-1",
        "COGNITO_CLIENT_ID": "${aws_cognito_user_pool_client.users_client.id}",
        "COGNITO_USER_POOL_ID": "${aws_cognito_user_pool.users.id}",
        "DATABASE_POOL_SIZE": "4",
        "DATABASE_URL_VERSION": "${aws_secretsmanager_secret_version.application_url_version.version_id}",
        "ITEMS_TABLE": "${aws_dynamodb_table.items.name}",
        "NODE_ENV": "staging",
        "PORT": "8080",
    }


@pytest.mark.parametrize("environment", ["staging", "production"])
def test_all_tasks_of_a_deployment_together_stay_below_the_connection_alarm(
    settings: Shipped, environment: str
) -> None:
    shipped = settings[environment]
    tasks = 2 * shipped.ecs.backend.max_capacity
    assert 1 < shipped.database_pool_size * tasks <= shipped.db_connections_alarm


def test_tasks_start_after_every_grant_of_their_execution_role(staging: Output) -> None:
    for name, service in staging.all("aws_ecs_service").items():
        role = name.replace("_service", "_task_execution_role")
        grants = {f"aws_iam_role_policy.{grant}" for grant in staging.all("aws_iam_role_policy") if role in grant}
        assert len(grants) >= 3
        assert grants <= set(service["depends_on"])


def test_only_the_backend_may_read_the_urls_and_the_items(staging: Output) -> None:
    readers = {
        where
        for where, policy in staging.policies()
        for statement in policy["Statement"]
        # An endpoint's policy grants nothing.
        if not where.startswith("aws_vpc_endpoint.")
        and any(action.startswith(("secretsmanager:", "dynamodb:")) for action in statement["Action"])
    }
    assert readers == {
        "aws_iam_role_policy.backend_task_execution_role_read_application_url.policy",
        "aws_iam_role_policy.backend_task_execution_role_read_database_url.policy",
        "aws_iam_role_policy.backend_task_role_use_items.policy",
    }


def test_image_owner_terraform_follows_the_task_definition(staging: Output) -> None:
    for service in staging.all("aws_ecs_service").values():
        assert service["lifecycle"]["ignore_changes"] == ["desired_count"]


def test_image_owner_pipeline_ignores_the_task_definition(settings: Shipped, synth_platform: SynthPlatform) -> None:
    stack = synth_platform(dataclasses.replace(settings["staging"], image_owner="pipeline"))
    for service in stack.all("aws_ecs_service").values():
        assert service["lifecycle"]["ignore_changes"] == ["desired_count", "task_definition"]


def test_the_image_is_a_variable_with_the_tfvars_as_default(staging: Output) -> None:
    assert staging.document["variable"]["backend_image"]["default"] == (
        "875486186130.dkr.ecr.us-east-1.amazonaws.com/prodready-infra-api:initial"
    )
    assert staging.document["variable"]["frontend_image"]["default"] == (
        "875486186130.dkr.ecr.us-east-1.amazonaws.com/prodready-infra-frontend:initial"
    )


def test_without_a_certificate_http_serves(staging: Output) -> None:
    assert set(staging.all("aws_lb_listener")) == {"load_balancer_http"}


def test_with_a_certificate_https_serves_and_http_redirects(with_certificate: Output) -> None:
    http = with_certificate.at("aws_lb_listener.load_balancer_http")
    assert http["default_action"] == [
        {"type": "redirect", "redirect": {"port": "443", "protocol": "HTTPS", "status_code": "HTTP_301"}}
    ]
    https = with_certificate.at("aws_lb_listener.load_balancer_https")
    assert (https["port"], https["certificate_arn"]) == (443, CERTIFICATE)
    assert https["ssl_policy"] == "ELBSecurityPolicy-TLS13-1-2-2021-06"
    rules = with_certificate.all("aws_lb_listener_rule").values()
    assert {rule["listener_arn"] for rule in rules} == {"${aws_lb_listener.load_balancer_https.arn}"}
    for service in with_certificate.all("aws_ecs_service").values():
        assert "aws_lb_listener.load_balancer_https" in service["depends_on"]


def test_another_zone_only_adds(staging: Output, with_third_zone: Output) -> None:
    assert staging.addresses() - with_third_zone.addresses() == set()
    added = with_third_zone.addresses() - staging.addresses()
    assert added
    assert [address for address in added if not address.endswith(("_c", "_c_association"))] == []


def test_another_zone_touches_only_lists_of_subnets_and_route_tables(staging: Output, with_third_zone: Output) -> None:
    changed = {
        (address.split(".")[0], key)
        for address, resource in staging.resources()
        for key in resource
        if resource[key] != with_third_zone.at(address)[key]
    }
    assert changed == {
        ("aws_db_subnet_group", "subnet_ids"),
        ("aws_ecs_service", "network_configuration"),
        ("aws_lb", "subnets"),
        ("aws_vpc_endpoint", "route_table_ids"),
    }


def test_alarms_cover_every_part_and_report_to_the_topic(staging: Output) -> None:
    alarms = staging.all("aws_cloudwatch_metric_alarm")
    watched = {(alarm["namespace"], alarm["metric_name"]) for alarm in alarms.values()}
    assert watched == {
        ("AWS/ApplicationELB", "HTTPCode_ELB_5XX_Count"),
        ("AWS/ApplicationELB", "HTTPCode_Target_5XX_Count"),
        ("AWS/ApplicationELB", "TargetResponseTime"),
        ("AWS/ApplicationELB", "UnHealthyHostCount"),
        ("AWS/ApplicationELB", "HealthyHostCount"),
        ("ECS/ContainerInsights", "RunningTaskCount"),
        ("AWS/ECS", "CPUUtilization"),
        ("AWS/ECS", "MemoryUtilization"),
        ("AWS/RDS", "CPUUtilization"),
        ("AWS/RDS", "DatabaseConnections"),
        ("AWS/RDS", "FreeStorageSpace"),
        ("AWS/DynamoDB", "ReadThrottleEvents"),
        ("AWS/DynamoDB", "WriteThrottleEvents"),
    }
    for alarm in alarms.values():
        assert alarm["alarm_actions"] == alarm["ok_actions"] == ["${aws_sns_topic.alarms_topic.arn}"]


def test_an_outage_without_requests_is_an_alarm(staging: Output, settings: Shipped) -> None:
    """No request means no 5xx, and no task means no metric: what is there at its least is watched, silence too."""
    alarms = staging.all("aws_cloudwatch_metric_alarm")
    for service in SERVICES:
        least = settings["staging"].ecs.of(service).min_capacity
        for what in ("healthy_hosts", "running_tasks"):
            alarm = alarms[f"alarms_{service}_{what}"]
            assert (alarm["threshold"], alarm["comparison_operator"]) == (least, "LessThanThreshold")
            assert alarm["treat_missing_data"] == "breaching"
    assert alarms["alarms_database_cpu"]["treat_missing_data"] == "breaching"


def test_throttles_are_watched_of_the_table_and_of_each_of_its_indexes(staging: Output) -> None:
    alarms = staging.all("aws_cloudwatch_metric_alarm").values()
    for metric in ("ReadThrottleEvents", "WriteThrottleEvents"):
        watched = {
            alarm["dimensions"].get("GlobalSecondaryIndexName") for alarm in alarms if alarm["metric_name"] == metric
        }
        table = staging.one("aws_dynamodb_table")
        assert watched == {None, *(index["name"] for index in table["global_secondary_index"])}


def test_the_alarm_email_is_optional(settings: Shipped, staging: Output, synth_platform: SynthPlatform) -> None:
    assert staging.all("aws_sns_topic_subscription") == {}
    stack = synth_platform(dataclasses.replace(settings["staging"], alarm_email="oncall@example.com"))
    assert stack.one("aws_sns_topic_subscription")["endpoint"] == "oncall@example.com"


def test_outputs_name_what_the_pipeline_needs(staging: Output) -> None:
    needed = {
        "cluster_name",
        "backend_service_name",
        "frontend_service_name",
        "backend_task_family",
        "frontend_task_family",
        "lb_dns_name",
        "backend_log_group",
        "frontend_log_group",
        "backend_target_group_arn",
        "frontend_target_group_arn",
    }
    assert needed - set(staging.document["output"]) == set()


def test_tfvars_tags_reach_the_provider(settings: Shipped, synth_platform: SynthPlatform) -> None:
    stack = synth_platform(dataclasses.replace(settings["staging"], tags={"CostCenter": "42"}))
    assert [provider["default_tags"] for provider in stack.at("provider")["aws"]] == 2 * [
        [
            {
                "tags": {
                    "CostCenter": "42",
                    "Environment": "staging",
                    "ManagedBy": "terraform",
                    "Project": "prodready-infra",
                }
            }
        ]
    ]


def test_without_aws_backup_the_provider_of_its_copies_stays(staging: Output) -> None:
    """Terraform destroys what a provider made only while the provider is there."""
    assert not staging.all("aws_backup_vault")
    providers = {provider.get("alias"): provider["region"] for provider in staging.at("provider")["aws"]}
    assert providers == {None: "us-east-1", "copies": "us-west-2"}
