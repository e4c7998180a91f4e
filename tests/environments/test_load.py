"""Reading a whole directory: what comes out, and that all that is wrong comes out at once."""

from __future__ import annotations

import subprocess
import sys
from dataclasses import FrozenInstanceError, fields
from pathlib import Path

import pytest

from environments.load import SettingsError, load
from environments.settings import Backend, Settings, account
from tests.environments.support import SHIPPED, Files, stands

ROOT = SHIPPED.parent
SHARED = {
    "project": ('"prodready"', '"prodready-infra"'),
    "account_id": ('"111111111111"', '"875486186130"'),
    "aws_region": ('"eu-west-1"', '"us-east-1"'),
    "state_replica_region": ('"eu-west-1"', '"us-west-2"'),
    "github_repository": ('"a/b"', '"prodready-infra/prodready-infra"'),
    "github_oidc_provider": ('"existing"', '"create"'),
    "ecs.backend.repository": ('"api"', '"prodready-infra-api"'),
    "ecs.frontend.repository": ('"page"', '"prodready-infra-frontend"'),
    "backend.bucket": ('"state-875486186130"', '"prodready-infra-terraform-state-875486186130"'),
}


def test_the_shipped_files_are_in_order() -> None:
    assert [each.environment for each in load(SHIPPED)] == ["production", "staging"]


def test_values_arrive_typed(files: Files) -> None:
    staging = files.load()[1]

    assert staging.availability_zones == ("us-east-1a", "us-east-1b")
    assert staging.nat_gateways == 1
    assert staging.db_multi_az is False
    assert staging.ecs.frontend.container_memory == 256
    assert staging.backend.dynamodb_table == "terraform-state-lock-staging"
    assert staging.image(staging.ecs.backend) == (
        "875486186130.dkr.ecr.us-east-1.amazonaws.com/prodready-infra-api:initial"
    )


def test_settings_do_not_change(files: Files) -> None:
    staging = files.load()[1]

    for thing in (staging, staging.ecs, staging.ecs.backend, staging.backend):
        with pytest.raises(FrozenInstanceError):
            setattr(thing, fields(thing)[0].name, "x")


def test_a_third_environment_is_a_third_file(files: Files) -> None:
    files.copy("staging", "qa")

    assert [each.environment for each in files.load()] == ["production", "qa", "staging"]


def test_comments_and_windows_line_ends_are_fine(files: Files) -> None:
    expected = files.load()
    for path in files.directory.iterdir():
        text = "// a comment\n/* another */\n" + path.read_text()
        path.write_bytes(text.replace("\n", "\r\n").encode())

    assert files.load() == expected


def test_what_an_editor_leaves_is_not_an_environment(files: Files) -> None:
    files.write(".staging.tfvars", "x")
    files.write("staging.tfvars~", "x")

    assert files.refusal() == []


def test_the_account_is_what_environments_share(files: Files) -> None:
    files.set({"tags": '{ Team = "infra", Cost = "1" }'})
    files.set({"tags": '{ Team = "infra", Cost = "2" }'}, "production")
    shared = account(files.load())

    assert shared.repositories == ("prodready-infra-api", "prodready-infra-frontend")
    assert shared.environments == ("production", "staging")
    assert shared.backend == Backend(
        bucket="prodready-infra-terraform-state-875486186130",
        key="prodready-infra/bootstrap/terraform.tfstate",
        region="us-east-1",
        dynamodb_table="terraform-state-lock-bootstrap",
        encrypt=True,
    )
    assert shared.state_replica_bucket == "prodready-infra-terraform-state-875486186130-replica"
    assert shared.lock_tables == {
        "bootstrap": "terraform-state-lock-bootstrap",
        "production": "terraform-state-lock-production",
        "staging": "terraform-state-lock-staging",
    }
    assert shared.tags == {"Team": "infra"}


@pytest.mark.parametrize("key", SHARED)
def test_environments_of_one_account_agree(files: Files, key: str) -> None:
    got, expected = SHARED[key]
    files.set({key: got})
    place = files.place(f"{key}: ", "production").rsplit(": ", 2)[0]

    assert files.place(f"{key}: got {got}, expected {expected} as at {place}: one account") in files.refusal()


def test_two_environments_cannot_have_one_vpc_name(files: Files) -> None:
    files.set({"vpc_name": '"prodready-infra-prod-vpc"'})
    place = files.place("vpc_name: ", "production").rsplit(": ", 2)[0]

    assert files.refusal() == [
        files.place(f'vpc_name: got "prodready-infra-prod-vpc", expected another name than at {place}')
    ]


