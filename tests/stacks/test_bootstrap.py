"""Decisions about the stack that is made once per account."""

from __future__ import annotations

import dataclasses
import json
from pathlib import Path

import pytest

from environments.names import deployed_tag
from environments.settings import Settings, account
from ops.commands import subject
from stacks.bootstrap import BootstrapStack
from tests.support import Output, synth_stack


@pytest.fixture
def bootstrap(stacks: dict[str, Output]) -> Output:
    return stacks["bootstrap"]


def test_state_and_replica_buckets_lie_in_two_regions(bootstrap: Output) -> None:
    providers = {provider.get("alias"): provider["region"] for provider in bootstrap.at("provider")["aws"]}
    assert providers == {None: "us-east-1", "replica": "us-west-2"}
    replica = bootstrap.at("aws_s3_bucket.state_replica")
    assert replica["provider"] == "aws.replica"
    assert "provider" not in bootstrap.at("aws_s3_bucket.state_bucket")


def test_the_state_is_replicated_and_deletions_are_not(bootstrap: Output) -> None:
    (rule,) = bootstrap.one("aws_s3_bucket_replication_configuration")["rule"]
    assert rule["status"] == "Enabled"
    assert rule["destination"]["bucket"] == "arn:aws:s3:::prodready-infra-terraform-state-875486186130-replica"
    assert rule["delete_marker_replication"] == {"status": "Disabled"}


def test_the_replication_role_trusts_s3_as_aws_documents_it(bootstrap: Output) -> None:
    role = bootstrap.at("aws_iam_role.state_replication_role")
    (statement,) = json.loads(role["assume_role_policy"])["Statement"]
    assert statement["Principal"] == {"Service": "s3.amazonaws.com"}
    assert "Condition" not in statement, "one that S3 does not meet fails every copy, and nothing tells"


def test_old_versions_are_archived_then_expire_in_both_buckets(bootstrap: Output) -> None:
    configurations = bootstrap.all("aws_s3_bucket_lifecycle_configuration")
    assert set(configurations) == {"state_archive", "state_replica_archive"}
    for configuration in configurations.values():
        (rule,) = configuration["rule"]
        assert rule["noncurrent_version_transition"] == [{"noncurrent_days": 30, "storage_class": "GLACIER"}]
        assert rule["noncurrent_version_expiration"] == [{"noncurrent_days": 365}]
        assert rule["abort_incomplete_multipart_upload"] == [{"days_after_initiation": 7}]


def test_one_lock_table_per_state(bootstrap: Output) -> None:
    tables = bootstrap.all("aws_dynamodb_table")
    assert {table["name"] for table in tables.values()} == {
        "terraform-state-lock-bootstrap",
        "terraform-state-lock-production",
        "terraform-state-lock-staging",
    }
    assert {table["hash_key"] for table in tables.values()} == {"LockID"}
    assert all(table["deletion_protection_enabled"] for table in tables.values())


@pytest.mark.parametrize(
    ("repository", "address"),
    [("backend", "backend"), ("state", "state"), ("a/b.c-d", "a_b_c_d"), ("1st", "repository_1st")],
)
def test_a_repository_may_have_any_name_that_ecr_takes(
    repository: str, address: str, settings: dict[str, Settings], tmp_path: Path
) -> None:
    each = settings["staging"]
    backend = dataclasses.replace(each.ecs.backend, repository=repository)
    other = dataclasses.replace(each, ecs=dataclasses.replace(each.ecs, backend=backend))
    stack = synth_stack(tmp_path, lambda app: BootstrapStack(app, "bootstrap", account([other])))

    assert stack.at(f"aws_ecr_repository.{address}")["name"] == repository
    assert f"{address}_repository_url" in stack.document["output"]


def test_images_are_scanned_immutable_and_expire(bootstrap: Output) -> None:
    repositories = bootstrap.all("aws_ecr_repository")
    assert {each["name"] for each in repositories.values()} == {"prodready-infra-api", "prodready-infra-frontend"}
    for repository in repositories.values():
        assert repository["image_tag_mutability"] == "IMMUTABLE"
        assert repository["image_scanning_configuration"] == {"scan_on_push": True}
    assert len(bootstrap.all("aws_ecr_lifecycle_policy")) == len(repositories)


def test_what_runs_outlives_any_number_of_newer_images(bootstrap: Output) -> None:
    """An image that a rule selects by its tags is expired by no later rule; of these there is one an environment."""
    for policy in bootstrap.all("aws_ecr_lifecycle_policy").values():
        rules = sorted(json.loads(policy["policy"])["rules"], key=lambda rule: rule["rulePriority"])
        first, *others = (rule["selection"] for rule in rules)
        assert first["tagPrefixList"] == ["deployed-"]
        assert all(deployed_tag(name).startswith("deployed-") for name in ("staging", "production"))
        assert first["countNumber"] > len(bootstrap.all("aws_dynamodb_table"))
        assert [each["tagStatus"] for each in others] == ["untagged", "any"]


def _subjects(bootstrap: Output) -> dict[str, list[str]]:
    """Whom each role that GitHub may take on admits."""
    subjects = {}
    for name, role in bootstrap.all("aws_iam_role").items():
        (statement,) = json.loads(role["assume_role_policy"])["Statement"]
        if "Federated" in statement["Principal"]:
            # No pattern, which would also admit what nobody thought of.
            ((operator, claims),) = statement["Condition"].items()
            assert operator == "StringEquals"
            assert claims["token.actions.githubusercontent.com:aud"] == "sts.amazonaws.com"
            subjects[name] = claims["token.actions.githubusercontent.com:sub"]
    return subjects


