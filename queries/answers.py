"""Questions of the catalogue asked of the graph, on the embedded engine.

The graph holds axioms, advice and facts; nothing in it is inferred.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from difflib import get_close_matches
from io import BytesIO
from typing import TYPE_CHECKING

from pyoxigraph import Literal, NamedNode, QueryResultsFormat, QuerySolutions, RdfFormat, Store

from ontology.files import BASE
from queries.catalogue import CatalogueError, Question, load_catalogue

if TYPE_CHECKING:
    from rdflib import Graph

FORMATS = {
    "csv": QueryResultsFormat.CSV,
    "json": QueryResultsFormat.JSON,
    "xml": QueryResultsFormat.XML,
    "tsv": QueryResultsFormat.TSV,
}
NEAR = 5


@dataclass(frozen=True)
class Answer:
    """The rows of one question, as plain text; a name of the ontology's own without its base."""

    columns: tuple[str, ...]
    rows: list[tuple[str, ...]]


def open_store(graph: Graph) -> Store:
    """Load a graph into the embedded engine."""
    store = Store()
    store.bulk_load(graph.serialize(format="nt", encoding="utf-8"), RdfFormat.N_TRIPLES)
    return store


def find_question(name: str) -> Question:
    """Return a question by its name.

    Raises:
        CatalogueError: there is none; the message names those that are near.
    """
    catalogue = load_catalogue()
    if name in catalogue:
        return catalogue[name]
    near = get_close_matches(name, catalogue, n=NEAR, cutoff=0.4)
    raise CatalogueError(
        f"question {name!r}: not known" + (f"; near: {', '.join(near)}" if near else "")
    )


def solve(store: Store, question: Question, values: Mapping[str, str]) -> QuerySolutions:
    """Ask one question.

    Raises:
        CatalogueError: a parameter is unknown, or its value is not allowed or not in the graph.
    """
    nodes = question.nodes(values)
    for parameter in question.parameters:
        node = nodes[parameter.name]
        if isinstance(node, NamedNode) and not _known(store, node):
            raise CatalogueError(_unknown(store, parameter.name, node))
    solutions = store.query(question.fill(values))
    if not isinstance(solutions, QuerySolutions):
        raise CatalogueError(f"{question.name}: not a SELECT query")
    return solutions


def answer(store: Store, question: Question, values: Mapping[str, str] | None = None) -> Answer:
    """Ask one question and write its rows as text.

    Raises:
        CatalogueError: a parameter is unknown, or its value is not allowed or not in the graph.
    """
    solutions = solve(store, question, values or {})
    columns = tuple(v.value for v in solutions.variables)
    return Answer(columns, [tuple(_text(row[c]) for c in columns) for row in solutions])


def serialize(store: Store, question: Question, values: Mapping[str, str], format: str) -> bytes:
    """Ask one question and write its rows in a format of the W3C.

    Raises:
        CatalogueError: a parameter is unknown, or its value is not allowed or not in the graph.
    """
    written = BytesIO()
    solve(store, question, values).serialize(written, FORMATS[format])
    return written.getvalue()


def _known(store: Store, node: NamedNode) -> bool:
    return next(store.quads_for_pattern(node, None, None), None) is not None


def _unknown(store: Store, name: str, node: NamedNode) -> str:
    branch, _, wanted = node.value.removeprefix(BASE).rpartition("/")
    start = f"{BASE}{branch}/" if branch else BASE
    there = {
        s.value.removeprefix(start)
        for s in (quad.subject for quad in store)
        if isinstance(s, NamedNode) and s.value.startswith(start)
    }
    near = get_close_matches(wanted, sorted(t for t in there if "/" not in t), n=NEAR, cutoff=0.3)
    return f"{name} {wanted!r}: not in the graph; near: {', '.join(near) or 'none'}"


def _text(node: object) -> str:
    if node is None:
        return ""
    if isinstance(node, NamedNode):
        return node.value.removeprefix(BASE)
    return node.value if isinstance(node, Literal) else str(node)
