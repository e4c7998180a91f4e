"""How long a rehearsal waits."""

from __future__ import annotations

import pytest

from ops.rehearsal.pace import Pace


@pytest.mark.parametrize(("crowding", "seconds"), [(0.2, 6), (1, 6), (2.5, 15), (100, 60)])
def test_a_wait_is_shorter_than_configured_but_not_where_the_machine_is_busy(crowding: float, seconds: float) -> None:
    assert Pace(10, lambda: crowding).wait(60) == pytest.approx(seconds)
