"""What a valid fact looks like: the SHACL shapes held against a graph."""

from __future__ import annotations

import re
from pathlib import Path
from typing import NamedTuple

from rdflib import RDF, SH, Graph
from rdflib.term import Node

from ontology.files import HOME
from ontology.modules import open_module
from ontology.terms import local

__all__ = ["Violation", "open_shapes", "validate"]


class Violation(NamedTuple):
    """Say of which node a shape complains, about which property, and why."""

    node: str
    property: str
    message: str

    def __str__(self) -> str:
        """Write the violation as one line."""
        return f"{self.node}{f', {self.property}' if self.property else ''}: {self.message}"


def open_shapes(home: Path = HOME) -> Graph:
    """Return all shapes as one graph.

    Raises:
        ontology.files.OntologyError: a file of shapes is not valid Turtle.
    """
    graph = Graph()
    for path in sorted((home / "shapes").glob("*.ttl")):
        graph += open_module(path)
    return graph


def validate(graph: Graph, shapes: Graph) -> list[Violation]:
    """Return what the shapes find wrong with a graph, sorted; needs pyshacl."""
    from pyshacl import validate as run

    _, report, _ = run(graph, shacl_graph=shapes, inference="none")
    assert isinstance(report, Graph)
    found = set()
    for result in report.subjects(RDF.type, SH.ValidationResult):
        if (result, SH.detail, None) in report:
            continue  # says only that a rule within it was broken, which is told on its own
        node, path, message = (
            report.value(result, p) for p in (SH.focusNode, SH.resultPath, SH.resultMessage)
        )
        found.add(Violation(_name(node), _name(path), str(message)))
    return sorted(found)


def _name(node: Node | None) -> str:
    return "" if node is None else re.split(r"[/#]", local(node))[-1]
