"""The process environment Terraform runs in, for the emulator and for a real account."""

from __future__ import annotations

import os
import re
import secrets
from collections.abc import Mapping
from pathlib import Path

from ops.core.endpoint import EMULATOR_CREDENTIALS, ENDPOINT, guard_emulator
from ops.core.errors import UserError
from ops.core.files import write_atomically
from ops.core.paths import Work
from ops.terraform.cli_config import cli_configuration_file

# Would change which commands, workspace, files or settings Terraform uses behind the caller's back.
DROPPED_TERRAFORM = re.compile(r"TF_CLI_ARGS.*|TF_WORKSPACE|TF_DATA_DIR|TF_CLI_CONFIG_FILE|TF_PLUGIN_CACHE_DIR")


def _terraform(ambient: Mapping[str, str], work: Work) -> dict[str, str]:
    environment = {key: value for key, value in ambient.items() if not DROPPED_TERRAFORM.fullmatch(key)}
    return {
        # The garbage collector goes through the provider's half a gigabyte again and again: a third less to compute.
        "GOGC": "400",
        **environment,
        "TF_CLI_CONFIG_FILE": str(cli_configuration_file(ambient, work)),
        "CHECKPOINT_DISABLE": "1",
        "TF_IN_AUTOMATION": "1",
        "TF_INPUT": "0",
    }


def for_emulator(url: str, work: Work, ambient: Mapping[str, str] | None = None) -> dict[str, str]:
    """An environment from which only the emulator at the URL can be reached; raises UserError for another URL."""
    ambient = os.environ if ambient is None else ambient
    kept = {key: value for key, value in _terraform(ambient, work).items() if not key.startswith("AWS_")}
    environment = {
        **kept,
        **EMULATOR_CREDENTIALS,
        # The only endpoint variable: one for a single service (AWS_ENDPOINT_URL_S3) breaks the state backend.
        ENDPOINT: url,
        "AWS_EC2_METADATA_DISABLED": "true",
        # Profiles and endpoints of the person's own files.
        "AWS_CONFIG_FILE": os.devnull,
        "AWS_SHARED_CREDENTIALS_FILE": os.devnull,
        "NO_PROXY": "127.0.0.1",
        "no_proxy": "127.0.0.1",
    }
    guard_emulator(environment)
    return environment


def for_account(work: Work, ambient: Mapping[str, str] | None = None) -> dict[str, str]:
    """The person's own AWS environment; raises UserError if it points at something else than AWS."""
    ambient = os.environ if ambient is None else ambient
    endpoints = sorted(key for key, value in ambient.items() if key.startswith(ENDPOINT) and value)
    if endpoints:
        raise UserError(
            f"{', '.join(endpoints)} set, so this would not reach the real account: unset it, or add --target emulator"
        )
    return _terraform(ambient, work)


def db_password(work: Work, ambient: Mapping[str, str] | None = None) -> str:
    """TF_VAR_db_password, or one made once for the emulator and kept readable by its owner alone."""
    ambient = os.environ if ambient is None else ambient
    given = ambient.get("TF_VAR_db_password")
    return given or _kept_password(work.db_password)


def _kept_password(path: Path) -> str:
    if not path.exists():
        # RDS refuses / @ " and space; token_urlsafe has none of them.
        write_atomically(path, secrets.token_urlsafe(24) + "\n", mode=0o600)
    return path.read_text(encoding="utf-8").strip()
