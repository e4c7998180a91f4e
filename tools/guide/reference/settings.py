"""docs/reference/settings.md: every key of the tfvars and backend.conf files."""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from operator import attrgetter
from typing import Any, get_type_hints

from environments import changes
from environments.aws_limits import FARGATE_MEMORY
from environments.rules import findings
from environments.rules.services import steps
from environments.settings import BOOTSTRAP, Backend, EcsSettings, ServiceSettings, Settings
from environments.shape import expected
from ops.core.paths import ROOT
from tools.guide.reference import markdown, sources
from tools.guide.reference.effects import Effect, Measurement, with_values

HEAD = """\
# Settings

Every key of `environments/<name>.tfvars`, then those of `environments/<name>.backend.conf`. All are required but those
that say that they may be left out. A file in which a key is missing, unknown or out of its limits is refused with
file and line, before anything else happens.

*Allowed* is what a refused value is answered with. What a key *changes* is measured: it is given another value, the
stacks are synthesized, and the addresses that differ are listed, those of {environment} and, where it says so, of
bootstrap. Whether Terraform then changes a resource in place or replaces it is the provider's rule: the plan tells.
`provider.aws` stands for every resource, through its region, account or default tags.
"""
SECTIONS = {
    "environment": "Names",
    "account_id": "Account",
    "vpc_name": "Network",
    "certificate_arn": "Load balancer",
    "image_owner": "Services",
    "db_name": "Database",
    "deletion_protection": "Operations",
    "github_oidc_provider": "GitHub",
    "backend.bucket": "State",
}
"""By the first key of each, in the order of the files."""
ON_A_RUNNING_PLATFORM = """\
## Changing a setting on a running platform

What an apply of another value does to a platform that serves. `python -m ops check` compares the settings with what is
deployed and refuses what cannot be changed, with file and line; `python -m ops guard` refuses a plan that replaces what
holds data or serves. What waits for the maintenance window (`db_maintenance_window`) is in every plan until then.
"""
MOST_ADDRESSES = 12
BAD_VALUES: dict[Any, tuple[Any, ...]] = {
    int: (-1, 0),
    str: ("?",),
    bool: (False, True),
    tuple[str, ...]: ((), ("?", "?")),
    dict[str, str]: ({"?": ""}, {"Owner": "?"}),
}
"""Refused by whatever rule a key of the type has."""


@dataclass(frozen=True, slots=True)
class Entry:
    """One key, or the same one of both services."""

    keys: tuple[str, ...]
    type: Any
    doc: str


def page(environments: Sequence[Settings], measurement: Measurement) -> str:
    parts = [HEAD.format(environment=measurement.environment), ON_A_RUNNING_PLATFORM, _answers()]
    for entry in entries():
        if section := SECTIONS.get(entry.keys[0]):
            parts.append(f"## {section}\n")
        effects = measurement.effects(dict.fromkeys(entry.keys, entry.type))
        if not effects:
            raise ValueError(f"{entry.keys[0]}: no other value for it changes a stack")
        parts.append(_section(entry, environments, effects))
        if entry.keys[0] == "ecs.backend.memory":
            parts.append(_sizes())
    return "\n".join(parts)


def _answers() -> str:
    rows = [
        (", ".join(_shown(key) for key in entry.keys), f"*{change.answer}*", _doc(change.what))
        for entry in entries()
        for change in [changes.of(entry.keys[0])]
    ]
    return markdown.table(("Key", "Answer", "What happens, what it costs, the way round"), rows)


def entries() -> Iterator[Entry]:
    """Every key in the order of its class; raise ValueError for one that is not described."""
    classes = {cls.name: cls for cls in sources.classes(sources.parse(ROOT / "environments" / "settings.py"))}

    def of(cls: type, *prefixes: str) -> Iterator[Entry]:
        hints = get_type_hints(cls)
        for field in sources.fields(classes[cls.__name__]):
            hint = hints[field.name]
            if hint is EcsSettings:
                yield from of(ServiceSettings, *(f"{field.name}.{service}." for service in get_type_hints(hint)))
            elif hint is Backend:
                yield from of(Backend, f"{field.name}.")
            elif not field.doc:
                raise ValueError(f"environments/settings.py: {cls.__name__}.{field.name} is not described")
            else:
                yield Entry(tuple(prefix + field.name for prefix in prefixes), hint, field.doc)

    return of(Settings, "")


def _section(entry: Entry, environments: Sequence[Settings], effects: Mapping[str, Effect]) -> str:
    rows: list[tuple[str, str]] = []
    if allowed := _allowed(entry, environments):
        rows.append(("Allowed", "; ".join(markdown.prose(text) for text in allowed)))
    rows += [(_shown(key) if len(entry.keys) > 1 else "Shipped", _shipped(key, environments)) for key in entry.keys]
    for stack, effect in effects.items():
        where = " in bootstrap" if stack == BOOTSTRAP else ""
        rows += [
            (f"{what}{where}", _addresses(addresses))
            for what, addresses in (
                ("Changes", effect.changed),
                ("Destroys and makes again", effect.moved),
                ("Adds or removes", effect.optional),
            )
            if addresses
        ]
    title = ", ".join(_shown(key) for key in entry.keys)
    return f"### {title}\n\n{_doc(entry.doc)}\n\n{markdown.table(('Type', expected(entry.type)), rows)}"


def _shown(key: str) -> str:
    """As its file has it: the keys of backend.conf stand there by themselves."""
    return markdown.code(key.removeprefix("backend."))


def _doc(text: str) -> str:
    """Other keys are named in it as code."""
    names = "|".join(key for key in get_type_hints(Settings) if "_" in key)
    return markdown.prose(re.sub(rf"(?<![`\w])({names})(?!\w)", r"`\1`", text))


def _shipped(key: str, environments: Iterable[Settings]) -> str:
    values = {each.environment: markdown.code(json.dumps(attrgetter(key)(each))) for each in environments}
    if len(set(values.values())) == 1:
        return next(iter(values.values()))
    return ", ".join(f"{name} {value}" for name, value in values.items())


def _allowed(entry: Entry, environments: Iterable[Settings]) -> list[str]:
    """What each rule on the key expects, in its own words."""
    key = entry.keys[0]
    texts: list[str] = []
    for settings in environments:
        for bad in BAD_VALUES.get(entry.type, ("?",)):
            found = findings(asdict(with_values(settings, {key: bad})))
            texts += [text for at, text in found if re.fullmatch(rf"{re.escape(key)}(\[0\]|\..*)?", at)]
    wanted = (re.split(r"[Ee]xpected ", text, maxsplit=1) for text in texts)
    return list(dict.fromkeys(parts[1] for parts in wanted if len(parts) > 1))


def _addresses(addresses: Sequence[str]) -> str:
    """Each by its address, zones together; where there are too many, each type with their number."""
    by_zone: dict[str, list[str]] = {}
    for address in addresses:
        by_zone.setdefault(re.sub(r"_[a-z](?=_|$)", "_*", address), []).append(address)
    shown = [several if len(each) > 1 else each[0] for several, each in by_zone.items()]
    if len(shown) <= MOST_ADDRESSES:
        return markdown.codes(shown)
    types = Counter(address.partition(".")[0] for address in addresses)
    return f"{len(addresses)} addresses: " + ", ".join(
        f"{markdown.code(type_)} ({count})" if count > 1 else markdown.code(type_) for type_, count in types.items()
    )


def _sizes() -> str:
    rows = [(markdown.code(cpu), steps(memory)) for cpu, memory in FARGATE_MEMORY.items()]
    return markdown.table(("cpu", "memory, MiB"), rows)
