"""What a search came to, for a person and for machines."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from ops.core.console import Display
from ops.recovery.finding import Object
from ops.recovery.search import Result
from ops.terraform.resource_types import of


@dataclass(frozen=True)
class Report:
    """The result of one stack, in a region."""

    result: Result
    stack: str
    region: str

    def show(self, display: Display) -> None:
        """Tables of what there is to be decided or done; nothing where there is nothing."""
        result, table = self.result, display.table
        if result.found:
            rows = [(address, each.import_id, f"by {each.by}") for address, each in result.found.items()]
            table(f"Exists, but is not in the state of {self.stack}:", rows)
        if result.foreign:
            rows = [(address, each.id, each.project) for address, them in result.foreign.items() for each in them]
            table("Has the name, but is of another project, so it is not taken:", rows)
        if result.several:
            table("May be either, so neither is taken; remove all but one:", self._commands(result.several))
        if result.strays:
            # What hangs on another object goes first.
            strays = dict(reversed(result.strays.items()))
            table("Exists beside what the state has; look at it, then remove it:", self._commands(strays))
        if result.whole:
            table("In the state as half made, but whole:", [(address,) for address in result.whole])
        if result.tainted:
            table("Half made; the next apply replaces it:", [(address,) for address in result.tainted])
        for address in result.left if result.found else ():
            display.line(f"\n{address} {of(address.partition('.')[0]).left_to_apply}.")
        if result.unknown:
            display.line(f"\nNot looked for, since nothing tells how: {', '.join(result.unknown)}")

    def _commands(self, found: Mapping[str, Iterable[Object]]) -> Sequence[tuple[str, str, str, str]]:
        return [
            (address, each.id, f"by {each.by}", f"aws --region {self.region} {each.remove}")
            for address, several in found.items()
            for each in several
        ]

    def to_json(self) -> dict[str, object]:
        result = self.result

        def commands(found: Mapping[str, Iterable[Object]]) -> list[dict[str, str]]:
            return [
                {"address": address, "id": id_, "remove": remove} for address, id_, _, remove in self._commands(found)
            ]

        return {
            "imports": {address: each.import_id for address, each in result.found.items()},
            "foreign": {address: each.project for address, them in result.foreign.items() for each in them},
            "several": commands(result.several),
            "strays": commands(result.strays),
            "whole": result.whole,
            "tainted": result.tainted,
            "left_to_apply": result.left,
            "unknown": result.unknown,
        }
