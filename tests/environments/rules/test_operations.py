"""Account, certificate, logs, secrets, alarms, tags and what production must have."""

from __future__ import annotations

import pytest

from environments.rules.production import accepted
from tests.environments.support import Files

ARN = "arn:aws:acm:us-east-1:875486186130:certificate/12345678-1234-1234-1234-123456789012"
NO_ARN = 'expected "" for no HTTPS or arn:aws:acm:<region>:<account>:certificate/<id>'
NO_EMAIL = 'expected "" for none or an address: name@example.com'
RETENTION = (
    "expected 1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1096, 1827, 2192, 2557, 2922, 3288 or 3653"
)
OWN_TAG = "expected another key: the platform itself sets Environment, Project, ManagedBy and Name"
TAG_KEY = "expected a key of 1 to 128 letters, digits, spaces and _.:/=+-@"
TAG_VALUE = "expected at most 256 letters, digits, spaces and _.:/=+-@"
CASES: dict[str, tuple[str, str, str]] = {
    "repository without an owner": (
        "github_repository",
        '"infra"',
        'github_repository: got "infra", expected owner/name or owner@id/name@id',
    ),
    "repository that is an address": (
        "github_repository",
        '"https://github.com/a/b"',
        'github_repository: got "https://github.com/a/b", expected owner/name or owner@id/name@id',
    ),
    "no ARN": ("certificate_arn", '"example.com"', f'certificate_arn: got "example.com", {NO_ARN}'),
    "ARN of another service": (
        "certificate_arn",
        '"arn:aws:iam::875486186130:server-certificate/x"',
        f'certificate_arn: got "arn:aws:iam::875486186130:server-certificate/x", {NO_ARN}',
    ),
    "ARN of another region": (
        "certificate_arn",
        f'"{ARN.replace("us-east-1", "eu-west-1")}"',
        "certificate_arn: got a certificate of eu-west-1, expected one of aws_region, us-east-1",
    ),
    "ARN of another account": (
        "certificate_arn",
        f'"{ARN.replace("875486186130", "111111111111")}"',
        "certificate_arn: got a certificate of account 111111111111, expected one of 875486186130",
    ),
    "retention CloudWatch does not know": ("log_retention_days", "10", f"log_retention_days: got 10, {RETENTION}"),
    "logs for ever": ("log_retention_days", "0", f"log_retention_days: got 0, {RETENTION}"),
    "recovery points of a negative age": (
        "backup_delete_after_days",
        "-1",
        "backup_delete_after_days: got -1, expected 0 for no AWS Backup or 1 to 36500 days",
    ),
    "recovery points for more than a hundred years": (
        "backup_delete_after_days",
        "36501",
        "backup_delete_after_days: got 36501, expected 0 for no AWS Backup or 1 to 36500 days",
    ),
    "recovery too short": (
        "secret_recovery_days",
        "6",
        "secret_recovery_days: got 6, expected 0 to delete at once or 7 to 30",
    ),
    "recovery too long": (
        "secret_recovery_days",
        "31",
        "secret_recovery_days: got 31, expected 0 to delete at once or 7 to 30",
    ),
    "address without a domain": ("alarm_email", '"ops@"', f'alarm_email: got "ops@", {NO_EMAIL}'),
    "sender without a domain": (
        "users_email_from",
        '"no-reply"',
        'users_email_from: got "no-reply", expected "" for Cognito\'s own mailer or an address: name@example.com',
    ),
    "two addresses": ("alarm_email", '"a@b.io, c@b.io"', f'alarm_email: got "a@b.io, c@b.io", {NO_EMAIL}'),
    "tag of AWS": (
        "tags",
        '{ "AWS:Owner" = "x" }',
        "tags.AWS:Owner: expected another key: AWS keeps those that begin with aws:",
    ),
    "tag of JavaScript": (
        "tags",
        '{ __proto__ = "x" }',
        "tags.__proto__: expected another key: JavaScript, in which CDKTF runs, keeps this one",
    ),
    "tag of the platform": ("tags", '{ Environment = "x" }', f"tags.Environment: {OWN_TAG}"),
    "tag of the platform in other letters": ("tags", '{ name = "x" }', f"tags.name: {OWN_TAG}"),
    "tags that IAM does not tell apart": (
        "tags",
        '{ Team = "x", team = "y" }',
        "tags.team: expected another key: IAM does not tell it from Team",
    ),
    "tag key with a bad character": ("tags", '{ "a*" = "x" }', f"tags.a*: {TAG_KEY}"),
    "tag key too long": ("tags", f'{{ {"k" * 129} = "x" }}', f"tags.{'k' * 95}...: {TAG_KEY}"),
    "tag value with a bad character": ("tags", '{ Team = "<x>" }', f'tags.Team: got "<x>", {TAG_VALUE}'),
    "tag value too long": ("tags", f'{{ Team = "{"x" * 257}" }}', f'tags.Team: got "{"x" * 100}...", {TAG_VALUE}'),
    "too many tags": (
        "tags",
        "{ " + ", ".join(f'k{i} = "x"' for i in range(41)) + " }",
        "tags: got 41 tags, expected at most 40",
    ),
}
ACCEPTED = {
    "certificate": ("certificate_arn", f'"{ARN}"'),
    "longest retention": ("log_retention_days", "3653"),
    "shortest recovery": ("secret_recovery_days", "7"),
    "address": ("alarm_email", '"on-call+infra@ops.example.com"'),
    "tags": ("tags", '{ "cost:centre" = "R&D"}'.replace("&", "+")),
    "most tags": ("tags", "{ " + ", ".join(f'k{i} = "x"' for i in range(40)) + " }"),
}
PRODUCTION = {
    "without deletion protection": (
        {"deletion_protection": "false"},
        "deletion_protection: got false, expected true in production",
    ),
    "without a standby": ({"db_multi_az": "false"}, "db_multi_az: got false, expected true in production"),
    "without HTTPS": (
        {"certificate_arn": '""'},
        'certificate_arn: got "", expected a certificate in production, or "none" for passwords in clear',
    ),
    "without anybody who hears of an alarm": (
        {"alarm_email": '""'},
        'alarm_email: got "", expected an address in production, or "none" for alarms that nobody hears',
    ),
    "without backups": (
        {"db_backup_retention_days": "0"},
        "db_backup_retention_days: got 0, expected at least 1 day in production",
    ),
}


