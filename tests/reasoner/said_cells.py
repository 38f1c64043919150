"""What a graph says of the cells of which the text says something."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, Final

import numpy as np
from cell_truth import CellTruth, Truth, UndefinedError
from expected import QUESTIONS
from expected_cells import (
    ADVISED,
    ANSWERS,
    BLOCKS,
    FACTS,
    LINES,
    ONLY,
    OPEN,
    OWNERS,
    SCHEMES,
    TIES,
    Key,
    expected,
    transplant,
)
from facts_oracle import Readings
from numpy.typing import NDArray
from ontology_mutants import (
    APPLIES_TO,
    BASE,
    IN_SCHEME,
    IN_SITUATION,
    POLARITY,
    READING_OF,
    RELAPSE,
    facts_of,
    local,
)
from rdflib import Graph
from rdflib.collection import Collection
from rdflib.namespace import OWL, RDF, RDFS, SKOS
from rdflib.term import BNode, Node, URIRef
from situations_oracle import AT_THE_POINT, READING_CLASSES, SITUATIONS
from situations_oracle import TESTES as TESTES_ADVICE
from text_grid import LINES_OF_NUMBERS, MAIN, NO_RELAPSE, PARTITIONS, TESTIS

ALL_ADVICE: Final = {*AT_THE_POINT, *SITUATIONS, *TESTES_ADVICE}


class Said:
    """What a graph says of the same cells, under the same keys."""

    def __init__(
        self,
        graph: Graph,
        readings: Readings,
        base: Said | None = None,
        touched: Iterable[Node] = (),
    ) -> None:
        """Prepare the classes; each is worked out when it is first asked for.

        What a base says of classes that do not rest on those ``touched`` is taken over.
        """
        self.classes: set[URIRef] = named_classes(graph) if base is None else base.classes
        self.tied: set[Node] = _tied(graph) if base is None else base.tied
        self._ties_hold = base is not None and not {*touched} & self.tied
        self.graph, self.readings = graph, readings
        cells = {"main": MAIN, "testis": TESTIS, "nothing": NO_RELAPSE}
        self._truth: dict[str, CellTruth] = {
            name: CellTruth(graph, c, readings)
            if base is None
            else base._truth[name].without(graph, touched)
            for name, c in cells.items()
        }
        self.main, self.testis = self._truth["main"], self._truth["testis"]

    def differences(self) -> list[Key]:
        """List what the graph does not say as the text does, cell by cell."""
        wanted = expected(self.readings)
        found = [key for key, truth in wanted.items() if not self._as(key, truth)]
        return [*found, *self.no_relapse()]

    def names_differ(self) -> list[Key]:
        """List the categories, advice, facts and classes of readings that are not of the text."""
        found = [(SCHEMES, key) for key in sorted(self.categories() - wanted_categories())]
        found += [(ADVISED, a) for a in sorted(self.advice() - ALL_ADVICE)]
        return [*found, *self.facts(), *self.owners()]

    def transplant_differs(self) -> bool:
        """Tell whether the answer to the transplant question differs in some cell."""
        try:
            return bool(np.any(self.decision("hsct") != transplant(self.readings)))
        except UndefinedError:
            return True

    def _as(self, key: Key, truth: NDArray[Any]) -> bool:
        if key[0] == TIES and self._ties_hold:
            return True
        try:
            said = self.truth(key)
        except UndefinedError:
            return False
        return not np.any(said != truth)

    def truth(self, key: Key) -> NDArray[Any]:
        """Return what the graph says of something.

        Raises:
            UndefinedError: the graph does not say it, or not of these facts.
        """
        kind, name = key
        if kind == SCHEMES:
            return self._scheme(name)
        if kind in (LINES, OPEN):
            return self.main.holds(name)
        if kind == ADVISED:
            return self._situation(name)
        if kind == TIES:
            return CellTruth(self.graph, BLOCKS[name][0], self.readings).possible()
        return self.main.named(self._scope("decision", name))

    def _scope(self, kind: str, name: str) -> Node:
        scopes = list(self.graph.objects(URIRef(f"{BASE}{kind}/{name}"), APPLIES_TO))
        if len(scopes) != 1:
            raise UndefinedError(f"{name} has {len(scopes)} scopes")
        return scopes[0]

    def _scheme(self, name: str) -> Truth:
        scheme, colon, value = name.partition(": ")
        node = URIRef(f"{BASE}scheme/{scheme.removesuffix(' applies')}")
        scope = self.main.named(self._scope("scheme", scheme.removesuffix(" applies")))
        if not colon:
            return scope
        classes = [
            c
            for c in self.graph.subjects(IN_SCHEME, node)
            if str(self.graph.value(c, SKOS.notation)) == value
        ]
        if len(classes) != 1:
            raise UndefinedError(f"{name} is {len(classes)} classes")
        return scope & self.main.named(classes[0])

    def _situation(self, name: str) -> Truth:
        situations = list(self.graph.objects(URIRef(f"{BASE}advice/{name}"), IN_SITUATION))
        if len(situations) != 1:
            raise UndefinedError(f"{name} has {len(situations)} situations")
        truth = self.testis if name in TESTES_ADVICE else self.main
        return truth.named(situations[0])

    def decision(self, name: str) -> NDArray[Any]:
        """Join the advice on a decision: both sides are a conflict, a deferral keeps it open."""
        node = URIRef(f"{BASE}decision/{name}")
        scope = self._scope("decision", name)
        sides: dict[str, Truth] = {}
        for advice in self.graph.subjects(URIRef(f"{BASE}onDecision"), node):
            side = str(self.graph.value(advice, URIRef(f"{BASE}reason")) or "")
            side = side or str(self.graph.value(advice, POLARITY))
            held = self._situation(local(advice).removeprefix("advice/"))
            sides[side] = sides.get(side, MAIN.constant(False)) | held
        nothing = MAIN.constant(False)
        sides["text-conflict"] = sides.get("for", nothing) & sides.get("against", nothing)
        found: NDArray[np.int8] = np.full(nothing.shape, ANSWERS.index("text-silent"), np.int8)
        for answer in ("against", "for", "text-silent", "figure-only", "boundary", "text-conflict"):
            found = np.where(sides.get(answer, nothing), np.int8(ANSWERS.index(answer)), found)
        return np.where(self.main.named(scope), found, np.int8(ANSWERS.index("not-applicable")))

    def categories(self) -> set[str]:
        """Return the categories of all schemes."""
        return {
            f"{local(scheme).removeprefix('scheme/')}: {self.graph.value(c, SKOS.notation)}"
            for c, scheme in self.graph.subject_objects(IN_SCHEME)
        }

    def advice(self) -> set[str]:
        """Return the names of all advice that has a situation."""
        return {local(a).removeprefix("advice/") for a in self.graph.subjects(IN_SITUATION)}

    def owners(self) -> list[Key]:
        """List the classes that do not belong to the reading that the text gives them."""
        found: dict[str, set[str]] = {}
        for node, reading in self.graph.subject_objects(READING_OF):
            if (node, RDF.type, OWL.Class) not in self.graph:
                continue  # a shared word, which is compared by regions
            found.setdefault(local(reading).removeprefix("reading/"), set()).add(local(node))
        names = {*found, *READING_CLASSES}
        return [(OWNERS, n) for n in sorted(names) if found.get(n) != READING_CLASSES.get(n)]

    def no_relapse(self) -> list[Key]:
        """List the classes that hold of something that is no relapse."""
        truth, found = self._truth["nothing"], []
        for node in sorted(self.classes):
            try:
                if truth.named(node).any():
                    found.append((ONLY, local(node)))
            except UndefinedError:
                found.append((ONLY, local(node)))
        return found

    def facts(self) -> list[Key]:
        """List the facts that are not those of the text, or have other values."""
        found = {}
        for prop in facts_of(self.graph):
            kind = self.graph.value(prop, RDFS.range)
            values = self.graph.value(self.graph.value(kind, OWL.equivalentClass), OWL.oneOf)
            listed = Collection(self.graph, values) if values is not None else ()
            found[local(prop)] = {local(v) for v in listed}
        wanted = {f: set(v) for f, v in PARTITIONS.items()} | {f: set() for f in LINES_OF_NUMBERS}
        different = {f for f in {*found, *wanted} if found.get(f) != wanted.get(f)}
        return [(FACTS, fact) for fact in sorted(different)]


def _tied(graph: Graph) -> set[Node]:
    """Return the classes by which facts are tied."""
    return {s for s, o in graph.subject_objects(RDFS.subClassOf) if isinstance(o, BNode)} - {
        RELAPSE
    }


def wanted_categories() -> set[str]:
    """Return the categories of all schemes, as the text names them."""
    return {f"{name}: {value}" for name, q in QUESTIONS.items() for value in q.order}


def named_classes(graph: Graph) -> set[URIRef]:
    """Return the classes that have a definition or clauses, lists of values left out."""
    defined = {
        s
        for s, d in graph.subject_objects(OWL.equivalentClass)
        if not (isinstance(d, BNode) and (d, OWL.oneOf, None) in graph)
    }
    closed = set(graph.subjects(URIRef(f"{BASE}closed")))
    return {n for n in defined | closed if isinstance(n, URIRef)}
