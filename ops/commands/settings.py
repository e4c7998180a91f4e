"""`settings`: what a pipeline has to know of an environment before it has credentials."""

from __future__ import annotations

from ops import command_line
from ops.session import Session


def run(session: Session) -> None:
    """Print an environment's account and region, and its name as GitHub's variables have it."""
    settings = session.settings
    found = {
        "environment": settings.environment,
        "project": settings.project,
        "account_id": settings.account_id,
        "aws_region": settings.aws_region,
        "image_owner": settings.image_owner,
        # No hyphen: "Naming conventions for configuration variables", GitHub.
        "variable_suffix": settings.environment.upper().replace("-", "_"),
    }
    session.display.table(f"Settings of {session.name}:", list(found.items()))
    session.answer(found)


command = command_line.delivery(run)
