"""Draws a graph as PNG with Debian's graphviz and the icons of the package `diagrams`."""

from __future__ import annotations

import hashlib
import importlib
import shutil
import struct
import subprocess
import zlib
from collections.abc import Iterator
from html import escape
from pathlib import Path

import diagrams

from ops.core.errors import UserError
from tools.guide.diagrams.graph import Graph, Node, quoted
from tools.guide.diagrams.layout import (
    HEAD,
    PAD,
    Box,
    Layout,
    Point,
)

GREY = "#545b64"
LOOKS = {
    "plain": 'fillcolor="#f7f8f9" color="#b6babf"',
    "vpc": 'fillcolor="#ffffff" color="#8c4fff"',
    "public": 'fillcolor="#f2f8e8" color="#7aa116"',
    "private": 'fillcolor="#e9f6f7" color="#00a4a6"',
}
# White also where the page is dark.
STYLE = f"""
  graph [pad=0.1 dpi=108 outputorder=nodesfirst bgcolor=white]
  node [fontname="Liberation Sans" fontsize=12 shape=none label="" margin=0 fixedsize=true]
  edge [color="{GREY}" arrowsize=0.6]"""


def draw(graph: Graph) -> bytes:
    """The picture, with the hash of its source in it; raises UserError without graphviz."""
    if not shutil.which("neato"):
        raise UserError("neato is missing: install graphviz and fonts-liberation (Debian's names), then repeat")
    drawing = "\n".join(["digraph {", STYLE, *_statements(Layout(graph)), "}"])
    image = subprocess.run(["neato", "-n2", "-Tpng"], input=drawing.encode(), capture_output=True, check=True).stdout
    return _signed(image, graph.text())


def _statements(layout: Layout) -> Iterator[str]:
    """Everything at its place; frames first, so that they are behind."""
    yield f'  "picture" [{_at(layout.box)} style=invis]'
    for number, (frame, box) in enumerate(layout.frames):
        yield f'  "frame {number}" [{_at(box)} shape=box style="rounded,filled" {LOOKS[frame.look]}]'
        title = Box(box.x + PAD, box.y + 2, box.width - PAD, HEAD - 2)
        yield f'  "title {number}" [{_at(title)} label="{frame.title}\\l"]'
    for node, _ in layout.nodes.values():
        x, y = layout.at_icon(node.id)
        icon = Box(x - layout.icon / 2, y - layout.icon / 2, layout.icon, layout.icon)
        text = layout.at_text(node.id)
        yield f'  {quoted(node.id)} [{_at(icon)} image="{icon_file(node.icon)}" imagescale=true]'
        yield f"  {quoted(f'text of {node.id}')} [{_at(text)} label=<{_html(node, text, layout.graph.beside)}>]"
    for number, edge in enumerate(layout.graph.edges):
        path = layout.path(edge)
        curve = " ".join(map(_point, path))
        yield f'  {quoted(edge.tail)} -> {quoted(edge.head)} [pos="e,{_tip(path)} {curve}" style={edge.style}]'
        at = _at(_label(path, edge.label))
        yield f'  "label {number}" [{at} label={quoted(edge.label)} fontsize=11 fontcolor="{GREY}"]'


def _tip(path: list[Point]) -> str:
    """The arrow's, a bit further than the curve."""
    (x1, y1), (x2, y2) = path[-2:]
    length = ((x2 - x1) ** 2 + (y2 - y1) ** 2) ** 0.5
    return _point((x2 + 7 * (x2 - x1) / length, y2 + 7 * (y2 - y1) / length))


def _label(path: list[Point], text: str) -> Box:
    """Before the head of a bent edge, on the outer side of the bend; at the middle of one that is an arc."""
    lines = text.split("\n")
    width, height = 5.5 * max(map(len, lines)), 13 * len(lines)
    (x1, y1), (x2, y2) = path[0], path[-1]
    if len(path) == 4:
        top = y1 + (path[1][1] - y1) * 0.75
        return Box((x1 + x2 - width) / 2, top + 3 if path[1][1] > y1 else top - height - 2, width, height)
    return Box(x2 - width + 4, y2 + 3 if y2 > y1 else y2 - height - 2, width, height)


def _at(box: Box) -> str:
    middle = _point((box.x + box.width / 2, box.y + box.height / 2))
    return f'pos="{middle}" width={box.width / 72:.3f} height={box.height / 72:.3f}'


def _point(place: Point) -> str:
    """Graphviz counts upwards."""
    return f"{place[0]:.1f},{-place[1]:.1f}"


def _html(node: Node, box: Box, beside: bool) -> str:
    """A bold title above grey lines, in a cell as large as the box, which keeps them on their side of it."""
    across, down = ("left", "middle") if beside else ("center", "top")
    lines = "".join(f'<br/><font color="{GREY}" point-size="11">{escape(each)}</font>' for each in node.lines)
    size = f'fixedsize="true" width="{box.width:.0f}" height="{box.height:.0f}"'
    cell = f'<td {size} align="{across}" balign="{across}" valign="{down}"><b>{escape(node.title)}</b>{lines}</td>'
    return f'<table border="0" cellborder="0" cellspacing="0" cellpadding="0"><tr>{cell}</tr></table>'


def icon_file(name: str) -> Path:
    module, _, kind = name.rpartition(".")
    found = getattr(importlib.import_module(f"diagrams.{module}"), kind)
    return Path(diagrams.__file__).parent.parent / found._icon_dir / found._icon


def _signed(image: bytes, source: str) -> bytes:
    """With the source's hash in a text chunk after the PNG's header, which is 33 bytes."""
    text = b"tEXtsource\0" + digest(source)
    return image[:33] + struct.pack(">I", len(text) - 4) + text + struct.pack(">I", zlib.crc32(text)) + image[33:]


def digest(source: str) -> bytes:
    return hashlib.sha256(source.encode()).hexdigest().encode()
