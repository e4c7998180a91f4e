"""Where a person reaches an environment."""

from __future__ import annotations

import contextlib
import json

from environments.settings import Settings
from ops.core.paths import Work


def address(settings: Settings, target: str, work: Work, lb_dns_name: object) -> str | None:
    """The load balancer's address, on the embedded AWS that of the rehearsal; None where there is none."""
    if target == "emulator":
        return _rehearsed(work, settings.environment)
    scheme = "https" if settings.certificate else "http"
    return f"{scheme}://{lb_dns_name}" if lb_dns_name else None


def _rehearsed(work: Work, name: str) -> str | None:
    """The first address in what the rehearsal last wrote of itself."""
    with contextlib.suppress(OSError, ValueError):
        status = json.loads(work.rehearsal_status(name).read_text(encoding="utf-8"))
        for url in status["front_doors"].values():
            # localhost may be looked up as IPv6 first.
            return str(url).replace("localhost", "127.0.0.1")
    return None
