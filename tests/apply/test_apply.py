"""Stock Terraform and the real provider apply bootstrap and staging; the order of the tests is the life of a stack."""

from __future__ import annotations

import dataclasses
import json
import re
import shutil
import subprocess
import time
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any
from urllib.parse import SplitResult, quote, urlsplit

import pytest

from environments.settings import Settings
from ops.core.errors import TerraformFailed
from ops.state import bootstrap, lock
from ops.state import file as state
from ops.terraform import synthesized
from ops.terraform.events import Changes
from ops.terraform.run import Terraform
from tests.cloud import PASSWORD, Cloud
from tests.permissions.recorded import unjudged
from tests.stacks.test_platform import three_zones
from tests.support import Output

pytestmark = pytest.mark.apply("applied")

SynthPlatform = Callable[[Settings], Output]


def test_bootstrap_ends_with_its_state_in_the_bucket_it_made(
    cloud: Cloud, bootstrapped: Changes, local_state: Path, stacks: dict[str, Output]
) -> None:
    assert bootstrapped.add == len(stacks["bootstrap"].addresses())
    remote = state.remote(cloud.aws, synthesized.backend(cloud.stacks / "bootstrap"))
    assert remote is not None
    assert remote.resources == bootstrapped.add
    assert not local_state.exists()


def test_bootstrap_is_safe_to_repeat(cloud: Cloud, bootstrapped: Changes, local_state: Path) -> None:
    again = bootstrap.apply_bootstrap(cloud.terraform("bootstrap"), cloud.aws, local_state)
    assert not again.any


def test_staging_is_applied_whole(applied: Terraform, staging: Output) -> None:
    assert set(applied.state_list()) == staging.addresses()


def test_outputs_are_the_names_that_the_guide_expects(applied: Terraform) -> None:
    outputs = applied.output()
    assert outputs["cluster_name"] == "prodready-infra-cluster-staging"
    assert outputs["backend_service_name"] == "prodready-infra-backend-service-staging"
    assert outputs["frontend_service_name"] == "prodready-infra-frontend-service-staging"
    assert outputs["lb_dns_name"].startswith("prodready-infra-alb-staging-")


def test_second_plan_shows_no_change(applied: Terraform, cloud: Cloud) -> None:
    plan = cloud.plan_file("again")
    changes = applied.plan(plan)
    assert not changes.any, applied.show(plan)


def test_no_secret_in_json_plan_or_state(applied: Terraform, cloud: Cloud) -> None:
    forms = [PASSWORD, quote(PASSWORD, safe=""), application_url(applied, cloud).password or ""]
    assert all(forms)
    plan = cloud.plan_file("with-changes")
    applied.plan(plan, destroy=True)
    with zipfile.ZipFile(plan) as archive:
        planned = "".join(archive.read(name).decode("utf-8", "replace") for name in archive.namelist())
    texts = {
        "cdk.tf.json": (applied.directory / "cdk.tf.json").read_text(),
        "plan file": planned,
        "plan JSON": json.dumps(applied.show_json(plan)),
        **{f"state {version}": text for version, text in state_versions(cloud, applied)},
    }
    assert len(texts) > 3
    assert [(name, form) for name, text in texts.items() for form in forms if form in text] == []


def test_the_password_reached_the_secret_percent_encoded(applied: Terraform, cloud: Cloud) -> None:
    secret = cloud.aws.client("secretsmanager").get_secret_value(SecretId=applied.output()["database_url_secret_arn"])
    endpoint = applied.output()["db_endpoint"]
    assert secret["SecretString"] == (
        f"postgresql://postgres:{quote(PASSWORD, safe='')}@{endpoint}/prodready_infra_staging?sslmode=require"
    )


def application_url(applied: Terraform, cloud: Cloud) -> SplitResult:
    arn = applied.output()["application_url_secret_arn"]
    return urlsplit(cloud.aws.client("secretsmanager").get_secret_value(SecretId=arn)["SecretString"])


def test_the_applications_password_is_made_by_the_apply_and_is_not_the_master_users(
    applied: Terraform, cloud: Cloud
) -> None:
    url = application_url(applied, cloud)
    assert (url.username, f"{url.hostname}:{url.port}") == ("application_1", applied.output()["db_endpoint"])
    assert re.fullmatch(r"[A-Za-z0-9]{40}", url.password or "")


