"""Compiles the ontology, judged by HermiT, into the tables from which every face answers.

For each defined class HermiT is shown every cell of what the definition refers to (atoms of facts,
truth of other classes) and says whether the cell lies inside or outside.  A cell it cannot decide
is an error: the definition then depends on more than it shows.  For each block of facts HermiT says
which combinations of atoms can occur, under every set of readings that touches the block.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import chain, combinations, product
from pathlib import Path
from typing import Any

from rdflib import Graph
from rdflib.namespace import OWL, RDF, RDFS, XSD
from rdflib.term import URIRef

from ontology.files import HOME, RELEASE, OntologyError, checksum
from ontology.modules import default_readings, open_all
from ontology.terms import RALLO
from reasoner.catalogue import describe
from reasoner.expressions import And, Expression, Named, Not, parts_of, words
from reasoner.hermit import Judge
from reasoner.structure import THING, Structure

FORMAT = 1


def compile_tables(home: Path = HOME) -> dict[str, Any]:
    """Return the decision tables of an ontology folder as plain data.

    Raises:
        OntologyError: a module breaks a rule, or HermiT cannot decide a cell.
        reasoner.hermit.JavaNotFoundError: no Java.
    """
    graph = open_all(home)
    check_terms(graph)
    structure = Structure(graph)
    structure.check_references()
    return {
        "format": FORMAT,
        "release": RELEASE,
        "checksum": checksum(home),
        **describe(structure),
        "default_readings": sorted(default_readings(graph)),
        "blocks": _blocks(structure),
        "classes": _classes(structure),
    }


def check_terms(graph: Graph) -> None:
    """Refuse words of the languages' own vocabularies that do not exist there.

    A reasoner passes over an axiom with a misspelt word in silence.
    """
    for term in sorted({t for triple in graph for t in triple if isinstance(t, URIRef)}):
        for space in (OWL, RDF, RDFS, XSD):
            if term.startswith(str(space)) and term not in space:
                raise OntologyError(f"there is no term {term}")


def _definitions_only(structure: Structure) -> Graph:
    """Return all definitions with no reading's axioms and nothing closed."""
    graph = Graph()
    graph += structure.graph
    for reading in structure.reading_names:
        for clause in list(graph.subjects(RALLO.readingOf, reading)):
            graph.remove((clause, RDFS.subClassOf, None))
    return graph


def _classes(structure: Structure) -> dict[str, Any]:
    judge = Judge(_definitions_only(structure))
    found: dict[str, Any] = {}
    for name, clauses in structure.closed.items():
        found[name] = {
            "clauses": [
                {"name": c, "reading": structure.reading(c)}
                for c in clauses
                if c in structure.definitions or c in structure.closed
            ]
        }
    for name, definition in structure.definitions.items():
        found[name] = {
            **_judged(judge, structure, Named(name), definition),
            "conditions": _conditions(judge, structure, definition),
        }
    return dict(sorted(found.items()))


def _judged(
    judge: Judge, structure: Structure, asked: Expression, definition: Expression
) -> dict[str, Any]:
    """Return what a definition refers to, the cells of that in which it holds, and its words."""
    references = _references(definition)
    return {
        "references": references,
        "true": list(_true_cells(judge, structure, asked, references)),
        "criterion": words(structure.graph, definition, structure.definitions),
    }


def _conditions(judge: Judge, structure: Structure, definition: Expression) -> list[dict[str, Any]]:
    """Return the parts that must hold together for a definition to hold, each as judged alone."""
    parts = definition.parts if isinstance(definition, And) else (definition,)
    parts = tuple(p for p in parts if p != Named(THING))
    if len(parts) < 2:
        return []
    return [_judged(judge, structure, part, part) for part in parts]


def _references(definition: Expression) -> list[str]:
    """List what a definition refers to, classes as such and facts marked with an ``@``."""
    found: dict[str, None] = {}
    for leaf in parts_of(definition):
        if not isinstance(leaf, Named):
            found["@" + leaf.dimension] = None
        elif leaf.name != THING:
            found[leaf.name] = None
    return list(found)


def _true_cells(
    judge: Judge, structure: Structure, asked: Expression, references: list[str]
) -> Iterator[list[int]]:
    for cell in product(*(range(_size(structure, r)) for r in references)):
        parts = [_literal(structure, r, i) for r, i in zip(references, cell, strict=True)]
        expression = And((Named(THING), *parts))
        if not judge.satisfiable(expression):
            continue
        inside = judge.decides(expression, asked)
        if inside is None:
            raise OntologyError(f"HermiT cannot decide {asked} from {references} alone")
        if inside:
            yield list(cell)


def _size(structure: Structure, reference: str) -> int:
    return len(structure.dimensions[reference[1:]].atoms) if reference[0] == "@" else 2


def _literal(structure: Structure, reference: str, index: int) -> Expression:
    if reference[0] == "@":
        return structure.dimensions[reference[1:]].atoms[index]
    return Named(reference) if index else Not(Named(reference))


def _blocks(structure: Structure) -> list[dict[str, Any]]:
    judges: dict[frozenset[str], Judge] = {}
    found = []
    for block in structure.blocks:
        touching = [c for c in structure.constraints if structure.leaves(c.name) & set(block)]
        switches: dict[str, set[str]] = {}
        for constraint in touching:
            if constraint.reading is not None:
                spoken = structure.leaves(constraint.name)
                switches.setdefault(constraint.reading, set()).update(spoken)
        readings = sorted(switches)
        variants = []
        for active in _subsets(readings):
            key = frozenset(active)
            if key not in judges:
                judges[key] = Judge(_constrained(structure, key))
            variants.append(
                {"readings": list(active), "cells": _feasible(judges[key], structure, block)}
            )
        found.append(
            {
                "dimensions": block,
                "switches": {r: sorted(d) for r, d in sorted(switches.items())},
                "variants": variants,
            }
        )
    return found


def _constrained(structure: Structure, active: frozenset[str]) -> Graph:
    """Return the axioms under which cells of blocks are judged: definitions and constraints."""
    graph = Graph()
    graph += structure.graph
    for constraint in structure.constraints:
        if constraint.reading is not None and constraint.reading not in active:
            graph.remove((structure.node(constraint.name), RDFS.subClassOf, None))
    for closed in structure.closed:
        graph.remove((None, RDFS.subClassOf, structure.node(closed)))
    return graph


def _feasible(judge: Judge, structure: Structure, block: list[str]) -> list[list[int]]:
    atoms = [structure.dimensions[d].atoms for d in block]
    return [
        list(cell)
        for cell in product(*(range(len(a)) for a in atoms))
        if judge.satisfiable(And((Named(THING), *(a[i] for a, i in zip(atoms, cell, strict=True)))))
    ]


def _subsets(names: Iterable[str]) -> Iterator[tuple[str, ...]]:
    names = list(names)
    return chain.from_iterable(combinations(names, n) for n in range(len(names) + 1))
