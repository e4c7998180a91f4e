"""Each setting, changed on a platform that runs, does what environments/changes.py says; the tests run in order."""

from __future__ import annotations

import json
import shutil
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import pytest

from environments.changes import CHANGES, Answer, of
from environments.settings import SERVICES, Settings
from ops.checks.offline import changes as preflight
from ops.core.console import Display
from ops.core.errors import TerraformFailed
from ops.terraform import moves, plan_file
from ops.terraform.events import Changes
from ops.terraform.run import Terraform
from ops.terraform.synthesized import Stack
from rehearsal import prepare, process
from rehearsal.elb import rules
from rehearsal.rds.certificate import self_signed
from tests.apply.load import load
from tests.apply.running import (
    APP,
    BACKEND,
    CLUSTER,
    FRONTEND,
    NAME,
    Rehearsal,
)
from tests.cloud import Cloud
from tests.permissions.recorded import unjudged
from tests.support import ROOT, Output, needs
from tools.guide.reference.effects import with_values

pytestmark = pytest.mark.apply("changes")

SynthPlatform = Callable[[Settings], Output]
Values = dict[str, Any]
IN_PLACE = (["no-op"], ["update"], ["create"])
# A revision and a version are never changed: another one is made.
REVISIONS = ("aws_ecs_task_definition", "aws_secretsmanager_secret_version", "aws_sns_topic_subscription")

SERVED: dict[str, Values] = {
    "services": {
        **{
            f"ecs.{service}.{key}": value
            for service in SERVICES
            for key, value in {
                "image_tag": "other",
                "cpu": 512,
                "memory": 1024,
                "container_memory": 600,
                "desired_count": 3,
                "min_capacity": 3,
                "max_capacity": 12,
            }.items()
        },
        "ecs.backend.health_check_path": "/api/ready",
        "ecs.frontend.health_check_path": "/",
        "ecs.backend.port": 8082,
        "ecs.backend.previous_port": 8080,
        "ecs.frontend.port": 81,
        "ecs.frontend.previous_port": 80,
    },
    "the rest": {
        "image_owner": "pipeline",
        "db_password_version": 2,
        "nat_gateways": 2,
        "db_max_allocated_storage": 200,
        "db_backup_window": "02:00-03:00",
        "db_maintenance_window": "mon:05:00-mon:06:00",
        "db_skip_final_snapshot": True,
        "db_apply_immediately": True,
        "db_connections_alarm": 60,
        "db_monitoring_interval": 30,
        "deletion_protection": True,
        "secret_recovery_days": 7,
        "log_retention_days": 14,
        "alarm_email": "oncall@example.com",
        "users_email_from": "codes@example.com",
        "tags": {"Owner": "someone"},
    },
}
WINDOW: Values = {
    "db_instance_class": "db.t3.small",
    "db_allocated_storage": 400,
    "db_storage_type": "gp3",
    "db_iops": 16000,
    "db_storage_throughput": 1000,
    "db_multi_az": True,
    "db_backup_retention_days": 0,
}
FIXED: Values = {
    "vpc_name": "other-vpc",
    "vpc_cidr": "10.2.0.0/16",
    "availability_zones": ("us-east-1a", "us-east-1f"),
    "public_subnet_cidrs": ("10.1.0.0/24", "10.1.9.0/24"),
    "private_subnet_cidrs": ("10.1.2.0/24", "10.1.9.0/24"),
    "database_subnet_cidrs": ("10.1.4.0/24", "10.1.9.0/24"),
    "db_name": "other",
    "db_username": "other",
    "customer_managed_key": False,
}
APART = {"certificate_arn", "github_oidc_provider", "github_repository"}
"""The first is applied below, the others are of bootstrap."""


class Platform:
    """The applied staging, with other settings."""

    def __init__(self, cloud: Cloud, synth: SynthPlatform, shipped: Settings) -> None:
        self.cloud, self._synth, self._shipped = cloud, synth, shipped

    def written(self, name: str, values: Values) -> Terraform:
        directory = self.cloud.stacks / name
        shutil.rmtree(directory, ignore_errors=True)
        directory.mkdir()
        document = self._synth(with_values(self._shipped, values)).document
        (directory / "cdk.tf.json").write_text(json.dumps(document))
        terraform = self.cloud.terraform(name)
        terraform.init()
        return terraform

    def planned(self, name: str, values: Values) -> dict[str, Any]:
        """The plan as `terraform show -json` has it."""
        plan = self.cloud.plan_file(name)
        terraform = self.written(name, values)
        terraform.plan(plan)
        return terraform.show_json(plan)

    def apply(self, name: str, values: Values) -> Callable[[], None]:
        """Plan; what it answers applies that."""
        plan = self.cloud.plan_file(name)
        terraform = self.written(name, values)
        found: Changes = terraform.plan(plan)
        return lambda: terraform.apply(plan, found)

    def refused(self, values: Values, stack: Output) -> list[str]:
        """Keys that the comparison with the state refuses."""
        settings = with_values(self._shipped, values)
        there = preflight.deployed(self.cloud.aws, settings)
        return [
            each.why.partition(": ")[0]
            for each in preflight.judged(settings, Stack("staging", stack.document), there, ROOT)
        ]


