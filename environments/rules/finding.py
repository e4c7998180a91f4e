"""The type of a rule."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import TypeAlias

from environments.settings import Settings

Finding: TypeAlias = tuple[str, str]
"""Key and what is wrong with its value."""
Rule: TypeAlias = Callable[[Settings], Iterator[Finding]]
