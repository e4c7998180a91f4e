"""Choosing an environment."""

from __future__ import annotations

import pytest

from environments.settings import Settings
from ops.core.errors import UserError
from ops.core.settings import choose


def test_an_unknown_environment_is_answered_with_the_known_ones(settings: dict[str, Settings]):
    with pytest.raises(UserError, match="no environment 'prod'; expected one of: production, staging"):
        choose("prod", tuple(settings.values()))
