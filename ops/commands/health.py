"""`health`: whether the deployed API answers through the load balancer."""

from __future__ import annotations

import ssl
import time
from http.client import HTTPException
from urllib.error import HTTPError
from urllib.request import HTTPSHandler, build_opener

import click

from ops import command_line
from ops.core.errors import CommandError, UserError
from ops.delivery import front_door
from ops.session import Session
from ops.state import file as state

ATTEMPTS, PAUSE, TIMEOUT = 30, 15.0, 10.0
"""The guide, step 10: 30 attempts, 15 s apart, 10 s each."""
MEANINGS = {
    502: "a task closed the connection or answered what is no HTTP",
    503: "no target is registered or healthy",
    504: "a task did not answer in time",
}


def run(session: Session, url: str | None, attempts: int, pause: float, timeout: float) -> None:
    """Ask the health endpoint until it answers 200."""
    url = url or _url(session)
    started = time.monotonic()
    session.display.line(f"GET {url}, up to {attempts} times")
    answer = ""
    for attempt in range(1, attempts + 1):
        status, answer = ask(url, timeout)
        session.display.line(f"  attempt {attempt}/{attempts}: {answer}")
        if status == 200:
            seconds = round(time.monotonic() - started, 1)
            session.answer({"healthy": True, "attempts": attempt, "seconds": seconds, "url": url})
            return
        if attempt < attempts:
            time.sleep(pause)
    session.answer({"healthy": False, "attempts": attempts, "url": url, "last": answer})
    raise CommandError(f"{url} did not answer 200 in {attempts} attempts; the last answer: {answer}\n{session.doctor}")


def ask(url: str, timeout: float) -> tuple[int, str]:
    """Status of one request (0: no answer) and what it means. A redirect is followed."""
    # The load balancer's own name is not in the certificate, which is for the site's: --url takes that.
    context = ssl.create_default_context()
    context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    try:
        with build_opener(HTTPSHandler(context=context)).open(url, timeout=timeout) as response:
            return response.status, str(response.status)
    except HTTPError as error:
        meaning = MEANINGS.get(error.code)
        return error.code, f"{error.code}, {meaning}" if meaning else str(error.code)
    except (OSError, HTTPException) as error:
        return 0, f"no answer: {getattr(error, 'reason', None) or error}"


def _url(session: Session) -> str:
    lb_dns_name = state.outputs(session.account, session.backend).get("lb_dns_name")
    base = front_door.address(session.settings, session.target, session.work, lb_dns_name)
    if base is None:
        raise UserError(
            f"{session.name} has no load balancer yet: its state has no lb_dns_name"
            if session.target == "aws"
            else f"nothing of {session.name} runs: `make up` starts it"
        )
    return f"{base}{session.settings.ecs.backend.health_check_path}"


command = command_line.delivery(
    run,
    click.option("--url", help="Ask this address, for example behind a domain, instead of the load balancer's own."),
    click.option("--attempts", type=click.IntRange(min=1), default=ATTEMPTS, show_default=True, help="How often."),
    click.option("--pause", type=click.FloatRange(min=0), default=PAUSE, show_default=True, help="Seconds between."),
    click.option("--timeout", type=click.FloatRange(min=0.1), default=TIMEOUT, show_default=True, help="Of each, s."),
)
