"""Looks every resource of a stack up in the account, and tells those that the state lacks."""

from __future__ import annotations

import functools
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from ops.core.aws import Aws
from ops.core.console import Display
from ops.recovery.finders import FINDERS
from ops.recovery.finding import Finder, Object, Unresolved, Wanted
from ops.state import file as state_file
from ops.terraform.resource_types import of
from ops.terraform.synthesized import Json, Stack

REFERENCE = re.compile(r"\$\{(aws_\w+\.\w+)\.(\w+)\}")
Client = Callable[[str, str], Any]
"""A boto3 client, by region and service."""


@dataclass
class Result:
    """What the search came to, each by address and after what it depends on."""

    found: dict[str, Object] = field(default_factory=dict[str, Object])
    """Exists, and the state lacks it: to be imported."""
    several: dict[str, list[Object]] = field(default_factory=dict[str, list[Object]])
    """The state lacks it, and more than one may be it."""
    strays: dict[str, list[Object]] = field(default_factory=dict[str, list[Object]])
    """Exists beside the one that the state has or gets."""
    whole: list[str] = field(default_factory=list[str])
    """Tainted ones that hold data, exist and need not be replaced."""
    tainted: list[str] = field(default_factory=list[str])
    """The other tainted ones: the next apply replaces them."""
    foreign: dict[str, list[Object]] = field(default_factory=dict[str, list[Object]])
    """Has the name, and carries another project's tag: not taken, and an apply would fail on it."""
    left: list[str] = field(default_factory=list[str])
    """Of a type that is not imported, and the state lacks it."""
    unknown: list[str] = field(default_factory=list[str])
    """Of a type that has no finder."""
    pending: dict[str, Object] = field(default_factory=dict[str, Object])
    """AWS is still making it."""
    unrecorded: int = 0
    """Resources that the state lacks, whether they exist or not."""

    @property
    def nothing(self) -> bool:
        return not (self.found or self.several or self.strays or self.whole or self.pending or self.foreign)


class Search:
    """One look at an account, for what a stack has and its state lacks."""

    def __init__(
        self, stack: Stack, state: Json | None, client: Client, finders: Mapping[str, Finder] = FINDERS
    ) -> None:
        self._stack = stack
        self._resources = stack.in_order()
        self._recorded = state_file.recorded(state or {})
        self._ids = state_file.ids(state or {})
        self._client = functools.cache(client)
        self._finders = finders
        self._candidates: dict[str, list[Object]] = {}
        self._foreign: dict[str, list[Object]] = {}

    def run(self, progress: Callable[[int, int, str], None] = lambda _done, _total, _what: None) -> Result:
        """Look everything up; raises ClientError."""
        result = Result()
        for number, address in enumerate(self._resources):
            progress(number, len(self._resources), address)
            self._look(address, result)
        return result

    def _look(self, address: str, result: Result) -> None:
        type_ = address.partition(".")[0]
        recorded = self._recorded.get(address)
        result.unrecorded += recorded is None
        if of(type_).left_to_apply:
            if recorded is None:
                result.left.append(address)
            return
        finder = self._finders.get(type_)
        if finder is None:
            result.unknown.append(address)
            return
        if recorded is not None and not recorded.tainted and not finder.strays and not finder.leftovers:
            return
        chosen: Object | None = None
        if recorded is None:
            candidates = [each for each in self.candidates(address) if not self._is_recorded(each)]
            if foreign := self._foreign.get(address):
                result.foreign[address] = foreign
            if len(candidates) > 1:
                result.several[address] = candidates
                return
            for chosen in candidates:
                result.found[address] = chosen
        elif recorded.tainted:
            chosen = next((each for each in self.candidates(address) if each.id == recorded.id), None)
            (result.whole if chosen and of(type_).data else result.tainted).append(address)
        if chosen and chosen.pending:
            result.pending[address] = chosen
        strays = self._strays(address, finder, recorded.id if recorded else chosen.id if chosen else "")
        if strays:
            result.strays[address] = strays

    def _strays(self, address: str, finder: Finder, known: str) -> list[Object]:
        wanted = self.wanted(address)
        found = _resolved(finder.strays, wanted) if finder.strays else []
        if finder.leftovers and known:
            found += finder.leftovers(wanted, known)
        return [each for each in found if each.id != known and not self._is_recorded(each)]

    def _is_recorded(self, found: Object) -> bool:
        """Whether it is some other resource; only ids that AWS gave are unique."""
        return bool(found.remove) and found.id in self._ids

    def candidates(self, address: str) -> list[Object]:
        """What may be this resource; nothing where what it hangs on does not exist or is another project's."""
        if address not in self._candidates:
            finder, wanted = self._finders.get(address.partition(".")[0]), self.wanted(address)
            found = list(_resolved(finder.find, wanted)) if finder else []
            own = ("", wanted.tags.get("Project", ""))
            self._candidates[address] = [each for each in found if each.project in own]
            self._foreign[address] = [each for each in found if each.project not in own]
        return self._candidates[address]

    def wanted(self, address: str) -> Wanted:
        config = self._resources[address]
        provider = self._stack.provider(config)
        return Wanted(
            address=address,
            config=config,
            region=provider.region,
            account_id=provider.account_id,
            tags=provider.tags,
            client=lambda service: self._client(provider.region, service),
            resolve=self._resolve,
            siblings=self._siblings,
        )

    def _siblings(self, type_: str) -> Iterator[Wanted]:
        return (self.wanted(address) for address in self._resources if address.startswith(f"{type_}."))

    def _resolve(self, value: object) -> str:
        text = REFERENCE.sub(lambda found: self._attribute(found[1], found[2]), str(value))
        if "${" in text:
            raise Unresolved(text)
        return text

    def _attribute(self, address: str, name: str) -> str:
        recorded = self._recorded.get(address)
        if recorded is not None:
            return str(recorded.attributes[name])
        candidates = self.candidates(address)
        if len(candidates) != 1:
            raise Unresolved(f"{address} does not exist")
        (found,) = candidates
        if name == "id":
            return found.id
        if name in found.attributes:
            return found.attributes[name]
        config = self._resources[address]
        if name not in config:
            raise Unresolved(f"{address}.{name}")
        return self._resolve(config[name])


def _resolved(find: Callable[[Wanted], Iterable[Object]], wanted: Wanted) -> list[Object]:
    try:
        return list(find(wanted))
    except Unresolved:
        return []


def search_account(directory: Path, state: Json | None, variables: Mapping[str, str], display: Display) -> Result:
    """Look up what the stack in a directory has beside its state, as a step; the variables tell which AWS to ask."""

    @functools.cache
    def region(name: str) -> Aws:
        return Aws(variables, name)

    stack = Stack.read(directory)
    with display.step(f"{directory.name}: look in the account") as step:
        result = Search(stack, state, lambda name, service: region(name).client(service)).run(step.progress)
        recorded = len(stack.resources) - result.unrecorded
        step.note = f"of {len(stack.resources)} resources {recorded} recorded, {len(result.found)} more exist"
    return result
