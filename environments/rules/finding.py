"""What a rule is, takes and yields."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any, TypeAlias

Values: TypeAlias = Mapping[str, Any]
"""The settings that could be read, by key; those of an object are a mapping of their own."""
Services: TypeAlias = Mapping[str, Values]
"""The settings of each service that could be read, by its name."""
Finding: TypeAlias = tuple[str, str]
"""Key and what is wrong with its value."""
Rule: TypeAlias = Callable[..., Iterator[Finding]]
"""Its parameters are called as the settings it judges. It applies where all of them could be read; one with a default
is passed where it could."""
