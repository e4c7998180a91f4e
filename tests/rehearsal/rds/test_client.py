"""One statement for a PostgreSQL."""

from __future__ import annotations

import pytest

from rehearsal.ecs.task_definition import NotRunnable
from rehearsal.rds.client import execute


def test_a_server_that_is_not_there_is_said() -> None:
    with pytest.raises(NotRunnable, match="PostgreSQL"):
        execute(1, "a", "b", "SELECT 1")
