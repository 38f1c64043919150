"""The shipped partition certificate: two tables, and what they become in the graph.

``ontology/certificate/counts.tsv`` counts the cells of each scheme under each set of readings,
``places.tsv`` lists the holes and overlaps. Both are written by ``rallo certify``; nothing in them
is curated by hand.
"""

from __future__ import annotations

import csv
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from rdflib import RDF, RDFS, SKOS, XSD, Graph, Literal, URIRef
from rdflib.term import Node

from ontology.files import BASE, HOME, OntologyError
from ontology.terms import RALLO

FOLDER = "certificate"
COUNTS, PLACES = "counts.tsv", "places.tsv"
COLUMNS = {
    COUNTS: (
        "scheme", "readings", "cells", "out_of_scope", "impossible", "in_one_category", "in_holes",
        "in_overlaps", "checksum", "without_effect",
    ),
    PLACES: (
        "scheme", "readings", "kind", "number", "criteria", "categories", "cells", "causes", "why",
        "locator", "closed_by",
    ),
}  # fmt: skip
JOIN = ";"

_NUMBERS = {
    "cells": RALLO.cells,
    "out_of_scope": RALLO.cellsOutOfScope,
    "impossible": RALLO.cellsImpossible,
    "in_one_category": RALLO.cellsInOneCategory,
    "in_holes": RALLO.cellsInHoles,
    "in_overlaps": RALLO.cellsInOverlaps,
}
_KINDS = {
    "hole": (RALLO.Hole, RALLO.besideCategory),
    "overlap": (RALLO.Overlap, RALLO.inCategory),
}


def certificate_files(home: Path = HOME) -> list[Path]:
    """List the two tables of the certificate."""
    return [home / FOLDER / name for name in COLUMNS]


def read_rows(path: Path) -> list[dict[str, str]]:
    """Read one table of the certificate.

    Raises:
        OntologyError: it is missing, or its columns are not those of the certificate.
    """
    try:
        with path.open(encoding="utf-8", newline="") as lines:
            head, *rows = csv.reader(lines, delimiter="\t", quoting=csv.QUOTE_NONE)
    except (OSError, ValueError) as error:
        raise OntologyError(f"{path.name}: missing or empty; run: rallo certify") from error
    if tuple(head) != COLUMNS[path.name]:
        raise OntologyError(f"{path.name}: columns must be {', '.join(COLUMNS[path.name])}")
    for number, row in enumerate(rows, 2):
        if len(row) != len(head):
            raise OntologyError(f"{path.name}, row {number}: {len(row)} cells, not {len(head)}")
    return [dict(zip(head, row, strict=True)) for row in rows]


def load_certificate(modules: Graph, home: Path = HOME) -> Graph:
    """Return the certificate as a graph, or an empty one where none is shipped.

    Raises:
        OntologyError: a table is damaged, or names what the modules do not have.
    """
    graph = Graph()
    if not (home / FOLDER).is_dir():
        return graph
    counts, places = (read_rows(path) for path in certificate_files(home))
    classes = _classes(modules)
    for number, row in enumerate(counts, 2):
        with _refusal(COUNTS, number):
            _add_count(graph, modules, row)
    for number, row in enumerate(places, 2):
        with _refusal(PLACES, number):
            _add_place(graph, modules, classes, row)
    return graph


@contextmanager
def _refusal(name: str, row: int) -> Iterator[None]:
    """Turn a name that is not known into a refusal of its row."""
    try:
        yield
    except KeyError as error:
        told = f"{name}, row {row}: {error.args[0]} is not in the modules"
        raise OntologyError(f"{told}; run: rallo certify") from error


def _classes(modules: Graph) -> dict[tuple[str, str], Node]:
    """Return the classes of all categories by scheme and name."""
    return {
        (str(scheme), str(modules.value(category, SKOS.notation))): category
        for category, scheme in modules.subject_objects(RALLO.inScheme)
    }


def _add_count(graph: Graph, modules: Graph, row: Mapping[str, str]) -> None:
    node, scheme = _node(row), URIRef(f"{BASE}scheme/{row['scheme']}")
    label = f"certificate of {_label(modules, scheme)} ({row['readings']})"
    graph.add((node, RDF.type, RALLO.PartitionCertificate))
    graph.add((node, RDFS.label, Literal(label, lang="en")))
    graph.add((node, RALLO.ofScheme, scheme))
    graph.add((node, RALLO.underReadings, Literal(row["readings"])))
    graph.add((node, RALLO.cellsChecksum, Literal(row["checksum"])))
    for column, term in _NUMBERS.items():
        graph.add((node, term, Literal(row[column], datatype=XSD.integer)))
    for reading in _parts(row["without_effect"]):
        graph.add((node, RALLO.withoutEffect, URIRef(f"{BASE}reading/{reading}")))


def _add_place(
    graph: Graph,
    modules: Graph,
    classes: Mapping[tuple[str, str], Node],
    row: Mapping[str, str],
) -> None:
    scheme = URIRef(f"{BASE}scheme/{row['scheme']}")
    node = URIRef(f"{_node(row)}/{row['kind']}-{row['number']}")
    kind, link = _KINDS[row["kind"]]
    label = f"{row['kind']} {row['number']} of {_label(modules, scheme)} ({row['readings']})"
    graph.add((node, RDF.type, kind))
    graph.add((node, RDFS.label, Literal(label, lang="en")))
    graph.add((node, RALLO.ofScheme, scheme))
    graph.add((node, RALLO.underReadings, Literal(row["readings"])))
    graph.add((node, RALLO.criteria, Literal(row["criteria"], lang="en")))
    graph.add((node, RALLO.cells, Literal(row["cells"], datatype=XSD.integer)))
    graph.add((node, RALLO.locator, Literal(row["locator"])))
    if row["categories"]:
        graph.add((node, RALLO.categories, Literal(row["categories"].replace(JOIN, ", "))))
    for category in _parts(row["categories"]):
        graph.add((node, link, classes[str(scheme), category]))
    for cause in _parts(row["causes"]):
        passage = URIRef(f"{BASE}open-passage/{cause}")
        _label(modules, passage)
        graph.add((node, RALLO.causedBy, passage))


def _node(row: Mapping[str, str]) -> URIRef:
    readings = row["readings"].replace(", ", "-").replace(" ", "-")
    return URIRef(f"{BASE}certificate/{row['scheme']}/{readings}")


def _label(modules: Graph, node: URIRef) -> str:
    label = modules.value(node, RDFS.label)
    if label is None:
        raise KeyError(str(node))
    return str(label)


def _parts(cell: str) -> Iterator[str]:
    yield from (part for part in cell.split(JOIN) if part)
