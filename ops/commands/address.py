"""Where a person reaches an environment."""

from __future__ import annotations

from ops.session import Session
from rehearsal import door


def front_door(session: Session, lb_dns_name: object) -> str | None:
    """The load balancer's address, on the embedded AWS that of the rehearsal; None where there is none."""
    if session.target == "emulator":
        status = door.read_status(session.work, session.name) or {"front_doors": {}}
        urls: list[str] = list(status["front_doors"].values())
        # localhost may be looked up as IPv6 first.
        return urls[0].replace("localhost", "127.0.0.1") if urls else None
    scheme = "https" if session.settings.certificate else "http"
    return f"{scheme}://{lb_dns_name}" if lb_dns_name else None
