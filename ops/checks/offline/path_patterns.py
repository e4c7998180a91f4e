"""Path patterns of a load balancer: * is any text, ? one character ("Path conditions", Application Load Balancers)."""

from __future__ import annotations

import re
from functools import cache


def takes(pattern: str, path: str) -> bool:
    """Whether a path matches."""
    expression = re.escape(pattern).replace(r"\*", ".*").replace(r"\?", ".")
    return re.fullmatch(expression, path) is not None


def covers(wide: str, narrow: str) -> bool:
    """Whether every path that the narrow pattern takes is one that the wide one takes."""
    # A path begins with a slash.
    return _covers("*" if wide == "/*" else wide, narrow)


@cache
def _covers(wide: str, narrow: str) -> bool:
    if not wide:
        return not narrow
    if wide[0] == "*":
        return _covers(wide[1:], narrow) or (bool(narrow) and _covers(wide, narrow[1:]))
    if not narrow or narrow[0] == "*":
        return False
    return wide[0] in ("?", narrow[0]) and _covers(wide[1:], narrow[1:])
