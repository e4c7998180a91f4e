"""What an auditor objects to, by the address that Terraform has for it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from tools.audit.account import Resource

NO_STACK = "none"
"""The stack of what no state records: the account itself, and what the emulator has by itself."""


@dataclass(frozen=True)
class Finding:
    """One check that failed on one resource."""

    auditor: str
    check: str
    stack: str
    address: str
    """Terraform's, or the auditor's own name for what no state records."""
    detail: str


class Places:
    """Finds the resource that an ARN names."""

    def __init__(self, resources: Iterable[Resource]) -> None:
        self._by_arn: dict[str, Resource] = {}
        # A topic's policy and a secret's version carry the ARN of what they belong to, and have the longer type.
        for each in sorted(resources, key=lambda resource: len(resource.type), reverse=True):
            if arn := each.values.get("arn"):
                self._by_arn[arn] = each

    def find(self, arn: str) -> tuple[str, str]:
        """The stack and the address; NO_STACK and the ARN itself for what no state records."""
        resource = self._by_arn.get(arn) or self._owner(arn)
        return (resource.stack, resource.address) if resource else (NO_STACK, arn)

    def _owner(self, arn: str) -> Resource | None:
        """The resource that the ARN names a part of, such as one policy of a role."""
        owners = [each for each in self._by_arn if arn.startswith((f"{each}/", f"{each}:"))]
        return self._by_arn[max(owners, key=len)] if owners else None
