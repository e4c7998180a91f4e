"""`make diagrams`: draws docs/diagrams/ and writes docs/reference/environments.md, of stacks that it synthesizes."""

from __future__ import annotations

import json
import sys
import tempfile
from pathlib import Path

from ops.core.errors import CommandError
from ops.core.files import write_atomically
from ops.core.paths import ROOT
from ops.terraform.synthesized import synthesize
from tools.guide.diagrams.pictures import PAGE, page, pictures
from tools.guide.diagrams.render import draw
from tools.guide.diagrams.stack import Stack


def main(docs: Path = ROOT / "docs") -> int:
    try:
        stacks = synthesized()
        for name, graph in pictures(stacks).items():
            picture = docs / f"{name}.png"
            picture.parent.mkdir(exist_ok=True)
            new = picture.with_suffix(".png.new")
            new.write_bytes(draw(graph))
            new.replace(picture)
            write_atomically(picture.with_suffix(".dot"), graph.text(), mode=0o644)
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


if __name__ == "__main__":
    sys.exit(main())
