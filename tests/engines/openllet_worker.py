"""Answer questions of satisfiability with Openllet, through the OWL API, in a process of its own.

One Java machine holds one set of classes, and the one of the tests holds HermiT's. This script
imports nothing of RALLO. It is started with the folder of the jars and the Java library; each line
it reads is one JSON value:

- ``{"load": PATH}``: an ontology to ask from now on; the answer tells whether it is consistent;
- ``{"ask": [EXPRESSION, ...]}``: the answer tells of each whether it is satisfiable.

An expression is ``["class", IRI]``, ``["value", PROPERTY, INDIVIDUAL]``, ``["not", EXPRESSION]``,
``["number", PROPERTY, RANGE, ...]``, ``["and", EXPRESSION, ...]`` or ``["or", EXPRESSION, ...]``.
A range is one number, or ``[[FACET, NUMBER], ...]``. Numbers are written as text.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

import jpype


class Openllet:
    """An ontology in Openllet, asked about class expressions."""

    def __init__(self, jars: list[Path], library: str) -> None:
        """Start the Java machine with the jars."""
        jpype.startJVM(
            library,
            "-Xss16m",
            "-Dorg.slf4j.simpleLogger.defaultLogLevel=error",
            classpath=[str(jar) for jar in jars],
            convertStrings=True,
        )
        self._org = jpype.JPackage("org").semanticweb.owlapi
        self._engine = jpype.JPackage("openllet").owlapi.OpenlletReasonerFactory.getInstance()
        self._facet = jpype.JClass("org.semanticweb.owlapi.vocab.OWLFacet")
        self._sets = jpype.JClass("java.util.HashSet")
        self._file = jpype.JClass("java.io.File")

    def load(self, path: str) -> bool:
        """Load an ontology, and tell whether it is consistent."""
        manager = self._org.apibinding.OWLManager.createOWLOntologyManager()
        self._make = manager.getOWLDataFactory()
        decimal = self._iri("http://www.w3.org/2001/XMLSchema#decimal")
        self._decimal = self._make.getOWLDatatype(decimal)
        ontology = manager.loadOntologyFromOntologyDocument(self._file(path))
        self._reasoner = self._engine.createReasoner(ontology)
        return bool(self._reasoner.isConsistent())

    def satisfiable(self, expression: list[Any]) -> bool:
        """Tell whether something can exist that an expression describes."""
        return bool(self._reasoner.isSatisfiable(self._build(expression)))

    def _iri(self, text: str) -> Any:
        return self._org.model.IRI.create(text)

    def _build(self, expression: list[Any]) -> Any:
        make = self._make
        match expression:
            case ["class", name]:
                return make.getOWLClass(self._iri(name))
            case ["value", of, value]:
                return make.getOWLObjectHasValue(
                    make.getOWLObjectProperty(self._iri(of)),
                    make.getOWLNamedIndividual(self._iri(value)),
                )
            case ["number", of, *ranges]:
                clock = make.getOWLDataProperty(self._iri(of))
                if len(ranges) == 1 and isinstance(ranges[0], str):
                    return make.getOWLDataHasValue(clock, self._number(ranges[0]))
                several = self._sets()
                for part in ranges:
                    several.add(self._range(part))
                return make.getOWLDataSomeValuesFrom(clock, make.getOWLDataUnionOf(several))
            case ["not", part]:
                return make.getOWLObjectComplementOf(self._build(part))
            case ["and" | "or" as join, *parts]:
                built = self._sets()
                for part in parts:
                    built.add(self._build(part))
                if join == "and":
                    return make.getOWLObjectIntersectionOf(built)
                return make.getOWLObjectUnionOf(built)
        raise ValueError(f"no expression: {expression}")

    def _number(self, text: str) -> Any:
        return self._make.getOWLLiteral(text, self._decimal)

    def _range(self, part: str | list[list[str]]) -> Any:
        limits = self._sets()
        if isinstance(part, str):
            limits.add(self._number(part))
            return self._make.getOWLDataOneOf(limits)
        for facet, bound in part:
            kind = getattr(self._facet, facet)
            limits.add(self._make.getOWLFacetRestriction(kind, self._number(bound)))
        if not part:
            return self._decimal
        return self._make.getOWLDatatypeRestriction(self._decimal, limits)


def main() -> None:
    """Answer line by line until there are no more."""
    engine = Openllet(sorted(Path(sys.argv[1]).glob("*.jar")), sys.argv[2])
    for line in sys.stdin:
        match json.loads(line):
            case {"load": path}:
                answer: Any = engine.load(path)
            case {"ask": expressions}:
                answer = [engine.satisfiable(e) for e in expressions]
            case question:
                raise ValueError(f"no question: {question}")
        print(json.dumps(answer), flush=True)


if __name__ == "__main__":
    main()