@pytest.fixture(scope="module")
def platform(
    applied: Terraform, cloud: Cloud, synth_platform: SynthPlatform, settings: dict[str, Settings]
) -> Platform:
    assert applied.state_list()
    return Platform(cloud, synth_platform, settings["staging"])


@pytest.fixture(scope="module")
def rehearsal(platform: Platform, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Rehearsal]:
    needs(shutil.which("npm"), "npm is not on PATH")
    cloud = platform.cloud
    prepare.prepare(APP, Display(), cloud.work)
    setup = process.Setup(CLUSTER, cloud.settings.aws_region, cloud.record.url, APP, tmp_path_factory.mktemp("images"))
    try:
        process.start(cloud.work, NAME, setup)
        started = Rehearsal(cloud.work, cloud.aws, setup)
        started.wait()
        yield started
    finally:
        process.stop(cloud.work, NAME)


def actions(document: dict[str, Any]) -> dict[str, list[str]]:
    return {
        change["address"]: change["change"]["actions"]
        for change in document["resource_changes"]
        if change["change"]["actions"] != ["no-op"]
    }


def test_every_answer_is_tried() -> None:
    tried = {
        key.replace(f"ecs.{service}.", "ecs.*.") for each in SERVED.values() for key in each for service in SERVICES
    }
    by_answer = {answer: {key for key, change in CHANGES.items() if change.answer is answer} for answer in Answer}
    assert by_answer[Answer.SERVED] - APART <= tried
    assert by_answer[Answer.WINDOW] == {*WINDOW}
    assert {key for key, change in CHANGES.items() if change.fixed} == {*FIXED}
    assert by_answer[Answer.INTERRUPTS] == {"db_engine_version"}


@pytest.mark.parametrize("group", SERVED)
def test_what_is_applied_without_a_failed_request_replaces_nothing_that_serves(group: str, platform: Platform) -> None:
    assert {of(key).answer for key in SERVED[group]} == {Answer.SERVED}
    document = platform.planned("served", SERVED[group])
    replaced = {
        address: each
        for address, each in actions(document).items()
        if each not in IN_PLACE and address.partition(".")[0] not in REVISIONS
    }
    assert replaced == {}
    assert moves.unprepared(document) == {}


def test_what_waits_for_the_window_changes_the_database_in_place_and_does_not_ask_for_more(platform: Platform) -> None:
    document = platform.planned("window", WINDOW)
    # An alarm watches how much of the storage is left.
    assert actions(document) == {
        "aws_db_instance.database": ["update"],
        "aws_cloudwatch_metric_alarm.alarms_database_storage": ["update"],
    }
    (database,) = (each for each in document["resource_changes"] if each["address"] == "aws_db_instance.database")
    assert not database["change"]["after"].get("apply_immediately")


@pytest.mark.parametrize("key", FIXED)
def test_what_cannot_be_changed_is_refused_before_the_plan(
    key: str, platform: Platform, synth_platform: SynthPlatform, settings: dict[str, Settings]
) -> None:
    assert of(key).answer is Answer.FIXED
    stack = synth_platform(with_values(settings["staging"], {key: FIXED[key]}))
    assert platform.refused({key: FIXED[key]}, stack) == [key]


def test_the_guard_refuses_a_plan_that_replaces_the_database_or_the_network(platform: Platform) -> None:
    document = platform.planned("fixed", {"db_name": "other", "vpc_cidr": "10.2.0.0/16"})
    found = plan_file.read(document, {}).changes
    assert "aws_db_instance.database" in {each.address for each in plan_file.stateful(found)}
    serving = {each.address for each in plan_file.serving(found)}
    assert {"aws_vpc.vpc", "aws_subnet.vpc_private_a", "aws_lb_target_group.backend_targets"} <= serving
    # The identifier is taken as long as the first is there, and a retry would make an empty one.
    assert actions(document)["aws_db_instance.database"] == ["delete", "create"]


def test_access_logs_that_would_be_lost_are_refused(platform: Platform) -> None:
    found = plan_file.read(platform.planned("no-logs", {"alb_access_logs": False}), {}).changes
    assert [each.address for each in plan_file.stateful(found)] == ["aws_s3_bucket.access_logs"]