def test_an_environment_is_called_as_its_file(files: Files) -> None:
    files.copy("staging", "qa")
    files.set({"environment": '"staging"'}, "qa")

    assert files.refusal() == [files.place('environment: got "staging", expected "qa", the name of the file', "qa")]


def test_a_directory_without_environments_is_refused(files: Files) -> None:
    files.drop("staging")
    files.drop("production")

    assert files.refusal() == ["environments: got no *.tfvars, expected one an environment"]


def test_a_directory_called_as_a_file_is_refused(staging_only: Files) -> None:
    staging_only.copy("staging", "qa")
    staging_only.path("qa.tfvars").unlink()
    staging_only.path("qa.tfvars").mkdir()

    assert staging_only.refusal() == ["environments/qa.tfvars: cannot be read: Is a directory"]


def test_a_name_too_long_for_a_second_file_is_refused(staging_only: Files) -> None:
    name = "a" * (255 - len(".tfvars"))
    staging_only.write(f"{name}.tfvars", "x")

    assert staging_only.refusal() == [
        f"environments/{name}.backend.conf: cannot be read: File name too long",
        f"environments/{name}.tfvars:1: syntax: got x, expected key = value",
    ]


def test_all_that_is_wrong_in_all_files_is_told_at_once(files: Files) -> None:
    """Faults of every kind: none hides another, and each is told once."""
    files.copy("staging", "qa")
    files.write("qa.tfvars", "environment = \n")
    files.remove("alarm_email")
    files.set(
        {"nat_gateways": '"1"', "vpc_cidr": '"10.1.0.0/33"', "ecs.frontend.memory": "300", "backend.encrypt": "1"}
    )
    files.set({"db_multi_az": "false", "account_id": '"1"'}, "production")
    files.replace("staging.tfvars", "log_retention_days ", "log_retention_day ")

    assert files.refusal() == [
        files.place('account_id: got "1", expected the 12 digits of an AWS account', "production"),
        files.place("db_multi_az: got false, expected true in production", "production"),
        "environments/qa.tfvars:1: syntax: got the end of the line, expected a value",
        files.place("backend.encrypt: got 1, expected true or false"),
        "environments/staging.tfvars: alarm_email: missing, expected text in double quotes",
        files.place('account_id: got "875486186130", expected "1" as at environments/production.tfvars:6: one account'),
        files.place('vpc_cidr: got "10.1.0.0/33", expected a prefix of /16 to /28'),
        files.place('nat_gateways: got "1", expected a whole number'),
        files.place("ecs.frontend.memory: 300 MiB does not go with cpu 256; allowed: 512, 1024, 2048"),
        files.place("log_retention_day: unknown key; did you mean log_retention_days?"),
    ]


def test_every_wrong_key_is_told_where_every_key_is_wrong(staging_only: Files) -> None:
    written = staging_only.text("staging.tfvars")
    keys = [
        each.name for each in fields(Settings) if each.name not in {"ecs", "backend"} and stands(written, each.name)
    ]
    staging_only.set(dict.fromkeys(keys, "null"))

    told = {message.split(": ")[1] for message in staging_only.refusal()}
    assert told == set(keys)


def test_paths_outside_the_work_directory_are_absolute(
    files: Files, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    files.set({"nat_gateways": "9"})
    monkeypatch.chdir(ROOT)

    with pytest.raises(SettingsError, match=f"^{files.directory}/staging.tfvars:"):
        load(files.directory)


PROGRAM = """
import sys
from pathlib import Path
from environments.load import load_or_exit
try:
    print(len(load_or_exit(Path("environments"))))
finally:
    print([name for name in ("cdktf", "jsii", "constructs") if name in sys.modules])
"""


def run(files: Files) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-c", PROGRAM],
        cwd=files.directory.parent,
        env={"PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        check=False,
    )


def test_a_refusal_is_exit_code_2_and_no_traceback_before_cdktf_is_imported(files: Files) -> None:
    files.set({"ecs.backend.memory": "256", "ecs.backend.container_memory": "256"})
    result = run(files)

    expected = "ecs.backend.memory: 256 MiB does not go with cpu 256; allowed: 512, 1024, 2048"
    assert (result.returncode, result.stderr, result.stdout) == (2, files.place(expected) + "\n", "[]\n")


def test_good_files_are_loaded(files: Files) -> None:
    result = run(files)

    assert (result.returncode, result.stderr, result.stdout) == (0, "", "2\n[]\n")
