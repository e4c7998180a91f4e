"""What a setting touches, measured: change it, synthesize, and compare with the stacks as they are shipped."""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from operator import attrgetter
from typing import Any, Literal, cast, get_args, get_origin

from cdktf import App, TerraformStack

from environments.rules.account import SHARED
from environments.settings import BOOTSTRAP, Settings, account
from stacks.bootstrap import BootstrapStack
from stacks.platform import PlatformStack

Blocks = Mapping[str, Any]
"""Every block of a stack by its address: `aws_vpc.vpc`, `output.vpc_id`, `provider.aws`."""

OTHERS: dict[str, tuple[Any, ...]] = {
    "nat_gateways": (0, 2),
    "certificate_arn": ("", "x"),
    "min_capacity": (0, 1),
    "backup_delete_after_days": (0, 30),
    "db_monitoring_interval": (0, 30),
    "alarm_email": ("", "x"),
    "users_email_from": ("", "x"),
}
"""Where one value leaves out what others only change, and where twice the number cannot be."""


@dataclass(frozen=True, slots=True)
class Effect:
    """Addresses of one stack that differ when a setting does."""

    changed: tuple[str, ...] = ()
    """There with both values, and not the same."""
    moved: tuple[str, ...] = ()
    """Named after the value: destroyed, and made again under another address."""
    optional: tuple[str, ...] = ()
    """There with one value only."""

    def __bool__(self) -> bool:
        return bool(self.changed or self.moved or self.optional)


class Measurement:
    """The environments as they are shipped, and one of them to change."""

    def __init__(self, environments: Sequence[Settings], measured: Settings) -> None:
        self._environments = environments
        self._measured = measured
        self._account = account(environments)
        self.environment = measured.environment
        self.platform = _platform(measured)
        self.bootstrap = _blocks(lambda app: BootstrapStack(app, BOOTSTRAP, self._account))

    def effects(self, keys: Mapping[str, Any]) -> dict[str, Effect]:
        """What changing these keys (and their types) touches, by stack: the environment's and bootstrap."""
        platform: list[Effect] = []
        bootstrap: list[Effect] = []
        for change in _changes(self._measured, keys):
            shared = {key: value for key, value in change.items() if key in SHARED}
            changed = with_values(self._measured, change)
            platform.append(compare(self.platform, _platform(changed)))
            of_account = account(
                [changed if each is self._measured else with_values(each, shared) for each in self._environments]
            )
            if of_account != self._account:
                blocks = _blocks(lambda app, of=of_account: BootstrapStack(app, BOOTSTRAP, of))
                bootstrap.append(compare(self.bootstrap, blocks))
        found = {self.environment: _together(platform), BOOTSTRAP: _together(bootstrap)}
        return {stack: effect for stack, effect in found.items() if effect}


def _changes(settings: Settings, keys: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Other values for these keys; the services' are changed together."""
    each = [[(key, value) for value in _others(key, hint, attrgetter(key)(settings))] for key, hint in keys.items()]
    return [dict(change) for change in zip(*each, strict=True)]


def _others(key: str, hint: Any, value: Any) -> tuple[Any, ...]:
    """Nobody validates them: what a key touches does not depend on whether AWS would take the value."""
    name = key.rpartition(".")[2]
    if name in OTHERS:
        return tuple(other for other in OTHERS[name] if other != value)
    if get_origin(hint) is Literal:
        return (next(option for option in get_args(hint) if option != value),)
    if hint is bool:
        return (not value,)
    if hint is int:
        return (2 * value or 1,)
    if hint is str:
        return (f"{value}x",)
    if get_origin(hint) is tuple:
        # A zone's last letter is in addresses, so the new ones differ in it.
        return (tuple(f"{item}{'uvwxyz'[index]}" for index, item in enumerate(value)),)
    return ({**value, "Owner": "x"},)


def with_values(settings: Any, values: Mapping[str, Any]) -> Any:
    """Return the settings with other values at these dotted keys."""
    for key, value in values.items():
        head, _, rest = key.partition(".")
        settings = replace(settings, **{head: with_values(getattr(settings, head), {rest: value}) if rest else value})
    return settings


def _platform(settings: Settings) -> Blocks:
    return _blocks(lambda app: PlatformStack(app, "platform", settings))


def _blocks(make: Callable[[App], TerraformStack]) -> Blocks:
    with tempfile.TemporaryDirectory() as directory:
        document = cast("dict[str, Any]", make(App(outdir=directory)).to_terraform())
    blocks: dict[str, Any] = {}
    for section, content in document.items():
        for name, block in content.items():
            if section == "resource":
                blocks |= {f"{name}.{id_}": _plain(resource) for id_, resource in block.items()}
            elif section != "//":
                blocks[f"{section}.{name}"] = _plain(block)
    return blocks


def _plain(value: Any) -> Any:
    """Leave out CDKTF's own remarks, which name paths of constructs."""
    if isinstance(value, dict):
        return {key: _plain(item) for key, item in cast("dict[str, Any]", value).items() if key != "//"}
    if isinstance(value, list):
        return [_plain(item) for item in cast("list[Any]", value)]
    return value


def compare(before: Blocks, after: Blocks) -> Effect:
    removed = [address for address in before if address not in after]
    added = [address for address in after if address not in before]
    moving = {_type(address) for address in removed} & {_type(address) for address in added}
    return Effect(
        tuple(address for address in before if address in after and before[address] != after[address]),
        tuple(address for address in removed if _type(address) in moving),
        tuple(address for address in (*removed, *added) if _type(address) not in moving),
    )


def _together(effects: Iterable[Effect]) -> Effect:
    found = list(effects)
    moved = _union(effect.moved for effect in found)
    optional = [address for address in _union(effect.optional for effect in found) if address not in moved]
    changed = _union(effect.changed for effect in found)
    return Effect(
        tuple(address for address in changed if address not in moved and address not in optional),
        tuple(moved),
        tuple(optional),
    )


def _union(groups: Iterable[Iterable[str]]) -> list[str]:
    return list(dict.fromkeys(address for group in groups for address in group))


def _type(address: str) -> str:
    return address.partition(".")[0]
