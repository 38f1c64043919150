"""Which classes hold in which complete cells, read off the OWL graph without any reasoner.

With every partition closed, a definition is a truth function of facts. Each class is worked out as
an array of booleans with one axis for every group of facts, of length one where the class does not
depend on it, so that arrays of different classes combine by themselves. Own reading of the OWL:
nothing of the reasoner is used. A second proof shows that HermiT's tables say the same.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from decimal import Decimal
from functools import cached_property
from itertools import chain, product
from typing import Any

import numpy as np
from numpy.typing import NDArray
from ontology_mutants import CLOSED, READING_OF, RELAPSE, local
from rdflib import Graph
from rdflib.collection import Collection
from rdflib.namespace import OWL, RDFS, SKOS, XSD
from rdflib.term import BNode, Node, URIRef

Truth = NDArray[np.bool_]
Option = Mapping[str, Any]  # facts by local name: a local name of a value, a Decimal, or None
Readings = frozenset[str]

COMPARED: dict[Node, Callable[[Decimal, Decimal], bool]] = {
    XSD.maxExclusive: Decimal.__lt__,
    XSD.maxInclusive: Decimal.__le__,
    XSD.minExclusive: Decimal.__gt__,
    XSD.minInclusive: Decimal.__ge__,
}


EMPTY: Mapping[Node, Truth] = {}


class UndefinedError(ValueError):
    """Say that a class has no single meaning in the cells: what it lacks, or what it speaks of."""


class Cells:
    """A product of axes; an axis holds the combinations that some facts can take together."""

    def __init__(self, axes: Mapping[str, list[Option]], *, relapses: bool = True) -> None:
        """Keep the axes; ``relapses`` tells whether what is described is a relapse at all."""
        self.axes, self.relapses = axes, relapses
        self.names = list(axes)
        self.axis_of = {fact: name for name, options in axes.items() for fact in options[0]}

    def constant(self, value: bool) -> Truth:
        """Return a truth that depends on nothing."""
        return np.full((1,) * len(self.names), value)

    def along(self, name: str, values: Iterable[bool]) -> Truth:
        """Return a truth that depends on one axis."""
        shape = [1] * len(self.names)
        shape[self.names.index(name)] = -1
        return np.array(list(values), dtype=bool).reshape(shape)

    def where(self, fact: str, test: Callable[[Any], bool]) -> Truth:
        """Return the cells in which a fact passes a test."""
        if not self.relapses:
            return self.constant(False)
        if fact not in self.axis_of:
            raise UndefinedError(f"{fact} is no fact that the text lets the answer rest on")
        name = self.axis_of[fact]
        return self.along(name, (test(option[fact]) for option in self.axes[name]))

    def lift(
        self, plain: Mapping[str, tuple[str, Callable[[Option], Any]]], rule: Callable[..., Any]
    ) -> NDArray[Any]:
        """Put every combination of plain facts through a rule; return what it says of each cell.

        ``plain`` gives for each argument the axis it rests on and how it is read off an option.
        """
        axes = [name for name in self.names if any(name == axis for axis, _ in plain.values())]
        distinct: list[list[tuple[Any, ...]]] = []
        places: list[list[int]] = []
        arguments = list(plain)
        for name in axes:
            mine = [read for axis, read in plain.values() if axis == name]
            seen = [tuple(read(option) for read in mine) for option in self.axes[name]]
            found = list(dict.fromkeys(seen))
            distinct.append(found)
            places.append([found.index(s) for s in seen])
        order = [a for name in axes for a, (axis, _) in plain.items() if axis == name]
        assert sorted(order) == sorted(arguments)
        flat = chain.from_iterable
        values = [rule(**dict(zip(order, flat(c), strict=True))) for c in product(*distinct)]
        found_array = np.array(values).reshape([len(d) for d in distinct])
        for number, taken in enumerate(places):
            found_array = np.take(found_array, taken, axis=number)
        return found_array.reshape([len(self.axes[n]) if n in axes else 1 for n in self.names])


class CellTruth:
    """The truth of every class of a graph in some cells, under some readings."""

    def __init__(
        self, graph: Graph, cells: Cells, readings: Readings, known: Mapping[Node, Truth] = EMPTY
    ) -> None:
        """Keep what is asked, and what is known; the rest is worked out when it is asked for."""
        self.graph, self.cells = graph, cells
        self._known: dict[Node, Truth | None] = {RELAPSE: cells.constant(cells.relapses), **known}
        self._readings = readings
        self._users: dict[Node, set[Node]] = {}
        self._inside: list[Node] = []

    def without(self, graph: Graph, touched: Iterable[Node]) -> CellTruth:
        """Return the truth for a changed graph; what does not rest on a changed class is kept."""
        stale, queue = set[Node](), list(touched)
        while queue:
            node = queue.pop()
            if node not in stale:
                stale.add(node)
                queue += self._users.get(node, ())
        known = {n: t for n, t in self._known.items() if n not in stale and t is not None}
        return CellTruth(graph, self.cells, self._readings, known)

    @cached_property
    def inactive(self) -> set[Node]:
        """Return the classes that belong to a reading which does not hold."""
        return {
            c
            for c, reading in self.graph.subject_objects(READING_OF)
            if str(self.graph.value(reading, SKOS.notation)) not in self._readings
        }

    def holds(self, name: str) -> Truth:
        """Return the cells in which a class holds, by its local name."""
        return self.named(URIRef(str(RELAPSE).replace("Relapse", name)))

    def named(self, node: Node) -> Truth:
        """Return the cells in which a named class holds.

        Raises:
            UndefinedError: the class has no definition or several, or is defined by itself.
        """
        if self._inside:
            self._users.setdefault(node, set()).add(self._inside[-1])
        if node in self._known:
            known = self._known[node]
            if known is None:
                raise UndefinedError(f"{local(node)} is defined by itself")
            return known
        self._known[node] = None
        self._inside.append(node)
        self._known[node] = found = self._work_out(node)
        self._inside.pop()
        return found

    def _work_out(self, node: Node) -> Truth:
        definitions = list(self.graph.objects(node, OWL.equivalentClass))
        if (node, CLOSED, None) in self.graph:
            if definitions:
                raise UndefinedError(f"{local(node)} is closed and defined")
            clauses = set(self.graph.subjects(RDFS.subClassOf, node))
            for clause in clauses:  # of a reading that does not hold, too: a change may free it
                self._users.setdefault(clause, set()).add(node)
            return self._any([self.named(clause) for clause in clauses - self.inactive])
        if len(definitions) != 1:
            raise UndefinedError(f"{local(node)} has {len(definitions)} definitions")
        return self.expression(definitions[0])

    def expression(self, node: Node) -> Truth:
        """Return the cells in which a class expression holds."""
        if isinstance(node, URIRef):
            return self.named(node)
        said = {p: o for p, o in self.graph.predicate_objects(node) if str(p).startswith(str(OWL))}
        match said:
            case {OWL.complementOf: part}:
                return ~self.expression(part)
            case {OWL.unionOf: head}:
                return self._any([self.expression(n) for n in Collection(self.graph, head)])
            case {OWL.intersectionOf: head}:
                parts = [self.expression(n) for n in Collection(self.graph, head)]
                return ~self._any([~part for part in parts])
            case {OWL.onProperty: prop, OWL.hasValue: value}:
                return self.cells.where(local(prop), local(value).__eq__)
            case {OWL.onProperty: prop, OWL.maxCardinality: _}:
                return ~self.cells.where(local(prop), lambda number: number is not None)
            case {OWL.onProperty: prop, OWL.someValuesFrom: filler}:
                return self.cells.where(local(prop), self._within(filler))
        raise UndefinedError(f"not understood: {said}")

    def _any(self, parts: list[Truth]) -> Truth:
        found = self.cells.constant(False)
        for part in parts:
            found = found | part
        return found

    def _within(self, filler: Node) -> Callable[[Any], bool]:
        """Return the test that a number lies in a range of decimals."""
        limits: list[tuple[Callable[[Decimal, Decimal], bool], Decimal]] = []
        if isinstance(filler, BNode):
            facets = self.graph.value(filler, OWL.withRestrictions)
            assert facets is not None
            for facet in Collection(self.graph, facets):
                for kind, limit in self.graph.predicate_objects(facet):
                    limits.append((COMPARED[kind], Decimal(str(limit))))
        return lambda number: number is not None and all(c(number, b) for c, b in limits)

    def possible(self) -> Truth:
        """Return the cells in which every tie between facts is kept, under the readings."""
        found = self.cells.constant(True)
        for subject, parent in self.graph.subject_objects(RDFS.subClassOf):
            if not isinstance(parent, BNode) or subject == RELAPSE or subject in self.inactive:
                continue
            facts = {self._fact(subject), self._fact(parent)}
            if facts <= self.cells.axis_of.keys():
                found = found & (~self.named(subject) | self.expression(parent))
        return found

    def _fact(self, node: Node) -> str:
        """Return the one fact of a tie's side."""
        if isinstance(node, URIRef):
            definition = self.graph.value(node, OWL.equivalentClass)
            if definition is None:
                raise UndefinedError(f"{local(node)} has no definition")
            return self._fact(definition)
        return local(self.graph.value(node, OWL.onProperty))
