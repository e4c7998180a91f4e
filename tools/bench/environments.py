"""Makes directories of any number of environments out of the shipped staging."""

from __future__ import annotations

import re
from pathlib import Path


def write_environments(source: Path, target: Path, count: int) -> None:
    """Write count environments e01, e02, ... that differ in what must be unique: name, VPC, state key, lock table."""
    tfvars = (source / "staging.tfvars").read_text(encoding="utf-8")
    backend = (source / "staging.backend.conf").read_text(encoding="utf-8")
    target.mkdir(parents=True)
    for number in range(1, count + 1):
        name = f"e{number:02}"
        own_tfvars = _with_value(_with_value(tfvars, "environment", name), "vpc_name", f"bench-{name}-vpc")
        # The reader takes no other key or table than those that carry the environment's name.
        own_backend = _with_name(_with_name(backend, "key", name), "dynamodb_table", name)
        (target / f"{name}.tfvars").write_text(own_tfvars, encoding="utf-8")
        (target / f"{name}.backend.conf").write_text(own_backend, encoding="utf-8")


def _with_name(text: str, key: str, name: str) -> str:
    changed, found = re.subn(rf'^({key}\s*=\s*"[^"\n]*)\bstaging\b', rf"\g<1>{name}", text, flags=re.MULTILINE)
    if found != 1:
        raise ValueError(f'expected one line {key} = "...staging...", found {found}')
    return changed


def _with_value(text: str, key: str, value: str) -> str:
    changed, found = re.subn(rf'^({key}\s*=\s*)"[^"\n]*"', rf'\g<1>"{value}"', text, flags=re.MULTILINE)
    if found != 1:
        raise ValueError(f'expected one line {key} = "...", found {found}')
    return changed
