"""The legs of a job's matrix."""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Mapping
from typing import Any

from tests.workflows.model import WorkflowError, as_list


def expand(matrix: Mapping[str, Any] | None, where: str) -> Iterator[dict[str, Any]]:
    """The legs of a matrix; one without values when there is none."""
    if not matrix:
        yield {}
        return
    axes = {key: as_list(values) for key, values in matrix.items() if key not in ("include", "exclude")}
    legs = [dict(zip(axes, values, strict=True)) for values in itertools.product(*axes.values())] if axes else []
    legs = [leg for leg in legs if not any(each.items() <= leg.items() for each in matrix.get("exclude", []))]
    added: list[dict[str, Any]] = []
    grown = [dict(leg) for leg in legs]
    for extra in matrix.get("include", []):
        fits = [at for at, leg in enumerate(legs) if all(leg.get(key, value) == value for key, value in extra.items())]
        for at in fits:
            grown[at] |= extra
        added += [] if fits else [dict(extra)]
    if not grown + added:
        raise WorkflowError(f"{where}: the matrix has no values")
    yield from grown + added
