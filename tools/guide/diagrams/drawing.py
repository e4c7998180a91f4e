"""What all pictures share: Graphviz lays them out and draws them, with the icons of the package `diagrams`."""

from __future__ import annotations

import hashlib
import struct
import zlib
from collections.abc import Generator
from contextlib import contextmanager
from html import escape
from pathlib import Path

import diagrams
from graphviz import Digraph, ExecutableNotFound

from ops.core.errors import UserError

ICONS = Path(diagrams.__file__).parent.parent / "resources"
GREY = "#545b64"
FONT = {"fontname": "Liberation Sans"}
LOOKS = {
    "plain": {"fillcolor": "#f7f8f9", "color": "#b6babf"},
    "vpc": {"fillcolor": "#ffffff", "color": "#8c4fff"},
    "public": {"fillcolor": "#f2f8e8", "color": "#7aa116"},
    "private": {"fillcolor": "#e9f6f7", "color": "#00a4a6"},
}


def picture() -> Digraph:
    """An empty picture that reads from left to right, white where the page is dark too."""
    return Digraph(
        graph_attr={**FONT, "rankdir": "LR", "dpi": "96", "bgcolor": "white", "nodesep": "0.2", "ranksep": "0.9"},
        node_attr={**FONT, "shape": "none", "margin": "0", "fontsize": "11", "fontcolor": GREY},
        edge_attr={**FONT, "arrowsize": "0.6", "color": GREY, "fontsize": "11", "fontcolor": GREY},
    )


@contextmanager
def frame(graph: Digraph, title: str, look: str = "plain") -> Generator[Digraph]:
    """A box with a title around what is added to it."""
    attributes = {"label": title, "labeljust": "l", "fontsize": "13", "style": "rounded,filled", **LOOKS[look]}
    inside = Digraph(f"cluster {title}", graph_attr=attributes)
    yield inside
    graph.subgraph(inside)


def add_node(graph: Digraph, id_: str, icon: str, title: str, *lines: str) -> None:
    """An icon, such as `aws/compute/fargate`, above a bold title and lines of text."""
    image = f'<td fixedsize="true" width="44" height="44"><img src="{icon}.png"/></td>'
    bold = f'<td><font color="black" point-size="12"><b>{escape(title)}</b></font></td>'
    cells = [image, bold, *(f"<td>{escape(line)}</td>" for line in lines)]
    rows = "".join(f"<tr>{cell}</tr>" for cell in cells)
    graph.node(id_, f'<<table border="0" cellborder="0" cellspacing="0" cellpadding="1">{rows}</table>>')


def draw(graph: Digraph) -> bytes:
    """A PNG with the hash of its source in it; raises UserError without Graphviz."""
    # The folder of the icons differs by machine, so the committed source is without it.
    located = graph.copy()
    located.graph_attr["imagepath"] = str(ICONS)
    try:
        image = located.pipe(format="png")
    except ExecutableNotFound:
        raise UserError("dot is missing: install graphviz and fonts-liberation (Debian's names), then repeat") from None
    # A text chunk, after the signature and the header, which are 33 bytes.
    text = b"tEXtsource\0" + digest(graph.source)
    return image[:33] + struct.pack(">I", len(text) - 4) + text + struct.pack(">I", zlib.crc32(text)) + image[33:]


def digest(source: str) -> bytes:
    return hashlib.sha256(source.encode()).hexdigest().encode()
