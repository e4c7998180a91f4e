"""What `make diagrams` makes of the stacks, by its path below docs/."""

from __future__ import annotations

from collections.abc import Mapping

from guide.diagrams import environments
from guide.diagrams.architecture import architecture
from guide.diagrams.graph import Graph
from guide.diagrams.network import network
from guide.diagrams.security_groups import security_groups
from guide.diagrams.stack import Stack
from ops.errors import UserError
from ops.synthesized import BOOTSTRAP

DRAWN = "production"
PAGE = "reference/environments.md"


def pictures(stacks: Mapping[str, Stack]) -> dict[str, Graph]:
    """Raises UserError where the environment that is drawn does not exist."""
    if DRAWN not in stacks:
        raise UserError(
            f"no environment is named {DRAWN}: put the one to draw into DRAWN of guide/diagrams/pictures.py"
        )
    return {
        "diagrams/architecture": architecture(stacks[DRAWN], stacks[BOOTSTRAP]),
        "diagrams/network": network(stacks[DRAWN]),
        "diagrams/security-groups": security_groups(stacks[DRAWN]),
    }


def page(stacks: Mapping[str, Stack]) -> str:
    return environments.page([stacks[name] for name in sorted(stacks) if name != BOOTSTRAP])