def test_aws_backup_is_added_in_place_and_its_vaults_are_not_lost_unnoticed(platform: Platform) -> None:
    with_backup = {"backup_delete_after_days": 35}
    added = platform.planned("backup", with_backup)
    assert {tuple(each) for each in actions(added).values()} == {("create",)}
    platform.apply("backup", with_backup)()
    assert not actions(platform.planned("backup", with_backup))
    longer = platform.planned("backup", {"backup_delete_after_days": 90})
    assert actions(longer) == {"aws_backup_plan.backup_plan": ["update"]}
    without = plan_file.read(platform.planned("backup", {}), {}).changes
    assert {each.address for each in plan_file.stateful(without)} == {
        "aws_backup_vault.backup_vault",
        "aws_backup_vault.backup_copy_vault",
        "aws_kms_key.backup_copy_key",
    }


def test_aws_keeps_a_vault_with_a_recovery_point_and_the_platform_what_it_needs(platform: Platform) -> None:
    """Protected, as production is; the plan tells it, and of what stays the role is part."""
    protected_ = {"backup_delete_after_days": 35, "deletion_protection": True}
    platform.apply("backup", protected_)()
    backup, rds = platform.cloud.aws.client("backup"), platform.cloud.aws.client("rds")
    (database,) = rds.describe_db_instances(DBInstanceIdentifier="prodready-infra-db-staging")["DBInstances"]
    name = "prodready-infra-backup-staging"
    role = f"arn:aws:iam::{platform.cloud.settings.account_id}:role/{name}"
    made = backup.start_backup_job(BackupVaultName=name, ResourceArn=database["DBInstanceArn"], IamRoleArn=role)
    terraform, plan = platform.cloud.terraform("backup"), platform.cloud.plan_file("backup")
    terraform.plan(plan, destroy=True)
    told = plan_file.protected(terraform.show_json(plan))
    assert {each for each in told if "backup" in each} == {"aws_backup_vault.backup_vault"}
    without = {"deletion_protection": True}
    with pytest.raises(TerraformFailed, match="contains recovery points"):
        platform.apply("backup", without)()
    left = {address for address in terraform.state_list() if "backup" in address}
    assert {"aws_backup_vault.backup_vault", "aws_iam_role.backup_role"} <= left
    backup.delete_recovery_point(BackupVaultName=name, RecoveryPointArn=made["RecoveryPointArn"])
    platform.apply("backup", {})()
    assert backup.list_backup_vaults()["BackupVaultList"] == []


def test_a_port_that_moves_alone_and_a_major_version_that_waits_are_refused(platform: Platform) -> None:
    document = platform.planned("unprepared", {"ecs.backend.port": 8082, "db_engine_version": "16"})
    assert {*moves.unprepared(document)} == {"aws_ecs_service.backend_service", "aws_db_instance.database"}


@contextmanager
def watching(look: Callable[[], str]) -> Iterator[list[str]]:
    """All through the body what it finds wrong."""
    found: list[str] = []
    over = threading.Event()

    def watch() -> None:
        while not over.wait(0.5):
            if wrong := look():
                found.append(wrong)

    thread = threading.Thread(target=watch)
    thread.start()
    try:
        yield found
    finally:
        over.set()
        thread.join()


def shut_out(rehearsal: Rehearsal, service: str) -> str:
    """Targets that a security group keeps from the load balancer: the rehearsal itself has no security groups."""
    ec2 = rehearsal.aws.client("ec2")
    pages = ec2.get_paginator("describe_security_group_rules").paginate()
    rules_ = [rule for page in pages for rule in page["SecurityGroupRules"] if rule.get("ReferencedGroupInfo")]
    ways = [{rule["FromPort"] for rule in rules_ if rule["IsEgress"] is egress} for egress in (True, False)]
    return "".join(
        f"{each['Target']} is {each['TargetHealth']['State']} and shut out. "
        for each in rehearsal.targets(service)
        if any(each["Target"]["Port"] not in way for way in ways)
    )


PORTS: tuple[Values, ...] = (
    {"ecs.backend.port": 8082, "ecs.backend.previous_port": 8080},
    {"ecs.backend.port": 8082},
    {"ecs.backend.port": 8080, "ecs.backend.previous_port": 8082},
    {},
)


@pytest.mark.parametrize("step", range(len(PORTS)))
def test_a_port_moves_there_and_back_without_a_failed_request(
    step: int, platform: Platform, rehearsal: Rehearsal
) -> None:
    values = PORTS[step]
    apply = platform.apply(f"port-{step}", values)
    urls = [f"{rehearsal.url}/api/health", f"{rehearsal.url}/"]
    with load(urls, rate=20) as traffic, watching(lambda: shut_out(rehearsal, BACKEND)) as found:
        since = time.time()
        apply()
        rehearsal.wait(since)
        time.sleep(1)
    assert traffic.total > 20
    assert traffic.failed == {}
    assert found == []
    ports = {
        each["Target"]["Port"] for each in rehearsal.targets(BACKEND) if each["TargetHealth"]["State"] == "healthy"
    }
    assert ports == {values.get("ecs.backend.port", 8080)}


