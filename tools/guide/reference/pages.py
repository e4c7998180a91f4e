"""Every page that is made of the code, by its path below docs/."""

from __future__ import annotations

from collections.abc import Sequence

from environments.settings import Settings
from tools.guide.reference import (
    commands,
    modules,
    outputs,
    settings,
    troubleshooting,
)
from tools.guide.reference.effects import Measurement


def pages(environments: Sequence[Settings]) -> dict[str, str]:
    """The settings' effects are measured in the last environment."""
    measurement = Measurement(environments, environments[-1])
    made = {
        "reference/settings.md": settings.page(environments, measurement),
        "reference/modules.md": modules.page(),
        "reference/commands.md": commands.page(),
        "reference/outputs.md": outputs.page(measurement),
        "troubleshooting.md": troubleshooting.page(),
    }
    return {name: _marked(text) for name, text in made.items()}


def _marked(page: str) -> str:
    """Say below the title, where an editor shows it and a reader does not see it, how the page is made."""
    title, _, text = page.partition("\n")
    return f"{title}\n\n<!-- Made by `make reference`: change the code it is made of. -->\n{text}"
