"""`cdktf synth` and `python main.py` write the same files."""

from __future__ import annotations

import filecmp
import os
import subprocess
from pathlib import Path

import pytest

from tests.support import ROOT, needs

CDKTF = ROOT / "node_modules/.bin/cdktf"


def test_cdktf_synth_writes_the_same_json_as_main(outdir: Path, tmp_path: Path) -> None:
    needs(CDKTF.exists(), "cdktf-cli is missing: `make test` installs it, or run `npm ci --ignore-scripts`")
    ran = subprocess.run(
        [CDKTF, "synth", "--output", tmp_path],
        cwd=ROOT,
        env={**os.environ, "CHECKPOINT_DISABLE": "1"},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
    )
    assert ran.returncode == 0, ran.stdout + ran.stderr
    names = sorted(path.name for path in (outdir / "stacks").iterdir())
    assert names == sorted(path.name for path in (tmp_path / "stacks").iterdir())
    files = [f"stacks/{name}/cdk.tf.json" for name in names]
    same, different, missing = filecmp.cmpfiles(outdir, tmp_path, files, shallow=False)
    assert (sorted(same), different, missing) == (files, [], [])


def test_cdktf_finds_the_app_without_activating_anything() -> None:
    assert '"app": ".venv/bin/python main.py"' in (ROOT / "cdktf.json").read_text()


@pytest.mark.parametrize("key", ['"projectId"', '"sendCrashReports": "false"'])
def test_cdktf_json_fixes_the_project_and_sends_nothing(key: str) -> None:
    assert key in (ROOT / "cdktf.json").read_text()
