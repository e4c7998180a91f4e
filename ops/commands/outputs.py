"""`outputs`: the names that the steps after an apply need."""

from __future__ import annotations

from environments.settings import SERVICES
from ops import command_line
from ops.delivery import front_door
from ops.session import Session
from ops.state import file as state


def run(session: Session) -> None:
    """Print Terraform's outputs, read from the state.

    Where it has none yet: the names that follow from the settings.
    """
    names = session.settings.names
    known = {
        "cluster_name": names.cluster,
        **{f"{each}_service_name": names.service(each).ecs_service for each in SERVICES},
    }
    found = {**known, **state.outputs(session.account, session.backend)}
    url = front_door.address(session.settings, session.target, session.work, found.get("lb_dns_name"))
    shown = {
        **{key: value for key, value in sorted(found.items()) if isinstance(value, str)},
        # As the guide's step 6 names them.
        **{f"{each}_service": str(found[f"{each}_service_name"]) for each in SERVICES},
        **({"url": url} if url else {}),
    }
    session.display.table(f"Outputs of {session.name}:", list(shown.items()))
    session.answer(shown)


command = command_line.delivery(run)