def test_each_role_trusts_what_it_is_for_alone(bootstrap: Output) -> None:
    repository = "repo:prodready-infra/prodready-infra"
    assert _subjects(bootstrap) == {
        "github_apply_production": [f"{repository}:environment:production"],
        "github_apply_staging": [f"{repository}:environment:staging"],
        "github_drift_production": [f"{repository}:ref:refs/heads/main"],
        "github_drift_staging": [f"{repository}:ref:refs/heads/main"],
        "github_plan_production": [f"{repository}:pull_request"],
        "github_plan_staging": [f"{repository}:pull_request"],
    }


def test_the_roles_trust_the_subjects_that_a_refused_sign_in_is_told(
    bootstrap: Output, settings: dict[str, Settings]
) -> None:
    trusted = {name.removeprefix("github_"): tuple(them) for name, them in _subjects(bootstrap).items()}
    for name, each in settings.items():
        assert subject.expected(each) == {
            "plans a pull request": trusted[f"plan_{name}"],
            "plans main and looks for drift": trusted[f"drift_{name}"],
            f"deploys {name}": trusted[f"apply_{name}"],
        }


def test_a_branch_other_than_main_cannot_deploy(bootstrap: Output) -> None:
    """The subject of a job with an environment names no branch, so the claim is asked for by itself."""
    for name in ("github_apply_production", "github_apply_staging"):
        (statement,) = json.loads(bootstrap.at(f"aws_iam_role.{name}")["assume_role_policy"])["Statement"]
        assert statement["Condition"]["StringEquals"]["token.actions.githubusercontent.com:ref"] == "refs/heads/main"


def test_a_provider_that_another_project_made_is_read_and_never_destroyed(
    settings: dict[str, Settings], tmp_path: Path
) -> None:
    """An account has one OIDC provider of GitHub's."""
    other = dataclasses.replace(settings["staging"], github_oidc_provider="existing")
    stack = synth_stack(tmp_path, lambda app: BootstrapStack(app, "bootstrap", account([other])))
    assert stack.all("aws_iam_openid_connect_provider") == {}
    (name,) = stack.document["data"]["aws_iam_openid_connect_provider"]
    trust = stack.at("aws_iam_role.github_plan_staging")["assume_role_policy"]
    assert f"${{data.aws_iam_openid_connect_provider.{name}.arn}}" in trust


@pytest.mark.parametrize("environment", ["staging", "production"])
def test_roles_that_plan_read_the_account_and_change_nothing_not_even_a_lock(
    environment: str, bootstrap: Output
) -> None:
    allowed = {
        what: {
            action
            for statement in json.loads(
                bootstrap.at(f"aws_iam_role_policy.github_{what}_{environment}_policy")["policy"]
            )["Statement"]
            if statement["Effect"] == "Allow"
            for action in statement["Action"]
        }
        for what in ("plan", "drift")
    }
    password = "secretsmanager:GetRandomPassword"
    assert allowed == {"plan": {password}, "drift": {password, "kms:Decrypt", "secretsmanager:GetSecretValue"}}
    for what in allowed:
        attached = bootstrap.at(f"aws_iam_role_policy_attachment.github_{what}_{environment}_managed")["policy_arn"]
        assert attached == "arn:aws:iam::aws:policy/ReadOnlyAccess"


def test_the_drift_role_decrypts_the_secrets_that_it_refreshes_and_nothing_else(bootstrap: Output) -> None:
    policy = json.loads(bootstrap.at("aws_iam_role_policy.github_drift_staging_policy")["policy"])
    statements = {statement["Sid"]: statement for statement in policy["Statement"]}
    (secrets,) = statements["RefreshSecretVersion"]["Resource"]
    assert statements["DecryptSecretVersion"]["Condition"] == {
        "StringEquals": {"kms:ViaService": "secretsmanager.us-east-1.amazonaws.com"},
        "StringLike": {"kms:EncryptionContext:SecretARN": secrets},
    }


def test_an_apply_role_hands_roles_to_the_services_that_the_platform_uses_only(
    bootstrap: Output, stacks: dict[str, Output]
) -> None:
    policy = json.loads(bootstrap.at("aws_iam_role_policy.github_apply_staging_policy")["policy"])
    statements = {statement["Sid"]: statement for statement in policy["Statement"]}
    handed = statements["HandRolesToServices"]["Condition"]["StringEquals"]["iam:PassedToService"]
    trusted = {
        json.loads(role["assume_role_policy"])["Statement"][0]["Principal"]["Service"]
        # Staging may have all that production has.
        for role in stacks["production"].all("aws_iam_role").values()
    }
    assert set(handed) == trusted


def test_outputs_name_what_the_pipeline_needs(bootstrap: Output) -> None:
    assert set(bootstrap.document["output"]) == {
        "apply_role_arn_production",
        "apply_role_arn_staging",
        "drift_role_arn_production",
        "drift_role_arn_staging",
        "plan_role_arn_production",
        "plan_role_arn_staging",
        "prodready_infra_api_repository_url",
        "prodready_infra_frontend_repository_url",
        "state_bucket",
        "state_replica_bucket",
    }
