"""What a production does without, by a decision that its settings state."""

from __future__ import annotations

from collections.abc import Iterator

from environments.rules.production import accepted
from ops.checks.offline.findings import Finding, warn
from ops.checks.offline.subjects import Environment


def what_is_accepted(environment: Environment) -> Iterator[Finding]:
    file = f"environments/{environment.settings.environment}.tfvars"
    for key, text in accepted(environment.settings):
        place = environment.checkout.find(file, rf"^({key})\s*=", key)
        yield warn(place.where, text)
