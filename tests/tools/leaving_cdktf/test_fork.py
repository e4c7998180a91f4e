"""The rename that the proof and a person who leaves both run."""

from __future__ import annotations

import re
import subprocess

import pytest

from tests.support import ROOT
from tools.leaving_cdktf import fork


def rename(text: str) -> str:
    command = ["sed", "-E", "-f", str(fork.RENAME)]
    return subprocess.run(command, input=text, capture_output=True, text=True, check=True).stdout


@pytest.mark.parametrize(
    ("cdktf", "cdktn"),
    [
        ("from cdktf import App", "from cdktn import App"),
        ("from cdktf_cdktf_provider_aws.vpc import Vpc", "from cdktn_provider_aws.vpc import Vpc"),
        ("@cdktf/provider-aws", "@cdktn/provider-aws"),
        ("cdktf-cdktf-provider-aws", "cdktn-provider-aws"),
        ("npx cdktf diff", "npx cdktn diff"),
        ("cdktf.json, cdktf.out", "cdktf.json, cdktf.out"),
        ("docs/leaving-cdktf.md, leaving_cdktf", "docs/leaving-cdktf.md, leaving_cdktf"),
    ],
)
def test_packages_and_commands_are_renamed_and_files_are_not(cdktf: str, cdktn: str) -> None:
    assert rename(cdktf) == cdktn


def test_nothing_of_the_old_packages_is_left_in_the_sources() -> None:
    folders = [ROOT / name for name in fork.SOURCES if (ROOT / name).is_dir()]
    for path in [ROOT / "main.py", *(path for folder in folders for path in folder.rglob("*.py"))]:
        assert re.findall(r"cdktf(?!\.json|\.out).*", rename(path.read_text())) == [], path
