"""Where an environment is reached: the load balancer's own address, or the rehearsal's."""

from __future__ import annotations

from dataclasses import replace

import pytest

from environments.settings import Settings
from ops.core.files import write_atomically
from ops.core.paths import Work
from ops.delivery import front_door


@pytest.mark.parametrize(("certificate", "url"), [("", "http://lb"), ("arn:aws:acm:x", "https://lb")])
def test_the_address_is_the_load_balancers_own(settings: dict[str, Settings], work: Work, certificate: str, url: str):
    staging = replace(settings["staging"], certificate_arn=certificate)
    assert front_door.address(staging, "aws", work, "lb") == url
    assert front_door.address(staging, "aws", work, None) is None


def test_on_the_emulator_the_address_is_the_rehearsals(settings: dict[str, Settings], work: Work):
    assert front_door.address(settings["staging"], "emulator", work, "lb") is None
    status = work.directory / "rehearsal/staging/status.json"
    write_atomically(status, '{"front_doors": {"HTTP:80": "http://localhost:8000"}}')
    assert front_door.address(settings["staging"], "emulator", work, "lb") == "http://127.0.0.1:8000"
    write_atomically(status, '{"front_doors": {}}')
    assert front_door.address(settings["staging"], "emulator", work, "lb") is None
