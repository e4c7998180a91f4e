"""`make diagrams`: draws docs/diagrams/ and writes docs/reference/environments.md, of stacks that it synthesizes."""

from __future__ import annotations

import json
import sys
import tempfile
from collections.abc import Mapping
from pathlib import Path

from graphviz import Digraph

from ops.core.errors import CommandError, UserError
from ops.core.files import write_atomically
from ops.core.paths import ROOT
from ops.terraform.synthesized import BOOTSTRAP, synthesize
from tools.guide.diagrams import environments
from tools.guide.diagrams.architecture import architecture
from tools.guide.diagrams.drawing import draw
from tools.guide.diagrams.network import network
from tools.guide.diagrams.security_groups import security_groups
from tools.guide.diagrams.stack import Stack

DRAWN = "production"
PAGE = "reference/environments.md"


def main(docs: Path = ROOT / "docs") -> int:
    try:
        stacks = synthesized()
        for name, graph in pictures(stacks).items():
            picture = docs / f"{name}.png"
            image = draw(graph)
            picture.parent.mkdir(exist_ok=True)
            picture.write_bytes(image)
            write_atomically(picture.with_suffix(".dot"), graph.source, mode=0o644)
            print(f"docs/{name}.png")
        write_atomically(docs / PAGE, page(stacks), mode=0o644)
        print(f"docs/{PAGE}")
    except CommandError as error:
        print(f"diagrams: {error}", file=sys.stderr)
        return error.exit_code
    return 0


def synthesized() -> dict[str, Stack]:
    with tempfile.TemporaryDirectory() as directory:
        synthesize(Path(directory))
        files = sorted(Path(directory).glob("stacks/*/cdk.tf.json"))
        return {each.parent.name: Stack(each.parent.name, json.loads(each.read_text("utf-8"))) for each in files}


def pictures(stacks: Mapping[str, Stack]) -> dict[str, Digraph]:
    """Every picture by its path below docs/; raises UserError where the environment to draw does not exist."""
    if DRAWN not in stacks:
        raise UserError(
            f"no environment is named {DRAWN}: put the one to draw into DRAWN of tools/guide/diagrams/__main__.py"
        )
    return {
        "diagrams/architecture": architecture(stacks[DRAWN], stacks[BOOTSTRAP]),
        "diagrams/network": network(stacks[DRAWN]),
        "diagrams/security-groups": security_groups(stacks[DRAWN]),
    }


def page(stacks: Mapping[str, Stack]) -> str:
    return environments.page([stacks[name] for name in sorted(stacks) if name != BOOTSTRAP])


if __name__ == "__main__":
    sys.exit(main())
