"""What `make diagrams` makes of the stacks, by its path below docs/."""

from __future__ import annotations

from collections.abc import Mapping

from ops.core.errors import UserError
from ops.terraform.synthesized import BOOTSTRAP
from tools.guide.diagrams import environments
from tools.guide.diagrams.architecture import architecture
from tools.guide.diagrams.graph import Graph
from tools.guide.diagrams.network import network
from tools.guide.diagrams.security_groups import security_groups
from tools.guide.diagrams.stack import Stack

DRAWN = "production"
PAGE = "reference/environments.md"


def pictures(stacks: Mapping[str, Stack]) -> dict[str, Graph]:
    """Raises UserError where the environment that is drawn does not exist."""
    if DRAWN not in stacks:
        raise UserError(
            f"no environment is named {DRAWN}: put the one to draw into DRAWN of tools/guide/diagrams/pictures.py"
        )
    return {
        "diagrams/architecture": architecture(stacks[DRAWN], stacks[BOOTSTRAP]),
        "diagrams/network": network(stacks[DRAWN]),
        "diagrams/security-groups": security_groups(stacks[DRAWN]),
    }


def page(stacks: Mapping[str, Stack]) -> str:
    return environments.page([stacks[name] for name in sorted(stacks) if name != BOOTSTRAP])
