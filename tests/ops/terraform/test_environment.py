"""The environment Terraform runs in: the real AWS is out of reach of the emulator's commands."""

from __future__ import annotations

import os

import pytest

from ops.core.aws import Aws
from ops.core.errors import UserError
from ops.core.paths import Work
from ops.terraform import environment

URL = "http://127.0.0.1:4566"
AMBIENT = {
    "PATH": "/bin",
    "HOME": "/nowhere",
    "AWS_PROFILE": "production",
    "AWS_ACCESS_KEY_ID": "AKIAREAL",
    "AWS_SECRET_ACCESS_KEY": "real",
    "AWS_SESSION_TOKEN": "real",
    "AWS_ROLE_ARN": "arn:aws:iam::1:role/r",
    "AWS_ENDPOINT_URL": "https://example.com",
    "AWS_ENDPOINT_URL_S3": "https://example.com",
    "AWS_USE_FIPS_ENDPOINT": "true",
    "TF_CLI_ARGS_apply": "-auto-approve",
    "TF_WORKSPACE": "other",
    "TF_DATA_DIR": "/tmp/elsewhere",
    "TF_VAR_backend_image": "image:1",
    "TF_LOG": "INFO",
}


def test_the_emulators_environment_holds_nothing_of_the_persons_aws(work: Work):
    env = environment.for_emulator(URL, work, AMBIENT)
    assert {key: value for key, value in env.items() if key.startswith("AWS_")} == {
        "AWS_ACCESS_KEY_ID": "emulator",
        "AWS_SECRET_ACCESS_KEY": "emulator",
        "AWS_ENDPOINT_URL": URL,
        "AWS_EC2_METADATA_DISABLED": "true",
        "AWS_CONFIG_FILE": os.devnull,
        "AWS_SHARED_CREDENTIALS_FILE": os.devnull,
    }


def test_terraform_is_not_redirected_but_still_gets_its_variables(work: Work):
    env = environment.for_emulator(URL, work, AMBIENT)
    assert {key: value for key, value in env.items() if key.startswith("TF_")} == {
        "TF_CLI_CONFIG_FILE": str(work.terraform_rc),
        "TF_IN_AUTOMATION": "1",
        "TF_INPUT": "0",
        "TF_LOG": "INFO",
        "TF_VAR_backend_image": "image:1",
    }
    assert env["CHECKPOINT_DISABLE"] == "1"
    assert env["PATH"] == "/bin"


@pytest.mark.parametrize(
    "url",
    [
        "",
        " ",
        "http://localhost:4566",
        "http://127.0.0.1",
        "http://127.0.0.1:0",
        "https://s3.amazonaws.com",
        URL + "/x",
    ],
)
def test_anything_but_a_loopback_ip_with_a_port_is_refused(work: Work, url: str):
    with pytest.raises(UserError, match="AWS_ENDPOINT_URL is"):
        environment.for_emulator(url, work, AMBIENT)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"AWS_ENDPOINT_URL": ""}, "the real AWS would answer"),
        ({"AWS_ENDPOINT_URL_S3": URL}, "AWS_ENDPOINT_URL_S3 set beside"),
        ({"AWS_ACCESS_KEY_ID": "AKIAREAL"}, "may hold real credentials"),
    ],
)
def test_a_changed_environment_is_refused_before_any_client_is_made(work: Work, change: dict[str, str], message: str):
    env = {**environment.for_emulator(URL, work, AMBIENT), **change}
    with pytest.raises(UserError, match=message):
        Aws(env, "us-east-1")


def test_boto3_ignores_a_profile_that_does_not_exist(work: Work, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("AWS_PROFILE", "no-such-profile")
    client = Aws(environment.for_emulator(URL, work, AMBIENT), "us-east-1").client("s3")
    assert client.meta.endpoint_url == URL
    assert client._request_signer._credentials.access_key == "emulator"


def test_the_real_account_is_refused_while_an_endpoint_is_set(work: Work):
    with pytest.raises(UserError, match="AWS_ENDPOINT_URL, AWS_ENDPOINT_URL_S3 set"):
        environment.for_account(work, AMBIENT)


def test_the_real_account_keeps_the_persons_credentials(work: Work):
    ambient = {key: value for key, value in AMBIENT.items() if not key.startswith("AWS_ENDPOINT_URL")}
    env = environment.for_account(work, ambient)
    assert env["AWS_PROFILE"] == "production"
    assert "TF_WORKSPACE" not in env


def test_the_database_password_is_made_once_and_readable_by_its_owner_alone(work: Work):
    first = environment.db_password(work, {})
    assert environment.db_password(work, {}) == first
    assert len(first) >= 24
    assert not set(first) & set('/@" ')
    assert work.db_password.stat().st_mode & 0o777 == 0o600


def test_a_given_database_password_is_used_and_not_kept(work: Work):
    assert environment.db_password(work, {"TF_VAR_db_password": "given"}) == "given"
    assert not work.db_password.exists()


def test_terraform_collects_garbage_rarely_unless_the_person_says_how_often(work: Work) -> None:
    assert environment.for_account(work, {})["GOGC"] == "400"
    assert environment.for_account(work, {"GOGC": "50"})["GOGC"] == "50"
