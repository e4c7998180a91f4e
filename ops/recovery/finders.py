"""How the objects of each resource type are found; resource_types.py says why some types are not imported."""

from __future__ import annotations

from collections.abc import Iterator

from ops.core.aws import ask
from ops.recovery import (
    backups,
    buckets,
    containers,
    databases,
    identity,
    load_balancing,
    monitoring,
    network,
    secrets,
    security_groups,
)
from ops.recovery.finding import Finder, Object, Wanted
from ops.terraform.resource_types import TYPES, Call


def by_call(call: Call) -> Finder:
    """The finder of a type that one call finds."""

    def find(wanted: Wanted) -> Iterator[Object]:
        name = wanted.text(call.argument)
        found = ask(getattr(wanted.client(call.service), call.operation), **{call.parameter: name})
        if found and (not call.part or call.part in found):
            # The name, the bucket or the repository.
            yield Object(name, call.argument.rpartition("_")[2])

    return Finder(find)


FINDERS: dict[str, Finder] = {
    **{type_: by_call(known.found_by) for type_, known in TYPES.items() if known.found_by},
    **network.FINDERS,
    **security_groups.FINDERS,
    **load_balancing.FINDERS,
    **containers.FINDERS,
    **databases.FINDERS,
    **identity.FINDERS,
    **backups.FINDERS,
    **buckets.FINDERS,
    **secrets.FINDERS,
    **monitoring.FINDERS,
}
