"""Where Terraform gets the provider from."""

from __future__ import annotations

from pathlib import Path

import pytest

from ops.core.paths import Work
from ops.terraform import cli_config


def mirror(directory: Path) -> Path:
    (directory / "registry.example" / "hashicorp" / "aws" / "5.100.0").mkdir(parents=True)
    return directory


@pytest.fixture
def ambient(tmp_path: Path) -> dict[str, str]:
    home = tmp_path / "home"
    home.mkdir()
    return {"HOME": str(home), "XDG_DATA_HOME": str(tmp_path / "data"), "XDG_DATA_DIRS": str(tmp_path / "shared")}


def test_mirrors_are_the_implied_directories_and_the_add_ons_that_hold_the_provider(
    tmp_path: Path, ambient: dict[str, str], monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr("sys.platform", "linux")
    expected = [
        mirror(tmp_path / "home/.terraform.d/plugins"),
        mirror(tmp_path / "data/terraform/plugins"),
        mirror(tmp_path / "shared/terraform/plugins"),
        mirror(tmp_path / "opt/b-plugins"),
    ]
    (tmp_path / "opt/a-other/registry.example/hashicorp/google").mkdir(parents=True)
    (tmp_path / "opt/file").touch()
    assert cli_config.mirrors(ambient, tmp_path / "opt") == expected


def test_a_machine_without_mirrors_has_none(tmp_path: Path, ambient: dict[str, str]):
    assert cli_config.mirrors(ambient, tmp_path / "absent") == []


def test_a_mirror_keeps_terraform_from_asking_the_registry_for_the_provider(tmp_path: Path):
    text = cli_config.cli_configuration([tmp_path / "one", tmp_path / "two"], tmp_path / "cache")
    assert text == (
        "provider_installation {\n"
        f'  filesystem_mirror {{\n    path    = "{tmp_path}/one"\n    include = ["hashicorp/aws"]\n  }}\n'
        f'  filesystem_mirror {{\n    path    = "{tmp_path}/two"\n    include = ["hashicorp/aws"]\n  }}\n'
        '  direct {\n    exclude = ["hashicorp/aws"]\n  }\n'
        "}\n"
    )


def test_without_a_mirror_the_provider_is_downloaded_once_for_all_stacks(tmp_path: Path):
    text = cli_config.cli_configuration([], tmp_path / "cache")
    assert f'plugin_cache_dir = "{tmp_path}/cache"' in text
    assert "provider_installation" not in text


def test_a_configuration_that_does_not_exist_is_replaced(tmp_path: Path, ambient: dict[str, str], work: Work):
    ambient["TF_CLI_CONFIG_FILE"] = str(tmp_path / "absent.rc")
    assert cli_config.cli_configuration_file(ambient, work) == work.terraform_rc
    assert work.terraform_rc.is_file()
    assert work.plugin_cache.is_dir()


@pytest.mark.parametrize("name", ["own.rc", "home/.terraformrc"])
def test_the_persons_own_configuration_is_respected(tmp_path: Path, ambient: dict[str, str], work: Work, name: str):
    own = tmp_path / name
    own.touch()
    if name == "own.rc":
        ambient["TF_CLI_CONFIG_FILE"] = str(own)
    assert cli_config.cli_configuration_file(ambient, work) == own
    assert not work.terraform_rc.exists()
