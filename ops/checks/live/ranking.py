"""Which findings are causes, and which follow from another one."""

from __future__ import annotations

from collections.abc import Sequence

from ops.checks.live.findings import Diagnosis


def rank(found: Sequence[Diagnosis]) -> list[Diagnosis]:
    """The roots in the table's order, each with all that follows from it, also over several steps.

    What follows from several roots is listed below each of them.
    """
    roots = [each for each in found if not any(other.explains(each) for other in found if other is not each)]
    for root in roots:
        below: list[Diagnosis] = []
        reached = [root]
        while reached:
            reached = [each for each in found if each not in below and any(by.explains(each) for by in reached)]
            below += reached
        root.follows = [each for each in found if each in below]
    return roots