def test_the_running_revision_reads_the_secrets_current_version(applied: Terraform, cloud: Cloud) -> None:
    ecs = cloud.aws.client("ecs")
    outputs = applied.output()
    (service,) = ecs.describe_services(cluster=outputs["cluster_name"], services=[outputs["backend_service_name"]])[
        "services"
    ]
    task = ecs.describe_task_definition(taskDefinition=service["taskDefinition"])["taskDefinition"]
    container, _ = task["containerDefinitions"]
    (secret,) = container["secrets"]
    assert secret["valueFrom"] == outputs["application_url_secret_arn"]
    environment = {each["name"]: each["value"] for each in container["environment"]}
    stages = cloud.aws.client("secretsmanager").describe_secret(SecretId=secret["valueFrom"])["VersionIdsToStages"]
    assert "AWSCURRENT" in stages[environment["DATABASE_URL_VERSION"]]


def test_listener_rules_route_api_before_everything_else(applied: Terraform, cloud: Cloud) -> None:
    elb = cloud.aws.client("elbv2")
    (balancer,) = elb.describe_load_balancers(Names=["prodready-infra-alb-staging"])["LoadBalancers"]
    (listener,) = elb.describe_listeners(LoadBalancerArn=balancer["LoadBalancerArn"])["Listeners"]
    rules = elb.describe_rules(ListenerArn=listener["ListenerArn"])["Rules"]
    outputs = applied.output()
    routes = {
        rule["Priority"]: (rule["Conditions"][0]["PathPatternConfig"]["Values"], rule["Actions"][0]["TargetGroupArn"])
        for rule in rules
        if not rule["IsDefault"]
    }
    assert routes == {
        "1": (["/api/*"], outputs["backend_target_group_arn"]),
        "2": (["/*"], outputs["frontend_target_group_arn"]),
    }


def test_adding_a_zone_plans_no_replace_and_no_destroy(
    applied: Terraform, cloud: Cloud, settings: dict[str, Settings], synth_platform: SynthPlatform
) -> None:
    actions = planned_actions(cloud, "three-zones", synth_platform(three_zones(settings["staging"])))
    assert {action for each in actions.values() for action in each} == {"no-op", "create", "update"}
    assert sorted(address for address, each in actions.items() if each == ["update"]) == [
        "aws_db_subnet_group.database_subnet_group",
        "aws_ecs_service.backend_service",
        "aws_ecs_service.frontend_service",
        "aws_lb.load_balancer",
        "aws_vpc_endpoint.vpc_dynamodb_endpoint",
        "aws_vpc_endpoint.vpc_s3_endpoint",
    ]


def test_raising_the_password_version_reaches_database_secret_and_tasks_without_replacing_data(
    applied: Terraform, cloud: Cloud, settings: dict[str, Settings], synth_platform: SynthPlatform
) -> None:
    raised = dataclasses.replace(settings["staging"], db_password_version=2)
    actions = planned_actions(cloud, "password", synth_platform(raised))
    changed = {address: each for address, each in actions.items() if each != ["no-op"]}
    assert changed.pop("aws_db_instance.database") == ["update"]
    for secret in ("database_url", "application_url"):
        assert f"aws_secretsmanager_secret_version.{secret}_version" in changed
    assert changed["aws_ecs_task_definition.backend_task"] == ["delete", "create"]
    assert changed["aws_ecs_service.backend_service"] == ["update"]
    assert len(changed) == 4


