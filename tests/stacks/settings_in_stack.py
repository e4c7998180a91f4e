"""Reads an environment's settings back from its stack."""

from __future__ import annotations

import json
from typing import Any

from tests.support import Output

OWN_TAGS = {"Environment", "ManagedBy", "Project"}


def settings_in(stack: Output) -> dict[str, Any]:
    """What the stack has for each key of the settings that reaches it as it is."""
    provider, copies = stack.at("provider")["aws"]
    (default_tags,) = provider["default_tags"]
    tags = default_tags["tags"]
    services = {name: _service(stack, name) for name in ("backend", "frontend")}
    return {
        "environment": tags["Environment"],
        "project": tags["Project"],
        "account_id": provider["allowed_account_ids"][0],
        "aws_region": provider["region"],
        "state_replica_region": copies["region"],
        "tags": {key: value for key, value in tags.items() if key not in OWN_TAGS},
        **_network(stack),
        **_database(stack),
        **{f"ecs.{name}.{key}": value for name, service in services.items() for key, value in service.items()},
        **{f"backend.{key}": value for key, value in stack.at("terraform")["backend"]["s3"].items()},
        "alb_access_logs": "access_logs" in stack.one("aws_lb"),
        "certificate": stack.all("aws_lb_listener").get("load_balancer_https", {}).get("certificate_arn"),
        "image_owner": _image_owner(stack),
        "deletion_protection": stack.one("aws_lb")["enable_deletion_protection"],
        "backup_delete_after_days": sum(
            rule["lifecycle"]["delete_after"] for each in stack.all("aws_backup_plan").values() for rule in each["rule"]
        ),
        "customer_managed_key": bool(stack.all("aws_kms_key")),
        "secret_recovery_days": stack.at("aws_secretsmanager_secret.application_url")["recovery_window_in_days"],
        "users_email_from": stack.one("aws_cognito_user_pool")
        .get("email_configuration", {})
        .get("from_email_address", ""),
        "log_retention_days": stack.at("aws_cloudwatch_log_group.backend_logs")["retention_in_days"],
        "alarms_to": next((each["endpoint"] for each in stack.all("aws_sns_topic_subscription").values()), None),
    }


def _network(stack: Output) -> dict[str, Any]:
    subnets = stack.all("aws_subnet")
    zones = [name.removeprefix("vpc_public_") for name in subnets if name.startswith("vpc_public_")]
    # The names of subnets are numbered in the order of the zones.
    zones.sort(key=lambda zone: subnets[f"vpc_public_{zone}"]["tags"]["Name"])
    return {
        "vpc_cidr": stack.one("aws_vpc")["cidr_block"],
        "availability_zones": tuple(subnets[f"vpc_public_{zone}"]["availability_zone"] for zone in zones),
        **{
            f"{tier}_subnet_cidrs": tuple(subnets[f"vpc_{tier}_{zone}"]["cidr_block"] for zone in zones)
            for tier in ("public", "private", "database")
        },
        "nat_gateways": len(stack.all("aws_nat_gateway")),
        "flow_logs": stack.one("aws_flow_log").get("log_destination_type", "cloudwatch"),
    }


def _database(stack: Output) -> dict[str, Any]:
    database = stack.one("aws_db_instance")
    keys = {
        "db_name": "db_name",
        "db_username": "username",
        "db_engine_version": "engine_version",
        "db_instance_class": "instance_class",
        "db_allocated_storage": "allocated_storage",
        "db_max_allocated_storage": "max_allocated_storage",
        "db_storage_type": "storage_type",
        "db_multi_az": "multi_az",
        "db_backup_retention_days": "backup_retention_period",
        "db_backup_window": "backup_window",
        "db_maintenance_window": "maintenance_window",
        "db_skip_final_snapshot": "skip_final_snapshot",
        "db_monitoring_interval": "monitoring_interval",
        "deletion_protection": "deletion_protection",
    }
    alarm = stack.at("aws_cloudwatch_metric_alarm.alarms_database_connections")
    version = stack.at("aws_secretsmanager_secret_version.application_url_version")
    return {key: database[attribute] for key, attribute in keys.items()} | {
        "db_password_owner": "rds" if database.get("manage_master_user_password") else "terraform",
        "db_password_version": version["secret_string_wo_version"],
        "db_connections_alarm": alarm["threshold"],
        "db_iops": database.get("iops", 0),
        "db_storage_throughput": database.get("storage_throughput", 0),
    }


def _service(stack: Output, name: str) -> dict[str, Any]:
    task = stack.at(f"aws_ecs_task_definition.{name}_task")
    container, *_ = json.loads(task["container_definitions"])
    targets = stack.at(f"aws_lb_target_group.{name}_targets")
    scaling = stack.at(f"aws_appautoscaling_target.{name}_service_scaling")
    image = stack.document["variable"][f"{name}_image"]["default"]
    repository, _, tag = image.partition("/")[2].partition(":")
    return {
        "repository": repository,
        "image_tag": tag,
        "cpu": int(task["cpu"]),
        "memory": int(task["memory"]),
        "container_memory": container["memory"],
        "port": container["portMappings"][0]["containerPort"],
        "health_check_path": targets["health_check"]["path"],
        "desired_count": stack.at(f"aws_ecs_service.{name}_service")["desired_count"],
        "min_capacity": scaling["min_capacity"],
        "max_capacity": scaling["max_capacity"],
    }


def _image_owner(stack: Output) -> str:
    ignored = {tuple(each["lifecycle"]["ignore_changes"]) for each in stack.all("aws_ecs_service").values()}
    return "pipeline" if ignored == {("desired_count", "task_definition")} else "terraform"
