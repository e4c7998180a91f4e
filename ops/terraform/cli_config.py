"""Where Terraform finds the AWS provider: a mirror on this machine, or else a download."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterable, Mapping
from pathlib import Path

from ops.core.files import write_atomically
from ops.core.paths import Work

PROVIDER = "hashicorp/aws"


def implied_mirrors(ambient: Mapping[str, str]) -> list[Path]:
    """Terraform's own implied mirror directories, which an explicit configuration switches off.

    Source: "Implied Local Mirror Directories" in Terraform's CLI configuration file documentation.
    """
    home = Path(ambient.get("HOME") or Path.home())
    if sys.platform == "darwin":
        library = Path("Library/Application Support/io.terraform/plugins")
        return [home / ".terraform.d/plugins", home / library, Path("/") / library]
    data = [ambient.get("XDG_DATA_HOME") or str(home / ".local/share")]
    data += (ambient.get("XDG_DATA_DIRS") or "/usr/local/share:/usr/share").split(os.pathsep)
    return [home / ".terraform.d/plugins", *(Path(entry) / "terraform/plugins" for entry in data if entry)]


def mirrors(ambient: Mapping[str, str], add_ons: Path = Path("/opt")) -> list[Path]:
    """The implied mirror directories, and those one level below the add-on directory, that hold the provider."""
    candidates = implied_mirrors(ambient)
    if add_ons.is_dir():
        candidates += sorted(entry for entry in add_ons.iterdir() if entry.is_dir())
    # <mirror>/<registry host>/<namespace>/<type>
    return [candidate for candidate in candidates if any(candidate.glob(f"*/{PROVIDER}"))]


def cli_configuration(found: Iterable[Path], plugin_cache: Path) -> str:
    """The text of a CLI configuration that takes the provider from these mirrors, or downloads it once if none."""
    directories = list(found)
    if not directories:
        # The lock files lie in cdktf.out/, so there is none to break; without this every stack downloads anew.
        return f'plugin_cache_dir = "{plugin_cache}"\nplugin_cache_may_break_dependency_lock_file = true\n'
    blocks = "".join(
        f'  filesystem_mirror {{\n    path    = "{directory}"\n    include = ["{PROVIDER}"]\n  }}\n'
        for directory in directories
    )
    # Without the exclusion Terraform also asks the registry, which fails offline.
    return f'provider_installation {{\n{blocks}  direct {{\n    exclude = ["{PROVIDER}"]\n  }}\n}}\n'


def cli_configuration_file(ambient: Mapping[str, str], work: Work) -> Path:
    """The person's own CLI configuration if there is one, else one written into the work directory."""
    home = Path(ambient.get("HOME") or Path.home())
    for own in (ambient.get("TF_CLI_CONFIG_FILE"), str(home / ".terraformrc")):
        if own and Path(own).is_file():
            return Path(own)
    text = cli_configuration(mirrors(ambient), work.plugin_cache)
    work.plugin_cache.mkdir(parents=True, exist_ok=True)
    if not work.terraform_rc.is_file() or work.terraform_rc.read_text(encoding="utf-8") != text:
        write_atomically(work.terraform_rc, text)
    return work.terraform_rc