def test_of_two_applies_at_once_one_gets_the_lock_and_the_other_says_who_holds_it(
    applied: Terraform, cloud: Cloud
) -> None:
    first = subprocess.Popen(
        [applied.binary, f"-chdir={applied.directory}", "apply", "-auto-approve", "-no-color"],
        env=applied.environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    try:
        backend = synthesized.backend(applied.directory)
        deadline = time.monotonic() + 300
        while (holder := lock.read(cloud.aws, backend)) is None:
            assert first.poll() is None, "the first apply ended before it was seen to hold the lock"
            assert time.monotonic() < deadline
        with pytest.raises(TerraformFailed) as refused:
            cloud.terraform("staging").plan(cloud.plan_file("second"))
        output, _ = first.communicate(timeout=600)
    finally:
        first.kill()
    assert first.returncode == 0, output
    assert "Error acquiring the state lock" in str(refused.value)
    assert holder.who in str(refused.value)
    assert lock.read(cloud.aws, backend) is None


@pytest.mark.last
def test_destroy_leaves_the_final_snapshot_and_what_rds_makes_anew(
    applied: Terraform, cloud: Cloud, staging: Output
) -> None:
    destroyed = applied.destroy()
    assert destroyed.remove == len(staging.addresses())
    assert applied.state_list() == []
    left = leftovers(cloud)
    # RDS's own, made anew for its last lines.
    assert {name.rpartition("/")[2] for name in left.pop("log_groups")} == {"postgresql", "upgrade"}
    (snapshot,) = left.pop("db_snapshots")
    assert snapshot.startswith("prodready-infra-db-staging-final-snapshot-")
    assert left == {}


@pytest.mark.last
def test_the_pipelines_roles_were_judged_on_every_call_of_that_life(cloud: Cloud) -> None:
    missing = unjudged(cloud.record)
    assert missing == [], f"add to tests/permissions/calls.json: {missing}"


def planned_actions(cloud: Cloud, name: str, output: Output) -> dict[str, list[str]]:
    """What a plan of other settings against the applied state would do with each resource."""
    directory = cloud.stacks / name
    shutil.rmtree(directory, ignore_errors=True)
    directory.mkdir()
    (directory / "cdk.tf.json").write_text(json.dumps(output.document))
    terraform = cloud.terraform(name)
    terraform.init()
    plan = cloud.plan_file(name)
    terraform.plan(plan)
    return {change["address"]: change["change"]["actions"] for change in terraform.show_json(plan)["resource_changes"]}


def state_versions(cloud: Cloud, terraform: Terraform) -> list[tuple[str, str]]:
    """Every version of a stack's state that the bucket ever held."""
    backend = synthesized.backend(terraform.directory)
    s3 = cloud.aws.client("s3")
    versions = s3.list_object_versions(Bucket=backend.bucket, Prefix=backend.key).get("Versions", [])
    return [
        (
            each["VersionId"],
            s3.get_object(Bucket=backend.bucket, Key=backend.key, VersionId=each["VersionId"])["Body"].read().decode(),
        )
        for each in versions
    ]


def leftovers(cloud: Cloud) -> dict[str, list[Any]]:
    """What the account still holds of staging, asked from the AWS API."""
    client = cloud.aws.client
    mine = "staging"
    vpcs = client("ec2").describe_vpcs(Filters=[{"Name": "tag:Environment", "Values": [mine]}])["Vpcs"]
    found = {
        "vpcs": [vpc["VpcId"] for vpc in vpcs],
        "addresses": [
            each["AllocationId"]
            for each in client("ec2").describe_addresses()["Addresses"]
            if {"Key": "Environment", "Value": mine} in each.get("Tags", [])
        ],
        "load_balancers": names(client("elbv2").describe_load_balancers()["LoadBalancers"], "LoadBalancerName"),
        "target_groups": names(client("elbv2").describe_target_groups()["TargetGroups"], "TargetGroupName"),
        "clusters": [
            each["clusterArn"]
            for each in client("ecs").describe_clusters(clusters=["prodready-infra-cluster-staging"])["clusters"]
            if each["status"] != "INACTIVE"
        ],
        "databases": names(client("rds").describe_db_instances()["DBInstances"], "DBInstanceIdentifier"),
        "db_events": names(
            client("rds").describe_event_subscriptions()["EventSubscriptionsList"], "CustSubscriptionId"
        ),
        "db_snapshots": names(client("rds").describe_db_snapshots()["DBSnapshots"], "DBSnapshotIdentifier"),
        "tables": [
            name
            for name in client("dynamodb").list_tables()["TableNames"]
            if ours(name) and not name.startswith("terraform-state-lock-")
        ],
        "user_pools": names(client("cognito-idp").list_user_pools(MaxResults=60)["UserPools"], "Name"),
        "secrets": names(client("secretsmanager").list_secrets()["SecretList"], "Name"),
        "log_groups": names(client("logs").describe_log_groups()["logGroups"], "logGroupName"),
        "alarms": names(client("cloudwatch").describe_alarms()["MetricAlarms"], "AlarmName"),
        "dashboards": names(client("cloudwatch").list_dashboards()["DashboardEntries"], "DashboardName"),
        "topics": [each["TopicArn"] for each in client("sns").list_topics()["Topics"] if ours(each["TopicArn"])],
        "roles": [
            name
            for name in names(client("iam").list_roles(MaxItems=1000)["Roles"], "RoleName")
            if "-github-" not in name
        ],
    }
    return {what: each for what, each in found.items() if each}


def names(found: list[Any], key: str) -> list[str]:
    return [each[key] for each in found if ours(each[key])]


def ours(name: str) -> bool:
    """Of the applied staging; other tests make environments of other projects in the same account."""
    return "prodready-infra" in name and "staging" in name
