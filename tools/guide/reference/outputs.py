"""docs/reference/outputs.md: what each stack publishes."""

from __future__ import annotations

import re

from environments.settings import BOOTSTRAP
from tools.guide.reference import markdown
from tools.guide.reference.effects import Blocks, Measurement

HEAD = """\
# Outputs

The pipeline and the commands read them by these names: `terraform output` in the folder of a stack prints them, and
`.venv/bin/python -m ops outputs` those of an environment. {sensitive}
"""


def page(measurement: Measurement) -> str:
    stacks = {
        f"An environment: {measurement.environment}": measurement.platform,
        f"The account: {BOOTSTRAP}": measurement.bootstrap,
    }
    sensitive = [name for blocks in stacks.values() for name, block in _outputs(blocks).items() if "sensitive" in block]
    secret = f"Sensitive: {markdown.codes(sensitive)}." if sensitive else "None is sensitive: no secret is among them."
    sections = [f"## {title}\n\n{_table(blocks)}" for title, blocks in stacks.items()]
    return "\n".join([HEAD.format(sensitive=secret), *sections])


def _outputs(blocks: Blocks) -> Blocks:
    outputs = {address: block for address, block in blocks.items() if address.startswith("output.")}
    return {address.removeprefix("output."): block for address, block in outputs.items()}


def _table(blocks: Blocks) -> str:
    rows = [
        (markdown.code(name), markdown.prose(block["description"]), markdown.code(_source(str(block["value"]))))
        for name, block in _outputs(blocks).items()
    ]
    return markdown.table(("Output", "What it is", "Value"), rows)


def _source(value: str) -> str:
    """The attribute that it refers to, or the text that it is."""
    reference = re.fullmatch(r"\$\{([^}]*)\}", value)
    return reference[1] if reference else value
