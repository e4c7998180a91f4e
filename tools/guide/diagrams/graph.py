"""What a picture shows, without how it looks: frames, nodes and edges, and the same as text."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field


@dataclass(frozen=True)
class Node:
    """A resource, with an icon of the package `diagrams` such as `aws.compute.Fargate`."""

    id: str
    title: str
    lines: tuple[str, ...]
    icon: str


@dataclass(frozen=True)
class Edge:
    """An arrow between two nodes; `style` is Graphviz's."""

    tail: str
    head: str
    label: str = ""
    style: str = "solid"


@dataclass
class Frame:
    """Nodes and other frames in a column or a row; one without a title is not seen."""

    title: str = ""
    content: list[Frame | Node] = field(default_factory=list["Frame | Node"])
    row: bool = False
    look: str = "plain"
    gap: int = 14

    def nodes(self) -> Iterator[Node]:
        for each in self.content:
            yield from [each] if isinstance(each, Node) else each.nodes()


@dataclass
class Graph:
    """One picture; `beside` puts text beside the icons instead of below."""

    content: Frame
    edges: list[Edge]
    beside: bool = False

    def text(self) -> str:
        """Graphviz source in a stable order; icons by name, for a path would be one machine's."""
        edges = (f"  {quoted(each.tail)} -> {quoted(each.head)}{_marks(each)}" for each in self.edges)
        return "\n".join(["digraph {", *_lines([self.content], "  "), *edges, "}", ""])


def _lines(content: Iterable[Frame | Node], indent: str) -> Iterator[str]:
    for each in content:
        if isinstance(each, Node):
            label = "\n".join((each.title, *each.lines))
            yield f"{indent}{quoted(each.id)} [label={quoted(label)} icon={quoted(each.icon)}]"
        elif each.title:
            yield f"{indent}subgraph {quoted(f'cluster {each.title}')} {{"
            yield f"{indent}  label={quoted(each.title)}"
            yield from _lines(each.content, f"{indent}  ")
            yield f"{indent}}}"
        else:
            yield from _lines(each.content, indent)


def _marks(edge: Edge) -> str:
    given = {"label": edge.label, "style": edge.style.replace("solid", "")}
    shown = " ".join(f"{name}={quoted(value)}" for name, value in given.items() if value)
    return f" [{shown}]" if shown else ""


def quoted(text: str) -> str:
    return json.dumps(text, ensure_ascii=False)
