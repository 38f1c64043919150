"""Questions of the catalogue asked of an engine.

What is asked is whatever the engine holds; nothing in it is inferred unless it was loaded.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from difflib import get_close_matches
from typing import TYPE_CHECKING

from pyoxigraph import NamedNode, RdfFormat, Store

from ontology.files import BASE
from queries.catalogue import CODE, THING, CatalogueError, Question, load_catalogue
from queries.codes import find_code
from queries.engines import Engine, Term

if TYPE_CHECKING:
    from rdflib import Graph

NEAR = 5


@dataclass(frozen=True)
class Answer:
    """The rows of one question, as plain text; a name of the ontology's own without its base."""

    columns: tuple[str, ...]
    rows: list[tuple[str, ...]]


def open_store(graph: Graph) -> Store:
    """Load a graph into the embedded engine's store."""
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


def answer(engine: Engine, question: Question, values: Mapping[str, str] | None = None) -> Answer:
    """Ask one question and write its rows as text.

    Raises:
        CatalogueError: a parameter is unknown, or its value is not allowed or not in the graph.
        queries.engines.EngineError: the engine could not answer.
    """
    found = engine.select(checked(engine, question, values or {}))
    return Answer(found.columns, [tuple(map(plain, row)) for row in found.rows])


def written(engine: Engine, question: Question, values: Mapping[str, str], format: str) -> bytes:
    """Ask one question and write its rows in a format of the W3C: csv, json, tsv or xml.

    Raises:
        CatalogueError: a parameter is unknown, or its value is not allowed or not in the graph.
        queries.engines.EngineError: the engine could not answer.
    """
    return engine.written(checked(engine, question, values), format)


def checked(engine: Engine, question: Question, values: Mapping[str, str]) -> str:
    """Return the SPARQL of a question whose individuals and codes are all in the graph.

    Raises:
        CatalogueError: a parameter is unknown, or its value is not allowed or not in the graph.
    """
    nodes, codes = question.nodes(values), {}
    for parameter in question.parameters:
        name, node = parameter.name, nodes[parameter.name]
        if isinstance(node, NamedNode) and not engine.ask(f"ASK {{ {node} ?property ?value }}"):
            near = _near_thing if parameter.type == THING else _near
            raise CatalogueError(f"{name} {near(engine, node)}")
        if parameter.type == CODE:
            codes[name] = find_code(engine, name, node.value)
    return question.fill({**values, **codes})


def _near(engine: Engine, node: NamedNode) -> str:
    """Name what is near among the names of the same branch."""
    branch, _, wanted = node.value.removeprefix(BASE).rpartition("/")
    there = _names_below(engine, f"{BASE}{branch}/" if branch else BASE)
    near = get_close_matches(wanted, sorted(t for t in there if "/" not in t), n=NEAR, cutoff=0.3)
    return f"{wanted!r}: not in the graph; near: {', '.join(near) or 'none'}"


def _near_thing(engine: Engine, node: NamedNode) -> str:
    """Name what is near whatever its branch."""
    asked = node.value.removeprefix(BASE)
    wanted = asked.rpartition("/")[2].casefold()
    there: dict[str, list[str]] = {}
    for name in sorted(_names_below(engine, BASE)):
        there.setdefault(name.rpartition("/")[2].casefold(), []).append(name)
    ends = get_close_matches(wanted, there, n=NEAR, cutoff=0.4)
    near = [name for end in ends for name in there[end]][:NEAR]
    return f"{asked!r}: not in the graph; near: {', '.join(near) or 'none'}"


def _names_below(engine: Engine, start: str) -> list[str]:
    named = engine.select(
        "SELECT DISTINCT ?s WHERE { ?s <http://www.w3.org/2000/01/rdf-schema#label> ?label "
        f'FILTER (STRSTARTS(STR(?s), "{start}")) }}'
    )
    return [row[0].value.removeprefix(start) for row in named.rows if row[0]]


def why_empty(question: Question, values: Mapping[str, str]) -> str:
    """Say what was asked for in vain, where a question has no rows."""
    told = ", ".join(f"{p.name}={values.get(p.name, p.default)}" for p in question.parameters)
    return f"no rows: the graph holds nothing of this kind{f' for {told}' if told else ''}"


def plain(term: Term | None) -> str:
    """Write a term as text: a name of the ontology's own without its base, a literal as it is."""
    if term is None:
        return ""
    return term.value.removeprefix(BASE) if isinstance(term, NamedNode) else term.value