@pytest.mark.parametrize("owner", ["rds", "terraform"])
def test_the_master_users_password_goes_to_rds_and_back_without_a_failed_request(
    owner: str, platform: Platform, rehearsal: Rehearsal
) -> None:
    values: Values = {"db_password_owner": owner}
    planned = platform.planned("owner", values)
    lost_data = {each.address for each in plan_file.stateful(plan_file.read(planned, {}).changes)}
    assert lost_data == ({"aws_secretsmanager_secret.database_url"} if owner == "rds" else set())
    apply = platform.apply("owner", values)
    with load([f"{rehearsal.url}/api/health", f"{rehearsal.url}/"], rate=20) as traffic:
        since = time.time()
        apply()
        rehearsal.wait(since)
        time.sleep(1)
    assert traffic.total > 20
    assert traffic.failed == {}
    rds = platform.cloud.aws.client("rds")
    (database,) = rds.describe_db_instances(DBInstanceIdentifier="prodready-infra-db-staging")["DBInstances"]
    assert bool(database.get("MasterUserSecret")) is (owner == "rds")
    assert not actions(platform.planned("owner", values))


def lost(rehearsal: Rehearsal) -> str:
    """A path that HTTP or HTTPS, as the API tells them now, would not bring to its service."""
    elb = rehearsal.aws.client("elbv2")
    (balancer,) = elb.describe_load_balancers(Names=["prodready-infra-alb-staging"])["LoadBalancers"]
    listeners = elb.describe_listeners(LoadBalancerArn=balancer["LoadBalancerArn"])["Listeners"]
    ordered = {
        each["Protocol"]: rules.in_order(
            rules.read(rule) for rule in elb.describe_rules(ListenerArn=each["ListenerArn"])["Rules"]
        )
        for each in listeners
    }
    groups = {
        service: rehearsal.described(service)["loadBalancers"][0]["targetGroupArn"] for service in (BACKEND, FRONTEND)
    }
    for path, service in (("/api/health", BACKEND), ("/", FRONTEND)):
        rule = rules.choose(ordered["HTTP"], rules.Request("GET", "localhost", path))
        if rule is not None and rule.actions[0]["Type"] == "redirect":
            rule = rules.choose(ordered.get("HTTPS", ()), rules.Request("GET", "localhost", path))
        if rule is None or rule.target_groups != [groups[service]]:
            return f"{path} reaches {rule}"
    return ""


def test_a_first_certificate_loses_no_request(platform: Platform, rehearsal: Rehearsal) -> None:
    certificate, key = self_signed("localhost")
    acm = rehearsal.aws.client("acm")
    arn = acm.import_certificate(Certificate=certificate, PrivateKey=key)["CertificateArn"]
    apply = platform.apply("certificate", {"certificate_arn": arn})
    assert lost(rehearsal) == ""
    with watching(lambda: lost(rehearsal)) as found:
        apply()
    assert found == []
    elb = rehearsal.aws.client("elbv2")
    (balancer,) = elb.describe_load_balancers(Names=["prodready-infra-alb-staging"])["LoadBalancers"]
    listeners = elb.describe_listeners(LoadBalancerArn=balancer["LoadBalancerArn"])["Listeners"]
    assert {each["Protocol"]: each["DefaultActions"][0]["Type"] for each in listeners} == {
        "HTTP": "redirect",
        "HTTPS": "forward",
    }


def test_postgresql_goes_to_the_next_major_version_in_one_apply(platform: Platform) -> None:
    values = {"db_engine_version": "16", "db_apply_immediately": True}
    assert actions(platform.planned("major", values))["aws_db_instance.database"] == ["update"]
    platform.apply("major", values)()
    rds = platform.cloud.aws.client("rds")
    (database,) = rds.describe_db_instances(DBInstanceIdentifier="prodready-infra-db-staging")["DBInstances"]
    assert database["EngineVersion"].partition(".")[0] == "16"
    groups = {each["DBParameterGroupName"] for each in rds.describe_db_parameter_groups()["DBParameterGroups"]}
    assert {name for name in groups if "staging" in name} == {"prodready-infra-db-params-16-staging"}
    assert not actions(platform.planned("major", values))


def test_the_pipelines_roles_were_judged_on_every_call_of_the_changes(platform: Platform) -> None:
    missing = unjudged(platform.cloud.record)
    assert missing == [], f"add to tests/permissions/calls.json: {missing}"
