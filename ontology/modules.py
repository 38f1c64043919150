"""Opens the ontology's modules as graphs, alone or together, and closes what is closed by clauses.

``text -> loaders -> graph -> reasoner -> queries``: everything begins with a folder of Turtle
files. By default it is the folder this file lies in; every function takes another one, so that a
changed copy of the ontology can be built and asked without touching Python.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path

from rdflib import Graph
from rdflib.collection import Collection
from rdflib.namespace import OWL, RDF, RDFS, SKOS
from rdflib.term import BNode, Literal, Node

from ontology.files import HOME, RELEASE, OntologyError, checksum, module_files
from ontology.terms import RALLO


def open_module(path: Path) -> Graph:
    """Parse one Turtle file.

    Raises:
        OntologyError: the file is not valid Turtle; the message names it.
    """
    try:
        return Graph().parse(path, format="turtle")
    except Exception as error:  # rdflib's Turtle parser has no exception class of its own
        raise OntologyError(f"{path.name}: not valid Turtle: {error}") from error


def open_all(home: Path = HOME) -> Graph:
    """Return all axioms of all modules, readings included, nothing closed."""
    graph = Graph()
    for path in module_files(home):
        graph += open_module(path)
    return graph


def readings(graph: Graph) -> dict[str, Node]:
    """Return the readings of a graph by their short names."""
    found = {}
    for reading in graph.subjects(RDF.type, RALLO.Reading):
        found[str(graph.value(reading, SKOS.notation))] = reading
    return dict(sorted(found.items()))


def default_readings(graph: Graph) -> frozenset[str]:
    """Return the short names of the readings that are on unless switched off."""
    on = Literal(True)
    return frozenset(
        n for n, r in readings(graph).items() if graph.value(r, RALLO.onByDefault) == on
    )


def open_with(active: Iterable[str], home: Path = HOME) -> Graph:
    """Return the ontology under a set of readings, with every closed class closed.

    Clauses and constraints of other readings are left out as axioms; their class definitions stay.

    Raises:
        OntologyError: a reading is not known; the message lists those that are.
    """
    graph = open_all(home)
    known = readings(graph)
    wanted = set(active)
    if unknown := wanted - set(known):
        raise OntologyError(f"unknown reading {sorted(unknown)}; known are {sorted(known)}")
    for name, reading in known.items():
        if name not in wanted:
            for clause in list(graph.subjects(RALLO.readingOf, reading)):
                graph.remove((clause, RDFS.subClassOf, None))
    close(graph)
    return graph


def clauses(graph: Graph, closed: Node) -> Iterator[Node]:
    """Yield the named classes asserted beneath a closed class, sorted."""
    yield from sorted(graph.subjects(RDFS.subClassOf, closed), key=str)


def close(graph: Graph) -> None:
    """Add to every closed class the axiom that its clauses cover it.

    A closed class without a clause is made empty.
    """
    for closed in sorted(graph.subjects(RALLO.closed, Literal(True)), key=str):
        parts = list(clauses(graph, closed))
        if not parts:
            graph.add((closed, OWL.equivalentClass, OWL.Nothing))
        elif len(parts) == 1:
            graph.add((closed, OWL.equivalentClass, parts[0]))
        else:
            union, items = BNode(), BNode()
            Collection(graph, items, parts)
            graph.add((closed, OWL.equivalentClass, union))
            graph.add((union, RDF.type, OWL.Class))
            graph.add((union, OWL.unionOf, items))


__all__ = [
    "HOME",
    "RELEASE",
    "OntologyError",
    "checksum",
    "clauses",
    "close",
    "default_readings",
    "module_files",
    "open_all",
    "open_module",
    "open_with",
    "readings",
]
