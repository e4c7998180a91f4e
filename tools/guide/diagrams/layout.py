"""Where everything of a graph goes: frames in rows and columns, edges that run level and bend before their head.

Graphviz could place the nodes too, but puts them where its edges are shortest, not where a reader expects the parts of
a platform. All lengths are points.
"""

from __future__ import annotations

from dataclasses import dataclass

from tools.guide.diagrams.graph import (
    Edge,
    Frame,
    Graph,
    Node,
)

PAD, HEAD = 10, 22
"""Round what is in a frame, and above it for the title."""
TITLE, LINE = 21, 13
BEND, ARC = 100, 40
"""How long a bend is, and how far edges between the same nodes are apart."""

Point = tuple[float, float]


@dataclass(frozen=True)
class Box:
    """A place, from the picture's upper left corner."""

    x: float
    y: float
    width: float
    height: float


class Layout:
    """The box of each frame, outer ones first, of each node, and the path of each edge."""

    def __init__(self, graph: Graph) -> None:
        self.graph = graph
        self.icon, self.width = (30, 176) if graph.beside else (40, 132)
        self.frames: list[tuple[Frame, Box]] = []
        self.nodes: dict[str, tuple[Node, Box]] = {}
        # Each as high as the one with the most text, so that the icons of neighbours are level.
        text = TITLE + LINE * max(len(node.lines) for node in graph.content.nodes())
        self.height = max(self.icon, text) if graph.beside else self.icon + text
        self.box = Box(0, 0, *self._size(graph.content))
        self._place(graph.content, self.box)

    def _size(self, each: Frame | Node) -> Point:
        if isinstance(each, Node):
            return self.width, self.height
        widths, heights = zip(*(self._size(part) for part in each.content), strict=True)
        gaps = each.gap * (len(widths) - 1)
        width, height = (sum(widths) + gaps, max(heights)) if each.row else (max(widths), sum(heights) + gaps)
        return (width + 2 * PAD, height + PAD + HEAD) if each.title else (width, height)

    def _place(self, each: Frame | Node, box: Box) -> None:
        """Room that is left goes to the frames of frames; where there are none, between the parts."""
        if isinstance(each, Node):
            self.nodes[each.id] = each, box
            return
        if each.title:
            self.frames.append((each, box))
            box = Box(box.x + PAD, box.y + HEAD, box.width - 2 * PAD, box.height - PAD - HEAD)
        sizes = [self._size(part) for part in each.content]
        lengths = [width if each.row else height for width, height in sizes]
        gaps = len(sizes) - 1
        spare = (box.width if each.row else box.height) - sum(lengths) - each.gap * gaps
        elastic = [_holds_frames(part) for part in each.content]
        gap = each.gap + (0 if any(elastic) or not gaps else spare / gaps)
        start = box.x if each.row else box.y
        for part, (width, height), stretches in zip(each.content, sizes, elastic, strict=True):
            along = (width if each.row else height) + (spare / sum(elastic) if stretches else 0)
            if each.row:
                down = self._level(box, any(elastic)) if isinstance(part, Node) else 0
                self._place(part, Box(start, box.y + down, along, box.height if _fills(part) else height))
            else:
                across = box.width if _fills(part) else width
                self._place(part, Box(box.x + (box.width - across) / 2, start, across, along))
            start += along + gap

    def _level(self, row: Box, beside_frames: bool) -> float:
        """How far below the top of a row a node is: its icon in the middle, of the frames' content if there are any."""
        middle = row.height / 2 + ((HEAD - PAD) / 2 if beside_frames else 0)
        return min(row.height - self.height, middle - self.icon / 2)

    def at_icon(self, node: str) -> Point:
        """The centre of a node's icon."""
        box = self.nodes[node][1]
        if self.graph.beside:
            return box.x + self.icon / 2, box.y + box.height / 2
        return box.x + box.width / 2, box.y + self.icon / 2

    def at_text(self, node: str) -> Box:
        box = self.nodes[node][1]
        if self.graph.beside:
            return Box(box.x + self.icon + 6, box.y, box.width - self.icon - 6, box.height)
        return Box(box.x, box.y + self.icon + 3, box.width, box.height - self.icon - 3)

    def path(self, edge: Edge) -> list[Point]:
        """Points of a Bézier curve: down where the head is below, else level and then bent into the head."""
        (x1, y1), (x2, y2) = self.at_icon(edge.tail), self.at_icon(edge.head)
        node, box = self.nodes[edge.tail]
        if abs(x1 - x2) < self.width / 2:
            top, bottom = box.y + self.icon + TITLE + LINE * len(node.lines), y2 - self.icon / 2 - 10
            middle = (top + bottom) / 2
            return [(x1, top), (x1, middle), (x2, middle), (x2, bottom)]
        start = box.x + box.width if self.graph.beside else x1 + self.icon / 2 + 6
        end = x2 - self.icon / 2 - 12
        twins = [each for each in self.graph.edges if (each.tail, each.head) == (edge.tail, edge.head)]
        if len(twins) > 1:
            side = twins.index(edge) - (len(twins) - 1) / 2
            y1, y2, third = y1 + side * ARC / 4, y2 + side * ARC / 4, (end - start) / 3
            return [(start, y1), (start + third, y1 + side * ARC), (end - third, y2 + side * ARC), (end, y2)]
        bend = max(start, end - BEND)
        level, middle = ((start + bend) / 2, y1), (bend + end) / 2
        return [(start, y1), level, level, (bend, y1), (middle, y1), (middle, y2), (end, y2)]


def _holds_frames(part: Frame | Node) -> bool:
    return isinstance(part, Frame) and any(isinstance(each, Frame) for each in part.content)


def _fills(part: Frame | Node) -> bool:
    """A frame is as high as its row, or as wide as its column, unless one node in it would be alone in there."""
    return isinstance(part, Frame) and (not part.title or len(part.content) > 1)
