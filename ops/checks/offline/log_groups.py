"""Log groups that the apply would make and that are there already."""

from __future__ import annotations

from collections.abc import Iterator

from ops.checks.offline.changes import deployed
from ops.checks.offline.findings import Finding, fail
from ops.checks.offline.subjects import Account
from ops.recovery import log_groups


def names_are_free(account: Account) -> Iterator[Finding]:
    """What RDS leaves behind of a platform that was destroyed, above all."""
    groups = account.environment.stack.all(log_groups.TYPE)
    there = deployed(account.aws, account.settings)
    unrecorded = {group["name"]: address for address, group in groups.items() if address not in there}
    for name in log_groups.existing(account.aws, unrecorded):
        yield fail(
            unrecorded[name],
            f"log group {name} exists and no state records it, so that the apply would end with "
            "ResourceAlreadyExistsException: RDS makes its own anew while it is deleted. "
            f"`python -m ops recover --env {account.settings.environment} --apply` takes it over, or delete it",
        )
