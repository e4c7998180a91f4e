"""`images`: what runs where."""

from __future__ import annotations

from environments.settings import SERVICES
from ops import command_line
from ops.delivery import deployed
from ops.session import Session


def run(session: Session) -> None:
    """Tell which image and revision each service runs."""
    aws, settings = session.account, session.settings
    found = [each for service in SERVICES if (each := deployed.find(aws, settings, service))]
    rows = [("service", "image", "revision", "running", "deployment")]
    rows += [
        (each.service, each.image, each.revision, f"{each.running}/{each.desired}", f"{each.state} since {each.since}")
        for each in found
    ]
    if found:
        session.display.table(f"What runs in {session.name}:", rows)
    else:
        session.display.line(f"Nothing runs in {session.name} yet; its first apply takes the images of the tfvars.")
    # Without a service, the image of the tfvars: what an apply would start.
    images = {f"{service}_image": image for service, image in deployed.images(aws, settings).items()}
    session.answer({**images, "services": [each.to_json() for each in found]})


command = command_line.delivery(run)