@pytest.mark.parametrize(("key", "value", "expected"), CASES.values(), ids=CASES)
def test_refused(staging_only: Files, key: str, value: str, expected: str) -> None:
    staging_only.set({key: value})

    assert staging_only.refusal() == [staging_only.place(expected)]


@pytest.mark.parametrize(("key", "value"), ACCEPTED.values(), ids=ACCEPTED)
def test_accepted(staging_only: Files, key: str, value: str) -> None:
    staging_only.set({key: value})

    assert staging_only.refusal() == []


@pytest.mark.parametrize("account_id", ['"87548618613"', '"8754-8618-6130"', '"٨٧٥٤٨٦١٨٦١٣٠"'])
def test_an_account_id_has_twelve_digits(staging_only: Files, account_id: str) -> None:
    staging_only.set({"account_id": account_id})

    expected = f"account_id: got {account_id}, expected the 12 digits of an AWS account"
    assert staging_only.place(expected) in staging_only.refusal()


@pytest.mark.parametrize(("values", "expected"), PRODUCTION.values(), ids=PRODUCTION)
def test_a_production_is_refused(files: Files, values: dict[str, str], expected: str) -> None:
    files.set(values, "production")

    assert files.refusal() == [files.place(expected, "production")]


def test_a_production_may_save_on_nat(files: Files) -> None:
    files.set({"nat_gateways": "1"}, "production")

    assert files.refusal() == []


def test_what_a_production_states_to_do_without_is_told_with_every_plan(files: Files) -> None:
    production, staging = files.load()
    assert [key for key, _ in accepted(production)] == ["certificate_arn", "alarm_email", "users_email_from"]
    assert (production.certificate, production.alarms_to) == (None, None)
    assert list(accepted(staging)) == []
    given = {"certificate_arn": f'"{ARN}"', "alarm_email": '"a@b.io"', "users_email_from": '"c@b.io"'}
    files.set(given, "production")
    assert list(accepted(files.load()[0])) == []
