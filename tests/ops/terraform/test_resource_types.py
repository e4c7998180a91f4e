"""Every type that the stacks consist of is in the one table."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable

import pytest

from environments.settings import Settings
from ops.terraform.resource_types import TYPES
from tests.stacks.test_platform import CERTIFICATE
from tests.support import Output


@pytest.fixture(scope="module")
def types(
    stacks: dict[str, Output], settings: dict[str, Settings], synth_platform: Callable[[Settings], Output]
) -> set[str]:
    """Of all that the stacks can consist of."""
    everything = dataclasses.replace(
        settings["production"], alarm_email="oncall@example.com", certificate_arn=CERTIFICATE
    )
    managed = dataclasses.replace(settings["staging"], db_password_owner="rds")
    outputs = [*stacks.values(), synth_platform(everything), synth_platform(managed)]
    return {address.partition(".")[0] for output in outputs for address in output.addresses()}


def test_every_type_of_the_stacks_has_a_row_and_no_row_is_of_another(types: set[str]):
    assert TYPES.keys() == types
